"""Reads the golden pictures, which are plain 8-bit RGBA PNGs, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np


def read_rgba(file: Path) -> np.ndarray[Any, Any]:
    """[height, width, 4] of a non-interlaced 8-bit RGBA PNG."""
    data, at, compressed = file.read_bytes(), 8, b""
    width = height = 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlace) == (8, 6, 0), file
        elif kind == b"IDAT":
            compressed += body
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(compressed), np.uint8).reshape(height, 1 + 4 * width)
    rows = np.zeros((height + 1, 4 * width + 4), np.int64)
    for y in range(height):
        _unfilter(int(raw[y, 0]), raw[y, 1:].astype(np.int64), rows[y], rows[y + 1])
    return rows[1:, 4:].reshape(height, width, 4).astype(np.uint8)


def _unfilter(kind: int, line: np.ndarray[Any, Any], above: np.ndarray[Any, Any], out: np.ndarray[Any, Any]) -> None:
    """Both rows have four leading zeros; see the PNG specification, section 9."""
    for i in range(0, len(line), 4):
        a, b, c = out[i : i + 4], above[i + 4 : i + 8], above[i : i + 4]
        if kind == 0:
            predicted = np.zeros(4, np.int64)
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
        out[i + 4 : i + 8] = (line[i : i + 4] + predicted) % 256
