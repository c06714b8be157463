"""The pixel path in plain NumPy: mask, focal window, Pillow's bicubic resize. Knows no weights and no ONNX."""

from __future__ import annotations

import math
import struct
import zlib

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats

Bytes = npt.NDArray[np.uint8]
_PRECISION_BITS = 32 - 8 - 2


def focal_window(mask: npt.NDArray[np.bool_], expansion: int = 3, minimum: int = 48) -> tuple[int, int, int, int]:
    """top, left, bottom, right of the focal window of a mask [height, width] (published code).

    The minimum applies to the box before it is expanded; clipping shortens the window and never shifts it.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = y1 - y0, x1 - x0
    yc, xc = y0 + height / 2, x0 + width / 2
    height, width = max(height, minimum), max(width, minimum)
    top, left = math.trunc(yc - height / 2), math.trunc(xc - width / 2)
    rest = expansion // 2
    return (
        max(top - rest * height, 0),
        max(left - rest * width, 0),
        min(top + (rest + 1) * height, mask.shape[0]),
        min(left + (rest + 1) * width, mask.shape[1]),
    )


def _coefficients(size: int, target: int) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """First input index and integer weights of every output index: cubic with a = -0.5, widened when downscaling."""
    scale = size / target
    stretch = max(scale, 1.0)
    support = 2.0 * stretch

    def cubic(x: float) -> float:
        x = abs(x)
        if x < 1.0:
            return (1.5 * x - 2.5) * x * x + 1.0
        return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 if x < 2.0 else 0.0

    result = []
    for i in range(target):
        centre = (i + 0.5) * scale
        low, high = max(int(centre - support + 0.5), 0), min(int(centre + support + 0.5), size)
        weights = np.array([cubic((j - centre + 0.5) / stretch) for j in range(low, high)])
        weights /= weights.sum()
        result.append((low, np.floor(weights * (1 << _PRECISION_BITS) + 0.5).astype(np.int64)))
    return result


def resize(plane: Bytes, size: int) -> Bytes:
    """Resizes [height, width] bytes to [size, size] like Pillow's BICUBIC, horizontally first."""
    for _ in range(2):
        taps = _coefficients(plane.shape[1], size)
        wide = np.empty((plane.shape[0], size), np.uint8)
        source = plane.astype(np.int64)
        for i, (low, weights) in enumerate(taps):
            total = source[:, low : low + len(weights)] @ weights + (1 << (_PRECISION_BITS - 1))
            wide[:, i] = np.clip(total >> _PRECISION_BITS, 0, 255)
        plane = np.ascontiguousarray(wide.T)
    return plane


def views(rgba: Bytes, size: int) -> Floats:
    """RGBA [height, width, 4] to [1, 8, size, size]; byte / 127.5 - 1, rounded to float16."""
    mask = rgba[..., 3] > 0
    planes = [*(rgba[..., i] for i in range(3)), mask.astype(np.uint8) * np.uint8(255)]
    top, left, bottom, right = focal_window(mask)
    crops = [it[top:bottom, left:right] for it in planes]
    stacked = np.stack([resize(it, size) for it in (*planes, *crops)])[None]
    value = stacked.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return value.astype(np.float16).astype(np.float32)


def built_in_picture(height: int = 120, width: int = 160) -> Bytes:
    """A generated picture of gradients, stripes and a disc; the mask is the disc."""
    y, x = np.mgrid[0:height, 0:width]
    disc = (y - 0.55 * height) ** 2 + (x - 0.4 * width) ** 2 < (0.22 * height) ** 2
    stripes = ((x + 2 * y) // 9 % 2).astype(bool)
    colours = np.stack([x * 255 // width, y * 255 // height, 255 - (x + y) * 255 // (height + width)], -1)
    colours = np.where((disc & stripes)[..., None], (230, 60, 40), np.where(disc[..., None], (250, 220, 90), colours))
    return np.concatenate([colours, disc[..., None] * 255], -1).astype(np.uint8)


def png(rgba: Bytes) -> bytes:
    """RGBA [height, width, 4] as a PNG file."""
    height, width, _ = rgba.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.tobytes() for row in rgba)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
