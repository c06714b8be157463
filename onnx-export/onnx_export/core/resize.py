"""Resizes planes of bytes in a graph as Pillow's bicubic does; knows no model.

ONNX's antialiased cubic Resize on uint8 equals it except for one level in rare places.
"""

from __future__ import annotations

from onnx_export.core.graph import GraphWriter


def colour_planes(g: GraphWriter, colours: str) -> str:
    """Red, green and blue [3, height, width] of pixels with or without alpha."""
    return str(
        g.node("Transpose", g.node("Slice", colours, g.integers(0), g.integers(3), g.integers(2)), perm=[2, 0, 1])
    )


def bicubic(g: GraphWriter, planes: str, channels: int, size: int) -> str:
    """[channels, height, width] bytes to [1, channels, size, size] bytes, without keeping the aspect ratio."""
    return str(
        g.node(
            "Resize",
            g.node("Unsqueeze", planes, g.integers(0)),
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
