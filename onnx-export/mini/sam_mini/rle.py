"""COCO's compressed run lengths, as the server returns masks."""

from __future__ import annotations

from typing import Any

import numpy as np


def decoded(rle: dict[str, Any]) -> np.ndarray:
    """The mask [H, W] of `{"size": [H, W], "counts": text}`."""
    h, w = rle["size"]
    runs: list[int] = []
    value, shift = 0, 0
    for character in rle["counts"]:
        part = ord(character) - 48
        value |= (part & 31) << shift
        shift += 5
        if not part & 32:
            if part & 16:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value, shift = 0, 0
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(w, h).T
