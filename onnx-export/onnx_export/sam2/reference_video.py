"""The video part of the model in plain NumPy, float32, straight from the checkpoint: what a bundle is checked against.

Shares no code with the graphs but the tensor names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import ml_dtypes
import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats
from onnx_export.sam2.parts import Conv
from onnx_export.sam2.reference import gelu, layer_norm, linear, softmax_attention
from onnx_export.sam2.video_parts import FuserLayer, MemoryLayer, VideoParts

_EPS, _ATTENTION_EPS = 1e-6, 1e-5


@dataclass(frozen=True)
class Pointers:
    """Pointers [p, channels] of frames at distances ``times`` [p], as shares of the longest distance that is read."""

    values: Floats
    times: Floats


def memory(parts: VideoParts, embed: Floats, logits: Floats, prompted: bool, score: float) -> Floats:
    """What later frames remember of a frame with this embedding, these logits [side, side] and this object score:
    [memory channels, grid, grid], rounded to bfloat16."""
    large = _enlarged(logits, 4)
    with np.errstate(over="ignore"):
        share = (large > 0).astype(np.float32) if prompted else 1 / (1 + np.exp(-large))
    value = (share * 20 - 10)[..., None].astype(np.float32)
    layers, last = parts.mask_downsampler()
    for conv, norm in layers:
        value = gelu(layer_norm(_strided(value, conv), norm, _EPS))
    x = linear(embed.transpose(1, 2, 0), parts.memory_features()) + linear(value, last)
    for number in range(parts.config.memory.fuser_layers):
        x = _fused(x, parts.fuser_layer(number))
    found = linear(x, parts.memory_projection())
    if score <= 0:
        found = found + parts.occluded()
    return np.ascontiguousarray(found.astype(ml_dtypes.bfloat16).astype(np.float32).transpose(2, 0, 1))


def _enlarged(value: Floats, times: int) -> Floats:
    """Bilinear, half-pixel centres, edges repeated."""
    for _ in range(2):
        size = len(value)
        places = np.clip((np.arange(size * times) + 0.5) / times - 0.5, 0, size - 1)
        low = np.minimum(places.astype(np.int64), max(size - 2, 0))
        share = (places - low).astype(np.float32)[:, None]
        value = (value[low] * (1 - share) + value[np.minimum(low + 1, size - 1)] * share).T
    return np.asarray(value, np.float32)


def _strided(x: Floats, conv: Conv) -> Floats:
    """[h, w, in] through a 3x3 convolution of stride 2, padded by 1."""
    h, w, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    found = np.zeros((h // 2, w // 2, len(conv.bias)), np.float32)
    for i in range(3):
        for j in range(3):
            found += padded[i : i + h : 2, j : j + w : 2] @ conv.weight[:, :, i, j].T
    return found + conv.bias


def _fused(x: Floats, layer: FuserLayer) -> Floats:
    h, w, _ = x.shape
    padded = np.pad(x, ((3, 3), (3, 3), (0, 0)))
    around = np.zeros_like(x)
    for i in range(7):
        for j in range(7):
            around += padded[i : i + h, j : j + w] * layer.depthwise.weight[:, 0, i, j]
    hidden = layer_norm(around + layer.depthwise.bias, layer.norm, _EPS)
    return x + layer.scale * linear(gelu(linear(hidden, layer.fc1)), layer.fc2)


def attention(
    parts: VideoParts, embed: Floats, memories: Floats, rows: npt.NDArray[np.int64], pointers: Pointers
) -> Floats:
    """The embedding [channels, grid, grid] of a frame after it has read memories [m, memory channels, grid, grid], each
    with its row of the temporal table, and pointers."""
    config = parts.config
    c, m, grid = config.channels, config.memory.channels, config.grid
    cells = memories.reshape(len(memories), m, -1).transpose(0, 2, 1)
    placed = cells + _sine(grid, m) + parts.memory_rows()[rows][:, None]
    tokens = pointers.values.reshape(-1, m)
    half = np.arange(c // 2)
    angles = (pointers.times[:, None] / 10000 ** (2 * (half // 2) / len(half))).astype(np.float32)
    timed = linear(np.concatenate([np.sin(angles), np.cos(angles)], -1), parts.pointer_time())
    timed = tokens + timed.repeat(c // m, 0)
    values = np.concatenate([cells.reshape(-1, m), tokens])
    x = embed.reshape(c, -1).T + np.float32(0.1) * _sine(grid, c)
    for number in range(config.memory.layers):
        x = _attended(parts, parts.memory_layer(number), x, placed, timed, values)
    return np.ascontiguousarray(layer_norm(x, parts.memory_norm(), _ATTENTION_EPS).T.reshape(c, grid, grid))


def _attended(
    parts: VideoParts, layer: MemoryLayer, x: Floats, placed: Floats, timed: Floats, values: Floats
) -> Floats:
    def turned(value: Floats) -> Floats:
        return _turned(value, parts.config.grid, parts.config.memory.theta)

    own, to = layer.own, layer.to_memories
    normed = layer_norm(x, layer.norms[0], _ATTENTION_EPS)
    q, k = turned(linear(normed, own.q)), turned(linear(normed, own.k))
    x = x + linear(softmax_attention(q, k, linear(normed, own.v), 1), own.out)
    normed = layer_norm(x, layer.norms[1], _ATTENTION_EPS)
    keys = np.concatenate([*(turned(linear(it, to.k)) for it in placed), linear(timed, to.k)])
    found = softmax_attention(turned(linear(normed, to.q)), keys, linear(values, to.v), 1)
    x = x + linear(found, to.out)
    normed = layer_norm(x, layer.norms[2], _ATTENTION_EPS)
    return x + linear(np.maximum(linear(normed, layer.mlp[0]), 0), layer.mlp[1])


def _sine(grid: int, width: int) -> Floats:
    """Where each cell is: [grid * grid, width]."""
    half = width // 2
    found = np.empty((grid, grid, width), np.float32)
    for j in range(half):
        wave = math.sin if j % 2 == 0 else math.cos
        for i in range(grid):
            place = (i + 1) / (grid + 1e-6) * 2 * math.pi
            found[i, :, j] = found[:, i, half + j] = wave(place / 10000 ** (2 * (j // 2) / half))
    return found.reshape(grid * grid, width)


def _turned(value: Floats, grid: int, theta: float) -> Floats:
    """Rotary positions of cells [grid * grid, width]: the first half of the pairs turns with the column."""
    width = value.shape[1]
    speeds = theta ** (-4 * np.arange(width // 4) / width)
    row, column = np.divmod(np.arange(grid * grid), grid)
    angles = np.concatenate([column[:, None] * speeds, row[:, None] * speeds], -1)
    pairs = value.reshape(len(value), -1, 2)
    numbers = pairs[..., 0] + 1j * pairs[..., 1]
    turned = numbers * np.exp(1j * angles)
    return np.stack([turned.real, turned.imag], -1).reshape(value.shape).astype(np.float32)


__all__ = ["Pointers", "attention", "memory"]
