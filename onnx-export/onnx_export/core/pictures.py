"""A generated picture, Pillow's bicubic resize in plain NumPy, and PNG files; knows no model."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
_PRECISION_BITS = 32 - 8 - 2


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
