"""The eight input channels of a picture and a mask, exactly as the server computes them.

Needs Pillow below 12.2, whose bicubic passes run in the order that the published weights were trained with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

MINIMUM = 48
"""Minimum side of the box in pixels, before it is expanded."""


@dataclass(frozen=True)
class FocalWindow:
    """Half-open pixel bounds of the focal crop."""

    x0: int
    y0: int
    x1: int
    y1: int


def focal_window(mask: np.ndarray) -> FocalWindow:
    """The window of a mask [H, W]: its box, at least 48 px, expanded three times and clipped."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if rows.size == 0:
        raise ValueError("the mask is empty")
    height, width = mask.shape
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    w, h = float(x1 - x0), float(y1 - y0)
    xc, yc = x0 + w / 2, y0 + h / 2
    w, h = max(w, MINIMUM), max(h, MINIMUM)
    left, top = int(xc - w / 2), int(yc - h / 2)  # toward zero
    w, h = int(w), int(h)
    return FocalWindow(max(left - w, 0), max(top - h, 0), min(left + 2 * w, width), min(top + 2 * h, height))


def pixel_bytes(picture: Image.Image, mask: np.ndarray, size: int) -> np.ndarray:
    """Bytes [8, size, size]: full RGB, full mask, crop RGB, crop mask, each resized separately."""
    soft = Image.fromarray((mask > 0).astype(np.uint8) * 255)
    window = focal_window(mask)
    box = (window.x0, window.y0, window.x1, window.y1)
    planes = []
    for p, m in ((picture, soft), (picture.crop(box), soft.crop(box))):
        planes.append(np.asarray(p.resize((size, size), Image.Resampling.BICUBIC)).transpose(2, 0, 1))
        planes.append(np.asarray(m.resize((size, size), Image.Resampling.BICUBIC))[None])
    return np.concatenate(planes)


LEVELS = (np.arange(256, dtype=np.float32) / np.float32(127.5) - 1).astype(np.float16).astype(np.float32)
"""The value of each byte: u8 / 127.5 - 1 in float32, rounded to float16."""
