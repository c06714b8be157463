"""Builds preprocess.onnx: RGBA bytes and a focal window in, the eight-channel views out. Knows nothing of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.precision import Device, Precision


def write_preprocess(file: Path, size: int, round_to_half: bool = True) -> None:
    """Writes the graph.

    Picture and window are resized on their own, without keeping the aspect, as bytes: ONNX's antialiased cubic Resize
    on uint8 is Pillow's bicubic but for one level in rare places. Then value = byte / 127.5 - 1, rounded to float16
    (published code).

    Parameters
    ----------
    size
        Side of a view in pixels.
    round_to_half
        Only tests switch it off, to show that it matters.
    """
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        rgba = g.input("rgba", TensorProto.UINT8, ["height", "width", 4])
        window = g.input("window", TensorProto.INT64, [4])
        colours = g.node("Slice", rgba, g.integers(0), g.integers(3), g.integers(2))
        alpha = g.node("Slice", rgba, g.integers(3), g.integers(4), g.integers(2))
        mask = g.node(
            "Where",
            g.cast(alpha, TensorProto.BOOL),
            g.constant(np.array(255, np.uint8)),
            g.constant(np.array(0, np.uint8)),
        )
        planes = g.node("Transpose", g.node("Concat", colours, mask, axis=2), perm=[2, 0, 1])
        corner = g.node("Slice", window, g.integers(0), g.integers(2), g.integers(0))
        opposite = g.node("Slice", window, g.integers(2), g.integers(4), g.integers(0))
        crop = g.node("Slice", planes, corner, opposite, g.integers(1, 2))
        views = g.node("Concat", _resize(g, planes, size), _resize(g, crop, size), axis=1)
        value = g.cast(views, TensorProto.FLOAT)
        value = g.node("Sub", g.node("Div", value, g.reals(127.5)), g.reals(1.0))
        if round_to_half:
            value = g.cast(g.cast(value, TensorProto.FLOAT16), TensorProto.FLOAT)
        g.output(value, "views", TensorProto.FLOAT, [1, 8, size, size])


def _resize(g: GraphWriter, planes: str, size: int) -> str:
    batch = g.node("Unsqueeze", planes, g.integers(0))
    return str(
        g.node(
            "Resize",
            batch,
            "",
            "",
            g.integers(1, 4, size, size),
            mode="cubic",
            cubic_coeff_a=-0.5,
            antialias=1,
            coordinate_transformation_mode="half_pixel",
            exclude_outside=1,
        )
    )
