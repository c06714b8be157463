"""Builds attention.onnx: the embedding of a frame and memories of others in, the embedding that the mask decoder reads
out. Knows the structure, no tensor names.

One head, as wide as the embedding. Rotary positions turn pairs of channels (2i, 2i + 1) of queries and keys. Products
are sorted so that one half of the channels holds the first of each pair, the other half the second.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import MICROSOFT, GraphWriter
from onnx_export.core.layers import Floats, Linear
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.config import ModelConfig
from onnx_export.sam2.mask import rows_of
from onnx_export.sam2.memory import stored_as
from onnx_export.sam2.video_parts import MemoryLayer, VideoParts

EPS = 1e-5
_QUERY_PARTS = 4
"""Queries look at the memories in this many parts: scores of all at once would take 470 MB for seven memories."""


def sine_positions(grid: int, width: int) -> Floats:
    """[grid * grid, width]: the first half of the channels encodes the row, the second the column."""
    half = width // 2
    places = (np.arange(grid, dtype=np.float64) + 1) / (grid + 1e-6) * 2 * np.pi
    angles = places[:, None] / 10000 ** (2 * (np.arange(half) // 2) / half)
    waves = np.where(np.arange(half) % 2 == 0, np.sin(angles), np.cos(angles))
    rows, columns = np.repeat(waves, grid, 0), np.tile(waves, (grid, 1))
    return np.concatenate([rows, columns], -1).astype(np.float32)


def rotations(grid: int, width: int, theta: float) -> tuple[Floats, Floats]:
    """Cosines and sines [grid * grid, width / 2]: half of the pairs turn with the column, the others with the row."""
    quarter = width // 4
    speeds = theta ** (-4 * np.arange(quarter, dtype=np.float64) / width)
    turns = np.arange(grid)[:, None] * speeds
    angles = np.concatenate([np.tile(turns, (grid, 1)), np.repeat(turns, grid, 0)], -1)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def write_attention(file: Path, parts: VideoParts, precision: Precision) -> None:
    """Writes the graph. There may be no pointers.

    Parameters
    ----------
    precision
        How weights are stored; the arithmetic is that of float32.
    """
    config = parts.config
    c, m, grid = config.channels, config.memory.channels, config.grid
    with GraphWriter(file, stored_as(precision), Device.CPU) as g:
        real = TensorProto.FLOAT
        embed = g.input("embed", real, [1, c, grid, grid])
        memories = g.input("memories", real, ["m", m, grid, grid])
        ages = g.input("rows", TensorProto.INT64, ["m"])
        pointers = g.input("pointers", real, ["p", c])
        times = g.input("times", real, ["p"])

        cells = rows_of(g, memories, m)
        ages = g.node("Unsqueeze", g.node("Gather", g.constant(parts.memory_rows()), ages), g.integers(1))
        placed = g.node("Add", g.node("Add", cells, g.constant(sine_positions(grid, m))), ages)
        tokens = g.node("Reshape", pointers, g.constant(np.array([-1, m], np.int64)), allowzero=1)
        timed = g.node("Add", tokens, _times(g, parts, times))
        values = g.node("Concat", g.node("Reshape", cells, g.integers(-1, m)), tokens, axis=0)
        values = g.node("Unsqueeze", values, g.integers(0))

        place = g.constant(np.float32(0.1) * sine_positions(grid, c))
        x = g.node("Add", rows_of(g, embed, c), place)
        turn = _Turn(g, config)
        for number in range(config.memory.layers):
            x = _layer(g, config, parts.memory_layer(number), turn, x, placed, timed, values)
        columns = g.node("Transpose", g.layer_norm(x, parts.memory_norm(), EPS), perm=[0, 2, 1])
        g.output(g.node("Reshape", columns, g.integers(1, c, grid, grid)), "features", real, [1, c, grid, grid])


def _times(g: GraphWriter, parts: VideoParts, times: str) -> str:
    """Where the tokens of each pointer are in time: [tokens, memory channels]."""
    c, m = parts.config.channels, parts.config.memory.channels
    half = c // 2
    speeds = 10000 ** (-2 * (np.arange(half) // 2) / half)
    angles = g.node("Mul", g.node("Unsqueeze", times, g.integers(1)), g.constant(speeds.astype(np.float32)))
    waves = g.node("Concat", g.node("Sin", angles), g.node("Cos", angles), axis=-1)
    one = g.node("Unsqueeze", g.linear(waves, parts.pointer_time()), g.integers(1))
    shape = g.node("Concat", g.node("Shape", times), g.integers(c // m, m), axis=0)
    return str(g.node("Reshape", g.node("Expand", one, shape), g.constant(np.array([-1, m], np.int64)), allowzero=1))


class _Turn:
    """Rotary positions of cells [n, grid * grid, channels]."""

    def __init__(self, g: GraphWriter, config: ModelConfig) -> None:
        self._g = g
        cosines, sines = rotations(config.grid, config.channels, config.memory.theta)
        self._cosines, self._sines = g.constant(cosines), g.constant(sines)

    def __call__(self, value: str) -> str:
        g = self._g
        first, second = g.node("Split", value, axis=-1, num_outputs=2, outputs=2)
        left = g.node("Sub", g.node("Mul", first, self._cosines), g.node("Mul", second, self._sines))
        right = g.node("Add", g.node("Mul", first, self._sines), g.node("Mul", second, self._cosines))
        return str(g.node("Concat", left, right, axis=-1))


def _layer(
    g: GraphWriter,
    config: ModelConfig,
    layer: MemoryLayer,
    turn: _Turn,
    x: str,
    placed: str,
    timed: str,
    values: str,
) -> str:
    """x looks at itself, then at the memories, whose keys are ``placed`` in the frame and pointers ``timed``."""
    normed = g.layer_norm(x, layer.norms[0], EPS)
    q, k = (turn(g.linear(normed, _by_halves(it))) for it in (layer.own.q, layer.own.k))
    attended = g.node("MultiHeadAttention", q, k, g.linear(normed, layer.own.v), domain=MICROSOFT, num_heads=1)
    x = g.node("Add", x, g.linear(attended, layer.own.out))

    to = layer.to_memories
    normed = g.layer_norm(x, layer.norms[1], EPS)
    key = g.shared_linear(_by_halves(to.k))
    cells = g.node("Reshape", turn(key(placed)), g.integers(-1, config.channels))
    keys = g.node("Unsqueeze", g.node("Concat", cells, key(timed), axis=0), g.integers(0))
    queries = turn(g.linear(normed, _by_halves(to.q)))
    parts = g.node("Split", queries, axis=1, num_outputs=_QUERY_PARTS, outputs=_QUERY_PARTS)
    # Attention is a mean, so what comes after it may take the values' product in: memories are narrower than values.
    seen = [g.node("MultiHeadAttention", it, keys, values, domain=MICROSOFT, num_heads=1) for it in parts]
    x = g.node("Add", x, g.linear(g.node("Concat", *seen, axis=1), _joined(to.v, to.out)))

    hidden = g.node("Relu", g.linear(g.layer_norm(x, layer.norms[2], EPS), layer.mlp[0]))
    return str(g.node("Add", x, g.linear(hidden, layer.mlp[1])))


def _by_halves(layer: Linear) -> Linear:
    """The same outputs, even ones first."""
    return Linear(*(np.concatenate([it[0::2], it[1::2]]) for it in (layer.weight, layer.bias)))


def _joined(first: Linear, second: Linear) -> Linear:
    """Both as one product."""
    outer = second.weight.astype(np.float64)
    weight, bias = outer @ first.weight, outer @ first.bias + second.bias
    return Linear(weight.astype(np.float32), bias.astype(np.float32))


__all__ = ["EPS", "rotations", "sine_positions", "write_attention"]
