"""Builds memory.onnx: the embedding and the mask of a frame in, what later frames remember of it out; and
mask_prompt.onnx: a mask that a user gives to what the model makes of it. Knows the structure, no tensor names.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.layers import Linear
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.mask import EPS, map_norm
from onnx_export.sam2.video_parts import FuserLayer, VideoParts

SCALE, BIAS = 20.0, -10.0
"""What masks of 0 to 1 are multiplied by and moved by before they are encoded (published configs)."""


def write_memory(file: Path, parts: VideoParts, precision: Precision, rounded: bool = True) -> None:
    """Writes the graph: the enlarged mask through four convolutions, added to the embedding, through the fuser.

    Parameters
    ----------
    precision
        How weights are stored; the arithmetic is that of float32.
    rounded
        Whether memories are rounded to bfloat16, as the published predictor does.
    """
    config = parts.config
    c, m, grid, side = config.channels, config.memory.channels, config.grid, config.image // 4
    with GraphWriter(file, stored_as(precision), Device.CPU) as g:
        real = TensorProto.FLOAT
        embed = g.input("embed", real, [1, c, grid, grid])
        logits = g.input("logits", real, ["b", 1, side, side])
        prompted = g.input("prompted", TensorProto.INT64, ["b"])
        score = g.input("score", real, ["b", 1])

        x = g.node("Add", _one_by_one(g, embed, parts.memory_features()), _mask(g, parts, logits, prompted))
        for number in range(config.memory.fuser_layers):
            x = _fuse(g, x, parts.fuser_layer(number))
        memory = _one_by_one(g, x, parts.memory_projection())
        away = g.cast(g.node("LessOrEqual", score, g.reals(0.0)), real)
        occluded = g.reals(parts.occluded().reshape(1, m, 1, 1))
        memory = g.node("Add", memory, g.node("Mul", g.node("Unsqueeze", away, g.integers(2, 3)), occluded))
        if rounded:
            memory = g.cast(g.cast(memory, TensorProto.BFLOAT16), real)
        g.output(memory, "memory", real, ["b", m, grid, grid])


def stored_as(precision: Precision) -> Precision:
    """How the weights of the video part are stored: rounding them to 8 bits saves little and costs masks."""
    return Precision.FP32 if precision is Precision.FP32 else Precision.FP16


def _mask(g: GraphWriter, parts: VideoParts, logits: str, prompted: str) -> str:
    """Of a prompted frame the mask, of a tracked one its probabilities, on the embedding's grid: [b, channels, ...]."""
    large = g.node(
        "Resize",
        logits,
        "",
        g.reals(np.array([1, 1, 4, 4], np.float32)),
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    inside = g.cast(g.node("Greater", large, g.reals(0.0)), TensorProto.FLOAT)
    given = g.node("Unsqueeze", g.cast(prompted, TensorProto.BOOL), g.integers(1, 2, 3))
    share = g.node("Where", given, inside, g.node("Sigmoid", large))
    value = g.node("Add", g.node("Mul", share, g.reals(SCALE)), g.reals(BIAS))
    layers, last = parts.mask_downsampler()
    for conv, norm in layers:
        weight, bias = g.stored(conv.weight), g.reals(conv.bias)
        value = g.node("Conv", value, weight, bias, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        value = g.node("Gelu", map_norm(g, value, norm), approximate="none")
    return _one_by_one(g, value, last)


def _fuse(g: GraphWriter, x: str, layer: FuserLayer) -> str:
    c = len(layer.scale)
    weight, bias = g.stored(layer.depthwise.weight), g.reals(layer.depthwise.bias)
    value = g.node("Conv", x, weight, bias, kernel_shape=[7, 7], pads=[3] * 4, group=c)
    value = g.node("Transpose", value, perm=[0, 2, 3, 1])
    value = g.linear(g.layer_norm(value, layer.norm, EPS), layer.fc1)
    value = g.linear(g.node("Gelu", value, approximate="none"), layer.fc2)
    value = g.node("Transpose", g.node("Mul", value, g.reals(layer.scale)), perm=[0, 3, 1, 2])
    return str(g.node("Add", x, value))


def _one_by_one(g: GraphWriter, value: str, layer: Linear) -> str:
    return str(g.node("Conv", value, g.stored(layer.weight[..., None, None]), g.reals(layer.bias), kernel_shape=[1, 1]))


def write_mask_prompt(file: Path, parts: VideoParts) -> None:
    """Writes the graph: a mask in bytes, 0 outside, to the frame's logits, the logits that its pointer is decoded from,
    and the number of pixels inside."""
    size = parts.config.image
    side = size // 4
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        real = TensorProto.FLOAT
        mask = g.input("mask", TensorProto.UINT8, ["height", "width"])
        inside = g.node("Greater", mask, g.constant(np.array(0, np.uint8)))
        given = g.node("Unsqueeze", g.cast(inside, real), g.integers(0, 1))
        square = g.cast(g.node("GreaterOrEqual", _antialiased(g, given, size), g.reals(0.5)), real)
        conv = parts.mask_downsample()
        weight, bias = g.constant(conv.weight), g.reals(conv.bias)
        prompt = g.node("Conv", square, weight, bias, kernel_shape=[4, 4], strides=[4, 4])
        scaled = g.node("Add", g.node("Mul", square, g.reals(SCALE)), g.reals(BIAS))
        g.output(_antialiased(g, scaled, side), "logits", real, [1, 1, side, side])
        g.output(prompt, "prompt", real, [1, 1, side, side])
        g.output(g.node("ReduceSum", square, g.integers(1, 2, 3), keepdims=0), "inside", real, [1])


def _antialiased(g: GraphWriter, value: str, size: int) -> str:
    return str(
        g.node(
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
    )
