"""Builds pixels.onnx: colour bytes to the encoder's input, resized as bytes like the frames of a video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.layers import Floats
from onnx_export.core.pictures import Bytes, resize
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.pixels import MEAN, STD, normalised


def write_pixels(file: Path, size: int) -> None:
    """Writes the graph of a picture: its colours as [1, 3, size, size]."""
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        colours = g.input("colours", TensorProto.UINT8, ["height", "width", "channels"])
        planes = g.node("Slice", colours, g.integers(0), g.integers(3), g.integers(2))
        batch = g.node("Unsqueeze", g.node("Transpose", planes, perm=[2, 0, 1]), g.integers(0))
        small = g.node(
            "Resize",
            batch,
            "",
            "",
            g.integers(1, 3, size, size),
            mode="cubic",
            cubic_coeff_a=-0.5,
            antialias=1,
            coordinate_transformation_mode="half_pixel",
            exclude_outside=1,
        )
        value = g.node("Div", g.cast(small, TensorProto.FLOAT), g.reals(255.0))
        mean, std = (g.reals(np.array(it, np.float32).reshape(1, 3, 1, 1)) for it in (MEAN, STD))
        g.output(g.node("Div", g.node("Sub", value, mean), std), "pixels", TensorProto.FLOAT, [1, 3, size, size])


def stretched(rgb: Bytes, size: int) -> Floats:
    """The same in NumPy: [height, width, 3] to [3, size, size]."""
    return normalised(np.stack([resize(np.ascontiguousarray(rgb[..., i]), size) for i in range(3)], -1))
