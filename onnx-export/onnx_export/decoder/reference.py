"""A decoder in plain NumPy, float32, directly from the checkpoint. Bundles are checked against it.

Reads one layer at a time, to need little memory; shares only the tensor names with the graph.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from onnx_export.core.layers import Floats
from onnx_export.decoder.parts import DecoderParts

Observer = Callable[[str, Floats, Floats], None]
"""Receives the name of a product, its input [t, in], and its weight [out, in]."""


def unobserved(name: str, x: Floats, weight: Floats) -> None:
    """An observer that does nothing."""


def _rms_norm(x: Floats, weight: Floats, eps: float) -> Floats:
    return np.asarray(x / np.sqrt(np.square(x).mean(-1, keepdims=True) + np.float32(eps)) * weight, np.float32)


def softmax(scores: Floats) -> Floats:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


def split_heads(x: Floats, heads: int) -> Floats:
    """[t, heads * d] to [heads, t, d]."""
    return x.reshape(x.shape[0], heads, -1).transpose(1, 0, 2)


def _rotate(x: Floats, cosines: Floats, sines: Floats) -> Floats:
    """Half-split rotary embedding of [heads, t, d]."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], -1)


def decode(
    parts: DecoderParts,
    embeds: Floats,
    tick: Callable[[str], None] = lambda _: None,
    last: int = 0,
    observe: Observer = unobserved,
) -> Floats:
    """Logits [last, vocab] of the last positions of spliced embeddings [t, hidden]; all positions if last is 0.

    ``observe`` is called for every product of the layers, "layer 0 q" to "layer 31 down".
    """
    d = parts.shape
    count = embeds.shape[0]
    exponents = np.arange(0, d.head_dim, 2, dtype=np.float32) / np.float32(d.head_dim)
    angles = np.arange(count, dtype=np.float32)[:, None] / np.power(np.float32(d.rope_theta), exponents)
    cosines, sines = np.cos(angles, dtype=np.float32), np.sin(angles, dtype=np.float32)
    hidden = np.triu(np.full((count, count), -np.inf, np.float32), 1)
    x: Floats = embeds.astype(np.float32)
    for index in range(d.layers):
        layer = parts.layer(index)

        def product(name: str, value: Floats, weight: Floats, index: int = index) -> Floats:
            observe(f"layer {index} {name}", value, weight)
            return np.asarray(value @ weight.T, np.float32)

        normed = _rms_norm(x, layer.input_norm, d.eps)
        q, k, v = product("q", normed, layer.q), product("k", normed, layer.k), product("v", normed, layer.v)
        if d.biased:
            starts = [q.shape[1], q.shape[1] + k.shape[1]]
            q, k, v = (it + bias for it, bias in zip((q, k, v), np.split(layer.qkv_bias, starts), strict=True))
        q = _rotate(split_heads(q, d.heads), cosines, sines)
        k, v = _rotate(split_heads(k, d.kv_heads), cosines, sines), split_heads(v, d.kv_heads)
        k, v = (np.repeat(it, d.heads // d.kv_heads, axis=0) for it in (k, v))
        weights = softmax(q @ k.transpose(0, 2, 1) * np.float32(d.head_dim**-0.5) + hidden)
        x = x + product("o", (weights @ v).transpose(1, 0, 2).reshape(count, -1), layer.o)
        normed = _rms_norm(x, layer.post_norm, d.eps)
        gate, up = product("gate", normed, layer.gate), product("up", normed, layer.up)
        x = x + product("down", np.asarray(gate / (1 + np.exp(-gate)) * up, np.float32), layer.down)
        tick(f"layer {index}")
    return np.asarray(_rms_norm(x[-last:], parts.final_norm(), d.eps) @ parts.head().T, np.float32)
