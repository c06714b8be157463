"""Builds picture.onnx and region.onnx, which turn colour bytes and masks into eight-channel views. Knows no weights.

A view is the output of ``picture.onnx``, once per picture, followed by that of ``region.onnx``, once per region.
Bytes are resized without keeping the aspect ratio. ONNX's antialiased cubic Resize on uint8 equals Pillow's bicubic
except for one level in rare places. Then value = byte / 127.5 - 1, rounded to float16 (published code).
"""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.precision import Device, Precision


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
        resized = _resize(g, _planes(g, colours), 3, size)
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
        crop = g.node("Concat", _planes(g, colours), inside, axis=0)
        resized = g.node("Concat", _resize(g, whole, 1, size), _resize(g, crop, 4, size), axis=1)
        g.output(_values(g, resized, round_to_half), "region", TensorProto.FLOAT, [1, 5, size, size])


def _planes(g: GraphWriter, colours: str) -> str:
    """Red, green and blue [3, height, width] of pixels with or without alpha."""
    return str(
        g.node("Transpose", g.node("Slice", colours, g.integers(0), g.integers(3), g.integers(2)), perm=[2, 0, 1])
    )


def _values(g: GraphWriter, resized: str, round_to_half: bool) -> str:
    value = g.node("Sub", g.node("Div", g.cast(resized, TensorProto.FLOAT), g.reals(127.5)), g.reals(1.0))
    if round_to_half:
        value = g.cast(g.cast(value, TensorProto.FLOAT16), TensorProto.FLOAT)
    return str(value)


def _resize(g: GraphWriter, planes: str, channels: int, size: int) -> str:
    batch = g.node("Unsqueeze", planes, g.integers(0))
    return str(
        g.node(
            "Resize",
            batch,
            "",
            "",
            g.integers(1, channels, size, size),
            mode="cubic",
            cubic_coeff_a=-0.5,
            antialias=1,
            coordinate_transformation_mode="half_pixel",
            exclude_outside=1,
        )
    )
