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
from onnx_export.decoder.reference import Observer, softmax, split_heads, unobserved

_ERF = np.vectorize(__import__("math").erf, otypes=[np.float32])


@dataclass(frozen=True)
class VisionStages:
    """image_embeds [n, tokens, hidden], global and regional features [n, patches, vision hidden]."""

    image_embeds: Floats
    global_features: Floats
    regional_features: Floats


def _linear(x: Floats, layer: Linear) -> Floats:
    return x @ layer.weight.T + layer.bias


def _layer_norm(x: Floats, norm: Norm, eps: float) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    variance = np.square(centred).mean(-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(eps)) * norm.weight + norm.bias, np.float32)


def _gelu_tanh(x: Floats) -> Floats:
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(np.float32(0.5) * x * (1 + np.tanh(inner)), np.float32)


def _gelu_erf(x: Floats) -> Floats:
    return np.asarray(np.float32(0.5) * x * (1 + _ERF(x / np.float32(np.sqrt(2)))), np.float32)


def _block(
    x: Floats, block: AttentionBlock, name: str, heads: int, eps: float, observe: Observer, other: Floats | None = None
) -> Floats:
    linears = block.linears()

    def linear(kind: str, value: Floats) -> Floats:
        observe(f"{name} {kind}", value, linears[kind].weight)
        return _linear(value, linears[kind])

    query = _layer_norm(x, block.norm1, eps)
    read = query if other is None else other
    q, k, v = (split_heads(linear(kind, value), heads) for kind, value in (("q", query), ("k", read), ("v", read)))
    weights = softmax(q @ k.transpose(0, 2, 1) * np.float32(q.shape[-1] ** -0.5))
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


def splice(parts: Parts, ids: list[int], placeholder: int, image_embeds: Floats) -> Floats:
    """Embeddings of a prompt: tokens from the table, each placeholder replaced by one picture's rows."""
    table: npt.NDArray[np.float32] = parts.decoder.token_embeddings()
    pictures = iter(image_embeds)
    rows = [next(pictures) if it == placeholder else table[it][None] for it in ids]
    return np.concatenate(rows)
