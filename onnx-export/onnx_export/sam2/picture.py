"""Builds picture.onnx: pixels in, what the mask decoder needs of a picture out. Knows the structure, no tensor names.

Maps are rows [cells, width], row by row, so that every product is one matrix product over all cells.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import MICROSOFT, GraphWriter
from onnx_export.core.layers import Linear
from onnx_export.core.precision import Device, Precision, Zero
from onnx_export.sam2.config import Block
from onnx_export.sam2.parts import Parts, TrunkBlock

EPS = 1e-6

Map = tuple[str, int, int]
"""A map's rows [1, side * side, width], its side and its width."""


def write_picture(
    file: Path, parts: Parts, precision: Precision, device: Device, tick: Callable[[str], None] = lambda _: None
) -> None:
    """Writes the graph: trunk of four stages, neck, and the decoder's convolutions of the two larger maps.

    With int8 the trunk's matrix products are quantised, weights with one scale per output and activations with one per
    cell; convolutions and neck are not.

    Parameters
    ----------
    tick
        Called after each block.
    """
    config = parts.config
    with GraphWriter(file, precision, device) as g:
        pixels = g.input("pixels", TensorProto.FLOAT, [1, 3, config.image, config.image])
        x, side = _embedding(g, parts, pixels), config.image // 4
        stages: list[Map] = []
        for number, shape in enumerate(config.trunk.blocks(config.image)):
            x = _block(g, x, parts.trunk_block(number), shape)
            side = shape.side // 2 if shape.pools else shape.side
            if shape.ends_stage:
                stages.append((x, side, shape.width))
            tick(f"block {number}")
        fine, grid, c = _fine_maps(g, parts, stages), config.grid, config.channels
        embed = g.node("Add", _linear(g, stages[2][0], parts.neck(2)), _doubled(g, parts, stages[3]))
        outputs = [*((it, f"feat_s{i}") for i, it in enumerate(fine)), ((embed, grid, c), "embed")]
        for (rows, side, width), name in outputs:
            columns = g.node("Transpose", rows, perm=[0, 2, 1])
            value = g.node("Reshape", columns, g.integers(1, width, side, side))
            g.output(g.cast(value, TensorProto.FLOAT), name, TensorProto.FLOAT, [1, width, side, side])
        for number, (rows, side, width) in enumerate(stages, 1):
            value = g.cast(g.node("Reshape", rows, g.integers(1, side, side, width)), TensorProto.FLOAT)
            g.output(value, f"stage{number}", TensorProto.FLOAT, [1, side, side, width])


def _embedding(g: GraphWriter, parts: Parts, pixels: str) -> str:
    """Patches through a convolution of stride 4, plus positions; positions are small and enlarged when it is loaded."""
    width, side = parts.config.trunk.stages[0].width, parts.config.image // 4
    conv = parts.patch_embedding()
    if g.device is Device.CUDA:
        pixels = g.cast(pixels, TensorProto.FLOAT16)
    patches = g.node(
        "Conv", pixels, g.stored(conv.weight), g.reals(conv.bias), kernel_shape=[7, 7], strides=[4, 4], pads=[3] * 4
    )
    everywhere, window = parts.positions()
    large = g.node(
        "Resize",
        g.constant(everywhere),
        "",
        "",
        g.integers(1, width, side, side),
        mode="cubic",
        cubic_coeff_a=-0.75,
        coordinate_transformation_mode="half_pixel",
        exclude_outside=0,
    )
    times = side // window.shape[-1]
    position = g.node("Add", large, g.node("Tile", g.constant(window), g.integers(1, 1, times, times)))
    if g.device is Device.CUDA:
        position = g.cast(position, TensorProto.FLOAT16)
    placed = g.node("Reshape", g.node("Add", patches, position), g.integers(1, width, side * side))
    return str(g.node("Transpose", placed, perm=[0, 2, 1]))


def _block(g: GraphWriter, x: str, block: TrunkBlock, shape: Block) -> str:
    """x = shortcut + Attention(LN1 x); x += MLP(LN2 x)."""
    normed = g.layer_norm(x, block.norm1, EPS)
    shortcut = x
    if block.widen:
        shortcut = _product(g, normed, block.widen)
        if shape.pools:
            shortcut = _pooled(g, shortcut, 1, shape.side, shape.width)
    attended = _windowed(g, normed, block, shape)
    x = g.node("Add", shortcut, attended)
    hidden = g.node("Gelu", _product(g, g.layer_norm(x, block.norm2, EPS), block.fc1), approximate="none")
    return str(g.node("Add", x, _product(g, hidden, block.fc2, Zero.LOW)))


