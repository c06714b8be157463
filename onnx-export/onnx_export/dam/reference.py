"""The NumPy reference: the model in float32, directly from the checkpoint. Bundles are checked against it.

Reads one layer at a time, to need little memory; shares only the tensor names with the graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.dam.parts import AttentionBlock, Parts

_ERF = np.vectorize(__import__("math").erf, otypes=[np.float32])


@dataclass(frozen=True)
class VisionStages:
    """image_embeds [n, tokens, hidden], global and regional features [n, patches, vision hidden]."""

    image_embeds: Floats
    global_features: Floats
    regional_features: Floats


Observer = Callable[[str, Floats, Floats], None]
"""Receives the name of a product, its input [t, in], and its weight [out, in]."""


def unobserved(name: str, x: Floats, weight: Floats) -> None:
    """An observer that does nothing."""


def _linear(x: Floats, layer: Linear) -> Floats:
    return x @ layer.weight.T + layer.bias


def _layer_norm(x: Floats, norm: Norm, eps: float) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    variance = np.square(centred).mean(-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(eps)) * norm.weight + norm.bias, np.float32)


def _rms_norm(x: Floats, weight: Floats, eps: float) -> Floats:
    return np.asarray(x / np.sqrt(np.square(x).mean(-1, keepdims=True) + np.float32(eps)) * weight, np.float32)


def _gelu_tanh(x: Floats) -> Floats:
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(np.float32(0.5) * x * (1 + np.tanh(inner)), np.float32)


def _gelu_erf(x: Floats) -> Floats:
    return np.asarray(np.float32(0.5) * x * (1 + _ERF(x / np.float32(np.sqrt(2)))), np.float32)


def _softmax(scores: Floats) -> Floats:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


def _split(x: Floats, heads: int) -> Floats:
    """[t, heads * d] to [heads, t, d]."""
    return x.reshape(x.shape[0], heads, -1).transpose(1, 0, 2)


def _block(
    x: Floats, block: AttentionBlock, name: str, heads: int, eps: float, observe: Observer, other: Floats | None = None
) -> Floats:
    linears = block.linears()

    def linear(kind: str, value: Floats) -> Floats:
        observe(f"{name} {kind}", value, linears[kind].weight)
        return _linear(value, linears[kind])

    query = _layer_norm(x, block.norm1, eps)
    read = query if other is None else other
    q, k, v = (_split(linear(kind, value), heads) for kind, value in (("q", query), ("k", read), ("v", read)))
    weights = _softmax(q @ k.transpose(0, 2, 1) * np.float32(q.shape[-1] ** -0.5))
    attended = linear("out", (weights @ v).transpose(1, 0, 2).reshape(query.shape))
    x = x + np.float32(block.attention_factor) * attended
    hidden = _gelu_tanh(linear("fc1", _layer_norm(x, block.norm2, eps)))
    return x + np.float32(block.mlp_factor) * linear("fc2", hidden)


def _patches(view: Floats, parts: Parts) -> Floats:
    """Patch embeddings of colours and mask [4, S, S], plus positions."""
    v, e = parts.config.vision, parts.embeddings()
    n, p = v.grid, v.patch
    cut = view[:, : n * p, : n * p].reshape(4, n, p, n, p).transpose(1, 3, 0, 2, 4).reshape(n * n, 4, p * p)
    colours = cut[:, :3].reshape(n * n, -1) @ e.patch.weight.reshape(v.hidden, -1).T + e.patch.bias
    mask = cut[:, 3] @ e.mask.weight.reshape(v.hidden, -1).T + e.mask.bias
    return np.asarray(colours + mask + e.position, np.float32)


def _project(features: Floats, parts: Parts) -> Floats:
    v, projector = parts.config.vision, parts.projector()
    even = v.grid + v.grid % 2
    grid = np.zeros((even, even, v.hidden), np.float32)
    grid[: v.grid, : v.grid] = features.reshape(v.grid, v.grid, v.hidden)
    tokens = [
        np.concatenate([grid[2 * i, 2 * j], grid[2 * i, 2 * j + 1], grid[2 * i + 1, 2 * j], grid[2 * i + 1, 2 * j + 1]])
        for j in range(even // 2)
        for i in range(even // 2)
    ]
    normed = _layer_norm(np.stack(tokens), projector.norm, 1e-5)
    return _linear(_gelu_erf(_linear(normed, projector.first)), projector.second)


def vision(
    parts: Parts,
    pixels: Floats,
    tick: Callable[[str], None] = lambda _: None,
    observe: Observer = unobserved,
) -> VisionStages:
    """Every stage of the encoder for views [n, 8, size, size].

    ``observe`` is called for every product of the blocks, "block 0 q" to "context 25 fc2", once per view.
    """
    shape = parts.config.vision
    z = [_patches(frame[:4], parts) for frame in pixels]
    x = [_patches(frame[4:], parts) for frame in pixels]
    for layer in range(shape.used_layers):
        block = parts.vision_block(layer)
        z = [_block(it, block, f"block {layer}", shape.heads, shape.eps, observe) for it in z]
        tick(f"global {layer}")
    for layer in range(shape.used_layers):
        block, context = parts.vision_block(layer), parts.context_layer(layer)
        for i in range(len(x)):
            x[i] = _block(x[i], block, f"block {layer}", shape.heads, shape.eps, observe)
            heads, eps = parts.config.context.heads, parts.config.context.eps
            x[i] = _block(x[i], context, f"context {layer}", heads, eps, observe, other=z[i])
        tick(f"regional {layer}")
    features = [z[i] if np.array_equal(frame[:4], frame[4:]) else x[i] for i, frame in enumerate(pixels)]
    embeds = [_project(it, parts) for it in features]
    return VisionStages(np.stack(embeds), np.stack(z), np.stack(features))


def _rotate(x: Floats, cosines: Floats, sines: Floats) -> Floats:
    """Half-split rotary embedding of [heads, t, d]."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], -1)


