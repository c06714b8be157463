"""Builds vision.onnx: views in, image embeddings out. Knows the encoder's structure, not the checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import MICROSOFT, GraphWriter
from onnx_export.core.layers import Linear
from onnx_export.core.per_token import zero_of
from onnx_export.core.precision import Device, Precision, Zero
from onnx_export.dam.parts import AttentionBlock, Parts

PROJECTOR_EPS = 1e-5


def write_vision(
    file: Path,
    parts: Parts,
    precision: Precision,
    device: Device,
    per_token: frozenset[str] = frozenset(),
    tick: Callable[[str], None] = lambda _: None,
) -> None:
    """Writes the graph: global pass, regional pass with gated cross-attention, the crop-is-full rule, projector.

    Parameters
    ----------
    file
        The .onnx file; weights go beside it.
    per_token
        The products that are quantised per token, by their names in reference.vision.
    tick
        Called after each block.
    """
    shape = parts.config.vision
    with GraphWriter(file, precision, device) as g:
        views = g.input("views", TensorProto.FLOAT, ["n", 8, shape.image, shape.image])
        whole = g.node("Slice", views, g.integers(0), g.integers(4), g.integers(1))
        crop = g.node("Slice", views, g.integers(4), g.integers(8), g.integers(1))
        embed = _embedding(g, parts)
        tick("embedding")
        z, x = embed(whole), embed(crop)
        # Both passes share one copy of each block's weights, so the whole global pass comes first.
        blocks = []
        for layer in range(shape.used_layers):
            block = Block(g, parts.vision_block(layer), shape.heads, shape.eps, _of(per_token, f"block {layer}"))
            z = block.self_attention(z)
            blocks.append(block)
            tick(f"block {layer}")
        for layer, block in enumerate(blocks):
            x = block.self_attention(x)
            context = Block(
                g,
                parts.context_layer(layer),
                parts.config.context.heads,
                parts.config.context.eps,
                _of(per_token, f"context {layer}"),
            )
            x = context.cross_attention(x, z)
            tick(f"context {layer}")
        features = _whole_where_crop_is_whole(g, whole, crop, z, x)
        embeds = _projector(g, parts, features)
        tick("projector")
        patches = shape.grid * shape.grid
        for value, name, rows, size in (
            (embeds, "image_embeds", shape.tokens, parts.config.decoder.hidden),
            (z, "global_features", patches, shape.hidden),
            (features, "regional_features", patches, shape.hidden),
        ):
            wide = g.cast(value, TensorProto.FLOAT) if device is Device.CUDA else value
            g.output(wide, name, TensorProto.FLOAT, ["n", rows, size])


def _of(names: frozenset[str], block: str) -> frozenset[str]:
    """The names that belong to one block, without the block's prefix."""
    return frozenset(it.removeprefix(block + " ") for it in names if it.startswith(block + " "))


class Block:
    """The weights of one block, written once and applied to several values."""

    def __init__(
        self, g: GraphWriter, block: AttentionBlock, heads: int, eps: float, per_token: frozenset[str]
    ) -> None:
        self._g = g
        self._heads = heads
        self._norm1, self._norm2 = g.shared_layer_norm(block.norm1, eps), g.shared_layer_norm(block.norm2, eps)
        self._q, self._k, self._v, self._out, self._fc1, self._fc2 = (
            SharedLinear(g, layer, zero_of(name) if name in per_token else None)
            for name, layer in block.linears().items()
        )
        self._attention_factor = block.attention_factor
        self._mlp_factor = block.mlp_factor

    def self_attention(self, x: str) -> str:
        """x += SelfAttention(LN1 x); x += MLP(LN2 x)."""
        normed = self._norm1(x)
        x = self._g.node("Add", x, self._attend(normed, normed))
        return str(self._g.node("Add", x, self._mlp(self._norm2(x))))

    def cross_attention(self, x: str, z: str) -> str:
        """x += factor * CrossAttention(LN1 x, z); x += factor * MLP(LN2 x); z is not normalised."""
        attended = self._attend(self._norm1(x), z)
        x = self._g.node("Add", x, self._scaled(attended, self._attention_factor))
        return str(self._g.node("Add", x, self._scaled(self._mlp(self._norm2(x)), self._mlp_factor)))

    def _scaled(self, value: str, factor: float) -> str:
        return str(self._g.node("Mul", value, self._g.reals(factor)))

    def _attend(self, query: str, other: str) -> str:
        attended = self._g.node(
            "MultiHeadAttention",
            self._q(query),
            self._k(other),
            self._v(other),
            domain=MICROSOFT,
            num_heads=self._heads,
        )
        return self._out(attended)

    def _mlp(self, value: str) -> str:
        return self._fc2(str(self._g.node("Gelu", self._fc1(value), approximate="tanh")))