def _windowed(g: GraphWriter, normed: str, block: TrunkBlock, shape: Block) -> str:
    """Attention within windows; cells that pad the map take part as zeros."""
    window, side = shape.window, shape.side
    across = -(-side // window)
    rows = _cut(g, normed, shape.before, side, across, window)
    q, k, v = (_product(g, rows, it) for it in (block.q, block.k, block.v))
    if shape.pools:
        q = _pooled(g, q, across * across, window, shape.width)
        window, side = window // 2, side // 2
    attended = g.node("MultiHeadAttention", q, k, v, domain=MICROSOFT, num_heads=shape.heads)
    return _joined(g, _product(g, attended, block.out), shape.width, side, across, window)


def _cut(g: GraphWriter, rows: str, width: int, side: int, across: int, window: int) -> str:
    """[1, side * side, width] to [windows, window * window, width]."""
    if across == 1 and side == window:
        return rows
    grid = rows
    if (missing := across * window - side) > 0:
        grid = g.node("Reshape", rows, g.integers(side, side, width))
        grid = g.node("Pad", grid, g.integers(0, 0, 0, missing, missing, 0))
    cells = g.node("Reshape", grid, g.integers(across, window, across, window, width))
    together = g.node("Transpose", cells, perm=[0, 2, 1, 3, 4])
    return str(g.node("Reshape", together, g.integers(across * across, window * window, width)))


def _joined(g: GraphWriter, rows: str, width: int, side: int, across: int, window: int) -> str:
    """The inverse; what padded the map is cut off."""
    padded = across * window
    if across == 1 and side == window:
        return rows
    cells = g.node("Reshape", rows, g.integers(across, across, window, window, width))
    grid = g.node("Reshape", g.node("Transpose", cells, perm=[0, 2, 1, 3, 4]), g.integers(padded, padded, width))
    if padded > side:
        grid = g.node("Slice", grid, g.integers(0, 0), g.integers(side, side), g.integers(0, 1))
    return str(g.node("Reshape", grid, g.integers(1, side * side, width)))


def _pooled(g: GraphWriter, rows: str, count: int, side: int, width: int) -> str:
    """The largest of each 2x2 cells: [count, side * side, width] to a quarter of the cells."""
    half = side // 2
    pairs = g.node("Reshape", rows, g.integers(count * half, 2, half, 2 * width))
    below = g.node("ReduceMax", pairs, g.integers(1), keepdims=0)
    beside = g.node("Reshape", below, g.integers(count, half * half, 2, width))
    return str(g.node("ReduceMax", beside, g.integers(2), keepdims=0))


def _product(g: GraphWriter, rows: str, layer: Linear, zero: Zero = Zero.MIDDLE) -> str:
    """A linear layer of the trunk, stored as the precision says."""
    if not g.precision.quantised:
        return _linear(g, rows, layer)
    return str(g.node("Add", g.shared_matmul_per_token(layer.weight, zero)(rows), g.reals(layer.bias)))


def _linear(g: GraphWriter, rows: str, layer: Linear) -> str:
    return str(g.node("Add", g.node("MatMul", rows, g.stored(layer.weight.T)), g.reals(layer.bias)))


def _fine_maps(g: GraphWriter, parts: Parts, stages: list[Map]) -> list[Map]:
    """The two larger maps for the decoder. Neck and the decoder's 1x1 convolution are one product."""
    found = []
    for level in (0, 1):
        rows, side, _ = stages[level]
        neck, skip = parts.neck(level), parts.skip(level)
        outer = skip.weight.astype(np.float64)
        both = Linear((outer @ neck.weight).astype(np.float32), (outer @ neck.bias + skip.bias).astype(np.float32))
        found.append((_linear(g, rows, both), side, len(both.bias)))
    return found


def _doubled(g: GraphWriter, parts: Parts, last: Map) -> str:
    """The last stage through its neck, each cell four times."""
    rows, side, _ = last
    c = parts.config.channels
    cells = g.node("Reshape", _linear(g, rows, parts.neck(3)), g.integers(side, 1, side, 1, c))
    doubled = g.node("Expand", cells, g.integers(side, 2, side, 2, c))
    return str(g.node("Reshape", doubled, g.integers(1, 4 * side * side, c)))


def quantised_products(parts: Parts) -> int:
    """How many matrix products int8 quantises."""
    blocks = parts.config.trunk.blocks(parts.config.image)
    return sum(6 + (it.before != it.width) for it in blocks)


__all__ = ["EPS", "quantised_products", "write_picture"]