def decode(
    parts: Parts,
    embeds: Floats,
    tick: Callable[[str], None] = lambda _: None,
    last: int = 0,
    observe: Observer = unobserved,
) -> Floats:
    """Logits [last, vocab] of the last positions of spliced embeddings [t, hidden]; all positions if last is 0.

    ``observe`` is called for every product of the layers, "layer 0 q" to "layer 31 down".
    """
    d = parts.config.decoder
    count = embeds.shape[0]
    exponents = np.arange(0, d.head_dim, 2, dtype=np.float32) / np.float32(d.head_dim)
    angles = np.arange(count, dtype=np.float32)[:, None] / np.power(np.float32(d.rope_theta), exponents)
    cosines, sines = np.cos(angles, dtype=np.float32), np.sin(angles, dtype=np.float32)
    hidden = np.triu(np.full((count, count), -np.inf, np.float32), 1)
    x: Floats = embeds.astype(np.float32)
    for index in range(d.layers):
        layer = parts.decoder_layer(index)

        def product(name: str, value: Floats, weight: Floats, index: int = index) -> Floats:
            observe(f"layer {index} {name}", value, weight)
            return np.asarray(value @ weight.T, np.float32)

        normed = _rms_norm(x, layer.input_norm, d.eps)
        q = _rotate(_split(product("q", normed, layer.q), d.heads), cosines, sines)
        k = _rotate(_split(product("k", normed, layer.k), d.kv_heads), cosines, sines)
        v = _split(product("v", normed, layer.v), d.kv_heads)
        k, v = (np.repeat(it, d.heads // d.kv_heads, axis=0) for it in (k, v))
        weights = _softmax(q @ k.transpose(0, 2, 1) * np.float32(d.head_dim**-0.5) + hidden)
        x = x + product("o", (weights @ v).transpose(1, 0, 2).reshape(count, -1), layer.o)
        normed = _rms_norm(x, layer.post_norm, d.eps)
        gate, up = product("gate", normed, layer.gate), product("up", normed, layer.up)
        x = x + product("down", np.asarray(gate / (1 + np.exp(-gate)) * up, np.float32), layer.down)
        tick(f"layer {index}")
    return np.asarray(_rms_norm(x[-last:], parts.final_norm(), d.eps) @ parts.head().T, np.float32)


def splice(parts: Parts, ids: list[int], placeholder: int, image_embeds: Floats) -> Floats:
    """Embeddings of a prompt: tokens from the table, each placeholder replaced by one picture's rows."""
    table: npt.NDArray[np.float32] = parts.token_embeddings()
    pictures = iter(image_embeds)
    rows = [next(pictures) if it == placeholder else table[it][None] for it in ids]
    return np.concatenate(rows)
