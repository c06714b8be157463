"""Builds picture.onnx and region.onnx, which turn colour bytes and masks into eight-channel views. Knows no weights.

A view is the output of ``picture.onnx``, once per picture, followed by that of ``region.onnx``, once per region.
Bytes are resized without keeping the aspect ratio. Then value = byte / 127.5 - 1, rounded to float16 (published code).
"""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.precision import Device, Precision
from onnx_export.core.resize import bicubic, colour_planes


def write_picture(file: Path, size: int, round_to_half: bool = True) -> None:
    """Writes the graph of a whole picture: its colours as [1, 3, size, size].

    Parameters
    ----------
    size
        Side of a view in pixels.
    round_to_half
        Tests disable it to show that it matters.
    """
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        colours = g.input("colours", TensorProto.UINT8, ["height", "width", "channels"])
        resized = bicubic(g, colour_planes(g, colours), 3, size)
        g.output(_values(g, resized, round_to_half), "picture", TensorProto.FLOAT, [1, 3, size, size])


def write_region(file: Path, size: int, round_to_half: bool = True) -> None:
    """Writes the graph of a region: its mask, then the colours and the mask of its focal window, [1, 5, size, size].

    Its inputs are the colours of the window and the mask of the whole picture, 255 inside and 0 outside.
    """
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        colours = g.input("colours", TensorProto.UINT8, ["window_height", "window_width", "channels"])
        mask = g.input("mask", TensorProto.UINT8, ["height", "width"])
        window = g.input("window", TensorProto.INT64, [4])
        whole = g.node("Unsqueeze", mask, g.integers(0))
        corner = g.node("Slice", window, g.integers(0), g.integers(2), g.integers(0))
        opposite = g.node("Slice", window, g.integers(2), g.integers(4), g.integers(0))
        inside = g.node("Slice", whole, corner, opposite, g.integers(1, 2))
        crop = g.node("Concat", colour_planes(g, colours), inside, axis=0)
        resized = g.node("Concat", bicubic(g, whole, 1, size), bicubic(g, crop, 4, size), axis=1)
        g.output(_values(g, resized, round_to_half), "region", TensorProto.FLOAT, [1, 5, size, size])


def _values(g: GraphWriter, resized: str, round_to_half: bool) -> str:
    value = g.node("Sub", g.node("Div", g.cast(resized, TensorProto.FLOAT), g.reals(127.5)), g.reals(1.0))
    if round_to_half:
        value = g.cast(g.cast(value, TensorProto.FLOAT16), TensorProto.FLOAT)
    return str(value)
