"""Pixels of a picture in plain NumPy: resized as bytes like the frames of a video, then normalised."""

from __future__ import annotations

import numpy as np

from onnx_export.core.layers import Floats
from onnx_export.core.pictures import Bytes, resize
from onnx_export.sam2.pixels import normalised


def stretched(rgb: Bytes, size: int) -> Floats:
    """[height, width, 3] to [3, size, size]."""
    return normalised(np.stack([resize(np.ascontiguousarray(rgb[..., i]), size) for i in range(3)], -1))
