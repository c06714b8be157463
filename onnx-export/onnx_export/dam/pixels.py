"""The pixel path in plain NumPy: mask, focal window, views. Knows no weights and no ONNX."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats
from onnx_export.core.pictures import Bytes, resize


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


def views(rgba: Bytes, size: int) -> Floats:
    """RGBA [height, width, 4] to [1, 8, size, size]; byte / 127.5 - 1, rounded to float16."""
    mask = rgba[..., 3] > 0
    planes = [*(rgba[..., i] for i in range(3)), mask.astype(np.uint8) * np.uint8(255)]
    top, left, bottom, right = focal_window(mask)
    crops = [it[top:bottom, left:right] for it in planes]
    stacked = np.stack([resize(it, size) for it in (*planes, *crops)])[None]
    value = stacked.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return value.astype(np.float16).astype(np.float32)
