"""Builds mask.onnx: a picture's features and prompts in, masks out. Knows the structure, no tensor names.

Always in float32: it is a fiftieth of the work, and positions lose too much in 16 bits. Layers of the transformer have
an epsilon of their own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import MICROSOFT, GraphWriter
from onnx_export.core.layers import Floats, Norm
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.parts import MASK_TOKENS, Attention, Conv, Mlp, Parts, TwoWay, TwoWayLayer

EPS = 1e-6
TWO_WAY_EPS = 1e-5


def positions(frequencies: Floats, grid: int) -> Floats:
    """The encoding [grid * grid, channels] of the centre of each cell."""
    centres = (np.arange(grid, dtype=np.float32) + np.float32(0.5)) / np.float32(grid)
    x, y = np.meshgrid(centres, centres)
    angles = np.float32(2 * np.pi) * ((2 * np.stack([x, y], -1).reshape(-1, 2) - 1) @ frequencies)
    return np.concatenate([np.sin(angles), np.cos(angles)], -1).astype(np.float32)


def write_mask(file: Path, parts: Parts) -> None:
    """Writes the graph: prompt encoder, two-way transformer, enlargement, heads.

    Sequences of one run have equally many points; the caller adds the one of label -1 that ends a prompt.
    """
    config = parts.config
    c, grid, side = config.channels, config.grid, config.image // 4
    with GraphWriter(file, Precision.FP32, Device.CPU) as g:
        real = TensorProto.FLOAT
        features = g.input("features", real, [1, c, grid, grid])
        no_memory = g.input("no_memory", real, [1])
        fine = g.input("feat_s0", real, [1, c // 8, side, side])
        middle = g.input("feat_s1", real, [1, c // 4, side // 2, side // 2])
        points = g.input("points", real, ["b", "k", 2])
        labels = g.input("labels", TensorProto.INT64, ["b", "k"])
        mask = g.input("mask", real, ["b", 1, side, side])
        has_mask = g.input("has_mask", TensorProto.INT64, ["b"])

        sparse = _points(g, parts, points, labels)
        dense = _dense(g, parts, mask, has_mask)
        without = g.node("Mul", no_memory, g.reals(parts.no_memory()[:, None, None]))
        picture = rows_of(g, g.node("Add", g.node("Add", features, without), dense), c)
        tokens = g.node("Concat", _repeated(g, parts.tokens(), labels), sparse, axis=1)
        position = positions(parts.frequencies(), grid)
        queries, picture = transformer(g, parts.two_way(), position, tokens, picture)
        masks = _masks(g, parts, queries, picture, middle, fine)

        masks_tokens = _some(g, queries, 2, 2 + MASK_TOKENS)
        iou = g.node("Sigmoid", _mlp(g, _one(g, queries, 1), parts.iou_head()))
        score = _mlp(g, _one(g, queries, 0), parts.score_head())
        for value, name, shape in (
            (masks, "masks", [MASK_TOKENS, side, side]),
            (iou, "iou", [MASK_TOKENS]),
            (score, "score", [1]),
            (_mlp(g, masks_tokens, parts.pointer_head()), "pointers", [MASK_TOKENS, c]),
            (masks_tokens, "tokens", [MASK_TOKENS, c]),
            (picture, "seen", [grid * grid, c]),
            (sparse, "sparse", ["k", c]),
            (dense, "dense", [c, grid, grid]),
        ):
            g.output(value, name, real, ["b", *shape])
        g.output(g.constant(parts.row("no_object_pointer")[0]), "no_object_pointer", real, [c])


def _points(g: GraphWriter, parts: Parts, points: str, labels: str) -> str:
    """Position plus what the label stands for; a point of label -1 has no position."""
    scaled = g.node("Div", g.node("Add", points, g.reals(0.5)), g.reals(float(parts.config.image)))
    centred = g.node("Sub", g.node("Mul", scaled, g.reals(2.0)), g.reals(1.0))
    angles = g.node("Mul", g.node("MatMul", centred, g.constant(parts.frequencies())), g.reals(2 * np.pi))
    position = g.node("Concat", g.node("Sin", angles), g.node("Cos", angles), axis=-1)
    placed = g.cast(g.node("GreaterOrEqual", labels, g.constant(np.array(0, np.int64))), TensorProto.FLOAT)
    position = g.node("Mul", position, g.node("Unsqueeze", placed, g.integers(2)))
    kind = g.node("Gather", g.constant(parts.point_table()), g.node("Add", labels, g.constant(np.array(1, np.int64))))
    return str(g.node("Add", position, kind))


def _dense(g: GraphWriter, parts: Parts, mask: str, has_mask: str) -> str:
    """An earlier mask's logits on the embedding's grid, or the embedding of none: [b, channels, grid, grid]."""
    first, norm1, second, norm2, last = parts.mask_embedding()
    value = mask
    for conv, norm in ((first, norm1), (second, norm2)):
        value = g.node("Conv", value, g.constant(conv.weight), g.reals(conv.bias), kernel_shape=[2, 2], strides=[2, 2])
        value = g.node("Gelu", map_norm(g, value, norm), approximate="none")
    given = g.node("Conv", value, g.constant(last.weight[..., None, None]), g.reals(last.bias), kernel_shape=[1, 1])
    none = g.reals(parts.row("prompt_encoder.no_mask_embed.weight").reshape(1, -1, 1, 1))
    chosen = g.node("Unsqueeze", g.cast(has_mask, TensorProto.BOOL), g.integers(1, 2, 3))
    return str(g.node("Where", chosen, given, none))


def map_norm(g: GraphWriter, value: str, norm: Norm) -> str:
    """LayerNorm over the channels of a map."""
    last = g.layer_norm(g.node("Transpose", value, perm=[0, 2, 3, 1]), norm, EPS)
    return str(g.node("Transpose", last, perm=[0, 3, 1, 2]))


def rows_of(g: GraphWriter, value: str, channels: int) -> str:
    return str(g.node("Transpose", g.node("Reshape", value, g.integers(0, channels, -1)), perm=[0, 2, 1]))


def _repeated(g: GraphWriter, tokens: Floats, labels: str) -> str:
    """[t, channels] for each prompt."""
    count = g.node("Slice", g.node("Shape", labels), g.integers(0), g.integers(1))
    shape = g.node("Concat", count, g.integers(*tokens.shape), axis=0)
    return str(g.node("Expand", g.constant(tokens[None]), shape))


def transformer(g: GraphWriter, two_way: TwoWay, position: Floats, tokens: str, picture: str) -> tuple[str, str]:
    """Tokens and picture look at each other in each layer, then the tokens once more.

    Parameters
    ----------
    position
        Of each row of the picture, [rows, channels].
    """
    placed = g.constant(position)
    queries = tokens
    for number, layer in enumerate(two_way.layers):
        queries, picture = _two_way(g, two_way.heads, layer, queries, picture, tokens, placed, first=number == 0)
    seen = g.node("Add", picture, placed)
    attended = _attend(g, two_way.heads, two_way.last, g.node("Add", queries, tokens), seen, picture)
    return g.layer_norm(g.node("Add", queries, attended), two_way.norm, TWO_WAY_EPS), picture


def _two_way(
    g: GraphWriter,
    heads: int,
    layer: TwoWayLayer,
    queries: str,
    picture: str,
    tokens: str,
    position: str,
    first: bool,
) -> tuple[str, str]:
    def norm(value: str, number: int) -> str:
        return g.layer_norm(value, layer.norms[number], TWO_WAY_EPS)

    if first:  # neither residual nor position
        queries = norm(_attend(g, heads, layer.own, queries, queries, queries), 0)
    else:
        placed = g.node("Add", queries, tokens)
        queries = norm(g.node("Add", queries, _attend(g, heads, layer.own, placed, placed, queries)), 0)
    seen = g.node("Add", picture, position)
    placed = g.node("Add", queries, tokens)
    queries = norm(g.node("Add", queries, _attend(g, heads, layer.to_picture, placed, seen, picture)), 1)
    hidden = g.node("Relu", g.linear(queries, layer.mlp[0]))
    queries = norm(g.node("Add", queries, g.linear(hidden, layer.mlp[1])), 2)
    placed = g.node("Add", queries, tokens)
    return queries, norm(g.node("Add", picture, _attend(g, heads, layer.to_tokens, seen, placed, queries)), 3)


def _attend(g: GraphWriter, heads: int, attention: Attention, q: str, k: str, v: str) -> str:
    projected = (g.linear(value, layer) for value, layer in ((q, attention.q), (k, attention.k), (v, attention.v)))
    attended = g.node("MultiHeadAttention", *projected, domain=MICROSOFT, num_heads=heads)
    return g.linear(attended, attention.out)


def _masks(g: GraphWriter, parts: Parts, queries: str, picture: str, middle: str, fine: str) -> str:
    """The enlarged picture times what each mask token says of it: [b, 4, side, side]."""
    c, grid = parts.config.channels, parts.config.grid
    first, norm, second = parts.upscaling()
    value = g.node("Reshape", g.node("Transpose", picture, perm=[0, 2, 1]), g.integers(0, c, grid, grid))
    value = g.node("Add", _transposed(g, value, first), middle)
    value = g.node("Gelu", map_norm(g, value, norm), approximate="none")
    value = g.node("Gelu", g.node("Add", _transposed(g, value, second), fine), approximate="none")
    networks = parts.hypernetworks()
    # The four networks side by side: [4, b, in] times [4, in, out].
    own = g.node("Transpose", _some(g, queries, 2, 2 + MASK_TOKENS), perm=[1, 0, 2])
    for i in range(3):
        if i:
            own = g.node("Relu", own)
        weight = g.constant(np.stack([it[i].weight.T for it in networks]))
        own = g.node("Add", g.node("MatMul", own, weight), g.constant(np.stack([it[i].bias[None] for it in networks])))
    own = g.node("Transpose", own, perm=[1, 0, 2])
    product = g.node("MatMul", own, g.node("Reshape", value, g.integers(0, c // 8, -1)))
    return str(g.node("Reshape", product, g.integers(0, MASK_TOKENS, 4 * grid, 4 * grid)))


def _transposed(g: GraphWriter, value: str, conv: Conv) -> str:
    return str(
        g.node("ConvTranspose", value, g.constant(conv.weight), g.reals(conv.bias), kernel_shape=[2, 2], strides=[2, 2])
    )


def _some(g: GraphWriter, queries: str, first: int, end: int) -> str:
    return str(g.node("Slice", queries, g.integers(first), g.integers(end), g.integers(1)))


def _one(g: GraphWriter, queries: str, number: int) -> str:
    return str(g.node("Gather", queries, g.constant(np.array(number, np.int64)), axis=1))


def _mlp(g: GraphWriter, value: str, layers: Mlp) -> str:
    for i, layer in enumerate(layers):
        value = g.linear(g.node("Relu", value) if i else value, layer)
    return value
