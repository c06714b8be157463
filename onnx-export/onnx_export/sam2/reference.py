"""The model in plain NumPy, float32, straight from the checkpoint: what a bundle is checked against.

Reads one layer at a time, and shares no code with the graphs but the tensor names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.sam2.config import Block
from onnx_export.sam2.parts import Attention, Conv, Mlp, Parts, TrunkBlock, TwoWay

_EPS, _TWO_WAY_EPS = 1e-6, 1e-5
_GRID = np.linspace(-6, 6, 1 << 17)
_ERF = np.array([math.erf(it) for it in _GRID])


@dataclass(frozen=True)
class Features:
    """What the encoder computes: maps [width, side, side], and the stages' own [side, side, width]."""

    feat_s0: Floats
    feat_s1: Floats
    embed: Floats
    stages: tuple[Floats, ...]


@dataclass(frozen=True)
class Prompt:
    """Points [k, 2] in pixels of the model with labels [k], the last -1; logits [side, side] of an earlier mask."""

    points: Floats
    labels: npt.NDArray[np.int64]
    mask: Floats | None = None


@dataclass(frozen=True)
class Masks:
    """Logits [4, side, side], predicted IoU [4], object score, pointers [4, channels], and both parts of the prompt.

    ``tokens`` [4, channels] and ``seen`` [cells, channels] are the two sides of the transformer after its last layer.
    """

    masks: Floats
    iou: Floats
    score: float
    pointers: Floats
    tokens: Floats
    seen: Floats
    sparse: Floats
    dense: Floats


def linear(x: Floats, layer: Linear) -> Floats:
    return x @ layer.weight.T + layer.bias


def layer_norm(x: Floats, norm: Norm, eps: float) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    variance = np.square(centred).mean(-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(eps)) * norm.weight + norm.bias, np.float32)


def gelu(x: Floats) -> Floats:
    """The exact one; erf between 131,072 points is off by 2e-10."""
    return np.asarray(np.float32(0.5) * x * (1 + np.interp(x / np.sqrt(2), _GRID, _ERF).astype(np.float32)))


def softmax_attention(q: Floats, k: Floats, v: Floats, heads: int) -> Floats:
    """[queries, width] and [keys, width] to [queries, width], one head at a time to save memory."""
    result, size = np.empty((len(q), v.shape[1]), np.float32), q.shape[1] // heads
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = (q[:, part] * np.float32(size**-0.5)) @ k[:, part].T
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        result[:, part] = (weights @ v[:, part]) / weights.sum(-1, keepdims=True)
    return result


# ---- the image encoder


def picture(parts: Parts, pixels: Floats, tick: Callable[[str], None] = lambda _: None) -> Features:
    """Every stage of the encoder for pixels [3, S, S]."""
    config = parts.config
    x = _patches(parts, pixels)
    stages = []
    for number, shape in enumerate(config.trunk.blocks(config.image)):
        x = _trunk_block(x, parts.trunk_block(number), shape)
        if shape.ends_stage:
            stages.append(x)
        tick(f"reference {number}")
    necks = [linear(stage, parts.neck(i)) for i, stage in enumerate(stages)]
    embed = necks[2] + necks[3].repeat(2, 0).repeat(2, 1)
    fine, middle = (linear(necks[i], parts.skip(i)) for i in (0, 1))
    feat_s0, feat_s1, embed = (np.ascontiguousarray(it.transpose(2, 0, 1)) for it in (fine, middle, embed))
    return Features(feat_s0, feat_s1, embed, tuple(stages))