class SharedLinear:
    """A linear layer whose weight is written once and may be applied repeatedly."""

    def __init__(self, g: GraphWriter, layer: Linear, per_token: Zero | None) -> None:
        self._g = g
        self._apply = (
            g.shared_matmul_per_token(layer.weight, per_token)
            if per_token is not None
            else g.shared_matmul(layer.weight)
        )
        self._bias = g.reals(layer.bias)

    def __call__(self, value: str) -> str:
        return str(self._g.node("Add", self._apply(value), self._bias))


def _embedding(g: GraphWriter, parts: Parts) -> Callable[[str], str]:
    """Patch embeddings of colours and mask, plus positions: [n, 4, S, S] -> [n, grid*grid, hidden]."""
    shape = parts.config.vision
    e = parts.embeddings()
    weight = g.stored(np.concatenate([e.patch.weight, e.mask.weight], axis=1))
    bias = g.reals(e.patch.bias + e.mask.bias)
    position = g.reals(e.position)

    def embed(view: str) -> str:
        if g.device is Device.CUDA:
            view = g.cast(view, TensorProto.FLOAT16)
        patches = g.node("Conv", view, weight, bias, kernel_shape=[shape.patch] * 2, strides=[shape.patch] * 2)
        rows = g.node("Reshape", patches, g.integers(0, shape.hidden, -1))
        return str(g.node("Add", g.node("Transpose", rows, perm=[0, 2, 1]), position))

    return embed


def _whole_where_crop_is_whole(g: GraphWriter, whole: str, crop: str, z: str, x: str) -> str:
    """Frames whose two views are equal use their global features (published code)."""
    equal = g.cast(g.node("Equal", whole, crop), TensorProto.FLOAT)
    every = g.node("ReduceMin", equal, g.integers(1, 2, 3), keepdims=0)
    frame = g.node("Unsqueeze", g.cast(every, TensorProto.BOOL), g.integers(1, 2))
    return str(g.node("Where", frame, z, x))


def _projector(g: GraphWriter, parts: Parts, features: str) -> str:
    """Concatenates 2x2 neighbours, column-major over the pairs; then LayerNorm, Linear, exact GELU, Linear."""
    shape = parts.config.vision
    even = shape.grid + shape.grid % 2
    half = even // 2
    projector = parts.projector()
    grid = g.node("Reshape", features, g.integers(0, shape.grid, shape.grid, shape.hidden))
    if even != shape.grid:
        grid = g.node("Pad", grid, g.integers(0, 0, 0, 0, 0, 1, 1, 0))
    pairs = g.node("Reshape", grid, g.integers(-1, half, 2, half, 2, shape.hidden))
    columns_first = g.node("Transpose", pairs, perm=[0, 3, 1, 2, 4, 5])
    wide = g.node("Reshape", columns_first, g.integers(-1, half * half, 4 * shape.hidden))
    value = g.layer_norm(wide, projector.norm, PROJECTOR_EPS)
    value = g.node("Gelu", g.linear(value, projector.first), approximate="none")
    return g.linear(value, projector.second)
