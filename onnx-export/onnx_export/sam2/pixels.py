"""Builds pixels.onnx and frame.onnx: colour bytes to the encoder's input; and draws the pictures that a bundle is
checked on.

A picture is stretched to a square as floats, bilinear and antialiased; a frame of a video as bytes, bicubic. Then both
are normalised (published code).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.layers import Floats
from onnx_export.core.precision import Device, Precision
from onnx_export.core.resize import bicubic, colour_planes

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
Bytes = npt.NDArray[np.uint8]


def write_pixels(file: Path, size: int) -> None:
    """Writes the graph of a picture: its colours as [1, 3, size, size].

    One channel after the other, so that only one is there as floats in the picture's size.
    """
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        colours = g.input("colours", TensorProto.UINT8, ["height", "width", "channels"])
        sides = g.node("Slice", g.node("Shape", colours), g.integers(0), g.integers(2))
        shape = g.node("Concat", g.integers(1, 1), sides, axis=0)
        planes = []
        for i in range(3):
            plane = g.node("Slice", colours, g.integers(i), g.integers(i + 1), g.integers(2))
            value = g.cast(g.node("Reshape", plane, shape), TensorProto.FLOAT)
            small = g.node(
                "Resize",
                value,
                "",
                "",
                g.integers(1, 1, size, size),
                mode="linear",
                antialias=1,
                coordinate_transformation_mode="half_pixel",
                exclude_outside=1,
            )
            centred = g.node("Sub", g.node("Div", small, g.reals(255.0)), g.reals(MEAN[i]))
            planes.append(g.node("Div", centred, g.reals(STD[i])))
        g.output(g.node("Concat", *planes, axis=1), "pixels", TensorProto.FLOAT, [1, 3, size, size])


def write_frame(file: Path, size: int) -> None:
    """Writes the graph of a frame of a video: its colours as [1, 3, size, size]."""
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        colours = g.input("colours", TensorProto.UINT8, ["height", "width", "channels"])
        value = g.cast(bicubic(g, colour_planes(g, colours), 3, size), TensorProto.FLOAT)
        mean, std = (g.reals(np.array(it, np.float32).reshape(1, 3, 1, 1)) for it in (MEAN, STD))
        centred = g.node("Sub", g.node("Div", value, g.reals(255.0)), mean)
        g.output(g.node("Div", centred, std), "pixels", TensorProto.FLOAT, [1, 3, size, size])


def normalised(rgb: Bytes) -> Floats:
    """Pixels [S, S, 3] of a picture that has the encoder's size, as its input [3, S, S]."""
    value = (rgb.astype(np.float32) / np.float32(255) - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(value.transpose(2, 0, 1))


@dataclass(frozen=True)
class Drawing:
    """A picture [size, size, 3], and of each thing in it a point inside and its box, in pixels."""

    rgb: Bytes
    points: list[tuple[float, float]]
    boxes: list[tuple[float, float, float, float]]


def drawings(size: int, count: int = 2, things: int = 3) -> list[Drawing]:
    """Pictures with discs and rectangles on a shaded ground, the same in every run."""
    random = np.random.default_rng(7)
    return [_drawing(size, things, random) for _ in range(count)]


def _drawing(size: int, things: int, random: np.random.Generator) -> Drawing:
    y, x = np.mgrid[0:size, 0:size] / size
    ground = random.uniform(40, 215, (3, 3))
    rgb = ground[0] + x[..., None] * (ground[1] - ground[0]) * 0.5 + y[..., None] * (ground[2] - ground[0]) * 0.5
    points, boxes = [], []
    for i in range(things):
        # Side by side, so that none hides another.
        cx, cy = (i + 0.5) / things, random.uniform(0.3, 0.7)
        rx, ry = random.uniform(0.25, 0.4, 2) / things
        inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1 if i % 2 else (abs(x - cx) < rx) & (abs(y - cy) < ry)
        colour = (ground[0] + 128 + random.uniform(-40, 40, 3)) % 256
        stripes = 24 * ((x + y) * 12 % 1 > 0.5)
        rgb = np.where(inside[..., None], colour + stripes[..., None] * (i == 0), rgb)
        points.append((cx * size, cy * size))
        boxes.append(((cx - rx) * size, (cy - ry) * size, (cx + rx) * size, (cy + ry) * size))
    noisy = rgb + random.normal(0, 3, rgb.shape)
    return Drawing(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), points, boxes)
