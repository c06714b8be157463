"""Reads the golden pictures, which are plain 8-bit PNGs, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

_CHANNELS = {2: 3, 6: 4}


def read_pixels(file: Path) -> np.ndarray[Any, Any]:
    """[height, width, 3 or 4] of a non-interlaced 8-bit RGB or RGBA PNG."""
    data, at, compressed = file.read_bytes(), 8, b""
    width = height = n = 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, interlace) == (8, 0) and colour in _CHANNELS, file
            n = _CHANNELS[colour]
        elif kind == b"IDAT":
            compressed += body
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(compressed), np.uint8).reshape(height, 1 + n * width)
    rows = np.zeros((height + 1, n * width + n), np.int64)
    for y in range(height):
        _unfilter(int(raw[y, 0]), raw[y, 1:].astype(np.int64), rows[y], rows[y + 1], n)
    return rows[1:, n:].reshape(height, width, n).astype(np.uint8)


def _unfilter(
    kind: int, line: np.ndarray[Any, Any], above: np.ndarray[Any, Any], out: np.ndarray[Any, Any], n: int
) -> None:
    """Both rows have ``n`` leading zeros; see the PNG specification, section 9."""
    for i in range(0, len(line), n):
        a, b, c = out[i : i + n], above[i + n : i + 2 * n], above[i : i + n]
        if kind == 0:
            predicted = np.zeros(n, np.int64)
        elif kind == 1:
            predicted = a
        elif kind == 2:
            predicted = b
        elif kind == 3:
            predicted = (a + b) // 2
        else:
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            predicted = np.where((pa <= pb) & (pa <= pc), a, np.where(pb <= pc, b, c))
        out[i + n : i + 2 * n] = (line[i : i + n] + predicted) % 256