def _patches(parts: Parts, pixels: Floats) -> Floats:
    conv, side = parts.patch_embedding(), parts.config.image // 4
    padded = np.pad(pixels, ((0, 0), (3, 3), (3, 3)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (7, 7), (1, 2))[:, ::4, ::4]
    rows = seen.transpose(1, 2, 0, 3, 4).reshape(side * side, -1)
    found = (rows @ conv.weight.reshape(len(conv.bias), -1).T + conv.bias).reshape(side, side, -1)
    everywhere, window = (it[0].transpose(1, 2, 0) for it in parts.positions())
    times = side // len(window)
    enlarge = _cubic(len(everywhere), side)
    large = np.einsum("ya,xb,abd->yxd", enlarge, enlarge, everywhere.astype(np.float64))
    return np.asarray(found + large.astype(np.float32) + np.tile(window, (times, times, 1)), np.float32)


def _cubic(size: int, target: int) -> npt.NDArray[np.float64]:
    """The matrix [target, size] of a bicubic enlargement, a = -0.75, half-pixel centres, edges repeated."""
    a, result = -0.75, np.zeros((target, size))
    for i in range(target):
        centre = (i + 0.5) * size / target - 0.5
        first = math.floor(centre)
        for j in range(first - 1, first + 3):
            t = abs(centre - j)
            near = ((a + 2) * t - (a + 3)) * t * t + 1
            weight = near if t <= 1 else ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
            result[i, min(max(j, 0), size - 1)] += weight
    return result


def _pool(x: Floats) -> Floats:
    """[h, w, d] to half of both, the largest of four."""
    h, w, d = x.shape
    return np.asarray(x.reshape(h // 2, 2, w // 2, 2, d).max((1, 3)))


def _trunk_block(x: Floats, block: TrunkBlock, shape: Block) -> Floats:
    y = layer_norm(x, block.norm1, _EPS)
    shortcut = x if block.widen is None else linear(y, block.widen)
    if shape.pools:
        shortcut = _pool(shortcut)
    window, side = shape.window, shape.side
    padded = -(-side // window) * window
    y = np.pad(y, ((0, padded - side), (0, padded - side), (0, 0)))
    small = window // 2 if shape.pools else window
    joined = np.empty((padded // window * small, padded // window * small, shape.width), np.float32)
    for i in range(padded // window):
        for j in range(padded // window):
            cells = y[i * window : (i + 1) * window, j * window : (j + 1) * window]
            q, k, v = (linear(cells, it) for it in (block.q, block.k, block.v))
            if shape.pools:
                q = _pool(q)
            q, k, v = (it.reshape(-1, shape.width) for it in (q, k, v))
            attended = softmax_attention(q, k, v, shape.heads).reshape(small, small, -1)
            joined[i * small : (i + 1) * small, j * small : (j + 1) * small] = attended
    x = shortcut + linear(joined[: len(shortcut), : len(shortcut)], block.out)
    return x + linear(gelu(linear(layer_norm(x, block.norm2, _EPS), block.fc1)), block.fc2)


# ---- prompts and masks


def mask(parts: Parts, features: Features, prompt: Prompt) -> Masks:
    """Everything that the decoder computes for a picture and one prompt."""
    config = parts.config
    grid, c = config.grid, config.channels
    frequencies = parts.frequencies()

    def encoded(places: Floats) -> Floats:
        angles = np.float32(2 * np.pi) * ((2 * places - 1) @ frequencies)
        return np.concatenate([np.sin(angles), np.cos(angles)], -1)

    known = (prompt.labels >= 0)[:, None]
    placed = encoded((prompt.points + np.float32(0.5)) / np.float32(config.image))
    sparse = np.where(known, placed, np.float32(0)) + parts.point_table()[prompt.labels + 1]
    dense = _dense(parts, prompt)
    cells = np.stack(np.meshgrid(*[(np.arange(grid, dtype=np.float32) + 0.5) / grid] * 2), -1).reshape(-1, 2)
    position = encoded(cells.astype(np.float32))
    k = (features.embed + parts.no_memory()[:, None, None] + dense).reshape(c, -1).T
    t = np.concatenate([parts.tokens(), sparse])
    q, k = transformer(parts.two_way(), t, k, position)
    first, norm, second = parts.upscaling()
    up = _transposed(k.reshape(grid, grid, c), first) + features.feat_s1.transpose(1, 2, 0)
    up = _transposed(gelu(layer_norm(up, norm, _EPS)), second) + features.feat_s0.transpose(1, 2, 0)
    up = gelu(up)
    own = [mlp(q[2 + i], it) for i, it in enumerate(parts.hypernetworks())]
    return Masks(
        masks=np.stack([up @ it for it in own]),
        iou=np.asarray(1 / (1 + np.exp(-mlp(q[1], parts.iou_head()))), np.float32),
        score=float(mlp(q[0], parts.score_head())[0]),
        pointers=mlp(q[2 : 2 + len(own)], parts.pointer_head()),
        tokens=q[2 : 2 + len(own)],
        seen=k,
        sparse=sparse.astype(np.float32),
        dense=dense,
    )


def transformer(two_way: TwoWay, t: Floats, k: Floats, position: Floats) -> tuple[Floats, Floats]:
    """Tokens [t, channels] and a picture [cells, channels] with the positions of its cells, after the last layer."""

    def attend(attention: Attention, query: Floats, key: Floats, value: Floats) -> Floats:
        q, k, v = linear(query, attention.q), linear(key, attention.k), linear(value, attention.v)
        return linear(softmax_attention(q, k, v, two_way.heads), attention.out)

    q = t
    for number, layer in enumerate(two_way.layers):
        one, two, three, four = layer.norms
        alone = attend(layer.own, q, q, q) if number == 0 else q + attend(layer.own, q + t, q + t, q)
        q = layer_norm(alone, one, _TWO_WAY_EPS)
        q = layer_norm(q + attend(layer.to_picture, q + t, k + position, k), two, _TWO_WAY_EPS)
        hidden = np.maximum(linear(q, layer.mlp[0]), 0)
        q = layer_norm(q + linear(hidden, layer.mlp[1]), three, _TWO_WAY_EPS)
        k = layer_norm(k + attend(layer.to_tokens, k + position, q + t, q), four, _TWO_WAY_EPS)
    return layer_norm(q + attend(two_way.last, q + t, k + position, k), two_way.norm, _TWO_WAY_EPS), k


def _dense(parts: Parts, prompt: Prompt) -> Floats:
    """[channels, grid, grid]."""
    grid = parts.config.grid
    if prompt.mask is None:
        row = parts.row("prompt_encoder.no_mask_embed.weight").reshape(-1, 1, 1)
        return np.broadcast_to(row, (len(row), grid, grid)).astype(np.float32)
    first, norm1, second, norm2, last = parts.mask_embedding()
    value = gelu(layer_norm(_halved(prompt.mask[..., None], first), norm1, _EPS))
    value = gelu(layer_norm(_halved(value, second), norm2, _EPS))
    return np.ascontiguousarray(linear(value, last).transpose(2, 0, 1))


def _halved(x: Floats, conv: Conv) -> Floats:
    """[h, w, in] through a 2x2 convolution of stride 2."""
    h, w, d = x.shape
    cells = x.reshape(h // 2, 2, w // 2, 2, d).transpose(0, 2, 4, 1, 3).reshape(h // 2, w // 2, -1)
    return cells @ conv.weight.reshape(len(conv.bias), -1).T + conv.bias


def _transposed(x: Floats, conv: Conv) -> Floats:
    """[h, w, in] through a transposed 2x2 convolution of stride 2."""
    h, w, _ = x.shape
    spread = np.einsum("hwi,ioab->hawbo", x, conv.weight, optimize=True)
    return np.asarray(spread.reshape(2 * h, 2 * w, -1) + conv.bias, np.float32)


def mlp(x: Floats, layers: Mlp) -> Floats:
    for i, layer in enumerate(layers):
        x = linear(np.maximum(x, 0) if i else x, layer)
    return x
