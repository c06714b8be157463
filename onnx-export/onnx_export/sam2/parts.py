"""Groups a checkpoint's tensors into the layers that graphs and reference are made of; knows their names and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.core.tensors import TensorFolder
from onnx_export.sam2.config import ModelConfig, load_config, refuse_pickle

MASK_TOKENS = 4
"""One for a single mask, three for the candidates."""


@dataclass(frozen=True)
class TrunkBlock:
    """A block of the trunk; ``widen`` only where the width changes."""

    norm1: Norm
    q: Linear
    k: Linear
    v: Linear
    out: Linear
    norm2: Norm
    fc1: Linear
    fc2: Linear
    widen: Linear | None


@dataclass(frozen=True)
class Conv:
    """A convolution: weight [out, in, k, k], or [in, out, k, k] if it is transposed; bias [out]."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Attention:
    """The four projections of an attention of the mask decoder."""

    q: Linear
    k: Linear
    v: Linear
    out: Linear


@dataclass(frozen=True)
class TwoWayLayer:
    """A layer of the mask decoder's transformer, between tokens and picture."""

    own: Attention
    to_picture: Attention
    to_tokens: Attention
    norms: tuple[Norm, Norm, Norm, Norm]
    mlp: tuple[Linear, Linear]


@dataclass(frozen=True)
class TwoWay:
    """A transformer between tokens and picture, of so many heads."""

    heads: int
    layers: tuple[TwoWayLayer, ...]
    last: Attention
    norm: Norm


Mlp = tuple[Linear, Linear, Linear]
"""Three layers with ReLU between."""


class Parts:
    """Layers of a checkpoint, read on demand and not kept.

    Parameters
    ----------
    folder
        ``config.json`` and ``model.safetensors``, or shards with an index.
    """

    def __init__(self, folder: Path) -> None:
        refuse_pickle(folder)
        self.config: ModelConfig = load_config(folder)
        self._tensors = TensorFolder(folder)

    def tensor(self, name: str, *shape: int) -> Floats:
        """One tensor as float32."""
        return self._tensors.read(name, shape)

    def linear(self, name: str, out: int, into: int, kernel: Sequence[int] = ()) -> Linear:
        """A linear layer, or a 1x1 convolution as one."""
        weight = self.tensor(f"{name}.weight", out, into, *kernel)
        return Linear(weight.reshape(out, into), self.tensor(f"{name}.bias", out))

    def norm(self, name: str, size: int) -> Norm:
        """A LayerNorm."""
        return Norm(self.tensor(f"{name}.weight", size), self.tensor(f"{name}.bias", size))

    def conv(self, name: str, out: int, into: int, side: int, transposed: bool = False) -> Conv:
        """A convolution."""
        first, second = (into, out) if transposed else (out, into)
        return Conv(self.tensor(f"{name}.weight", first, second, side, side), self.tensor(f"{name}.bias", out))

    # ---- the image encoder

    def patch_embedding(self) -> Conv:
        """Pixels to the first map."""
        return self.conv("vision_encoder.backbone.patch_embed.projection", self.config.trunk.stages[0].width, 3, 7)

    def positions(self) -> tuple[Floats, Floats]:
        """The position map [1, d, b, b], to be enlarged, and that of a window [1, d, w, w], to be tiled."""
        trunk = self.config.trunk
        width, window, background = trunk.stages[0].width, trunk.stages[0].window, trunk.background
        return (
            self.tensor("vision_encoder.backbone.pos_embed", 1, width, background, background),
            self.tensor("vision_encoder.backbone.pos_embed_window", 1, width, window, window),
        )

    def trunk_block(self, number: int) -> TrunkBlock:
        """One block of the trunk."""
        shape = self.config.trunk.blocks(self.config.image)[number]
        name, before, width = f"vision_encoder.backbone.blocks.{number}", shape.before, shape.width
        qkv = self.linear(f"{name}.attn.qkv", 3 * width, before)
        q, k, v = (Linear(qkv.weight[i : i + width], qkv.bias[i : i + width]) for i in range(0, 3 * width, width))
        return TrunkBlock(
            norm1=self.norm(f"{name}.layer_norm1", before),
            q=q,
            k=k,
            v=v,
            out=self.linear(f"{name}.attn.proj", width, width),
            norm2=self.norm(f"{name}.layer_norm2", width),
            fc1=self.linear(f"{name}.mlp.proj_in", 4 * width, width),
            fc2=self.linear(f"{name}.mlp.proj_out", width, 4 * width),
            widen=self.linear(f"{name}.proj", width, before) if width != before else None,
        )

    def neck(self, stage: int) -> Linear:
        """A stage's map to the embedding's width. The checkpoint counts from the last stage."""
        stages = self.config.trunk.stages
        name = f"vision_encoder.neck.convs.{len(stages) - 1 - stage}"
        return self.linear(name, self.config.channels, stages[stage].width, (1, 1))

    def skip(self, level: int) -> Linear:
        """What the decoder adds while it enlarges: level 0 at a quarter of the picture's side, 1 at an eighth."""
        c = self.config.channels
        return self.linear(f"mask_decoder.conv_s{level}", c // (8 >> level), c, (1, 1))

    # ---- prompts

    def frequencies(self) -> Floats:
        """The matrix [2, channels / 2] of the random Fourier features."""
        name = "shared_image_embedding.positional_embedding"
        return self.tensor(name, 2, self.config.channels // 2)

    def point_table(self) -> Floats:
        """[5, channels]: no point, point outside, point inside, the two corners of a box."""
        c = self.config.channels
        return np.concatenate(
            [
                self.tensor("prompt_encoder.not_a_point_embed.weight", 1, c),
                self.tensor("prompt_encoder.point_embed.weight", 4, c),
            ]
        )

    def row(self, name: str) -> Floats:
        """One learned embedding [1, channels]."""
        return self.tensor(name, 1, self.config.channels)

    def no_memory(self) -> Floats:
        """What frames without memory add to the embedding, [channels]."""
        return self.tensor("no_memory_embedding", 1, 1, self.config.channels).reshape(-1)

    def mask_embedding(self) -> tuple[Conv, Norm, Conv, Norm, Linear]:
        """An earlier mask to the embedding's grid."""
        name, c = "prompt_encoder.mask_embed", self.config.channels
        return (
            self.conv(f"{name}.conv1", 4, 1, 2),
            self.norm(f"{name}.layer_norm1", 4),
            self.conv(f"{name}.conv2", 16, 4, 2),
            self.norm(f"{name}.layer_norm2", 16),
            self.linear(f"{name}.conv3", c, 16, (1, 1)),
        )

    # ---- the mask decoder

    def tokens(self) -> Floats:
        """[6, channels]: object score, predicted IoU, four masks."""
        masks = self.tensor("mask_decoder.mask_tokens.weight", MASK_TOKENS, self.config.channels)
        names = ("mask_decoder.obj_score_token.weight", "mask_decoder.iou_token.weight")
        return np.concatenate([*(self.row(it) for it in names), masks])

    def attention(self, name: str, inner: int, key: int | None = None) -> Attention:
        """An attention ``inner`` wide, whose keys come from ``key`` channels."""
        c = self.config.channels
        q, k, v = (self.linear(f"{name}.{it}_proj", inner, c if it == "q" else key or c) for it in "qkv")
        return Attention(q, k, v, self.linear(f"{name}.o_proj", c, inner))

    def two_way_layer(self, number: int) -> TwoWayLayer:
        """One layer of the transformer."""
        name, c, d = f"mask_decoder.transformer.layers.{number}", self.config.channels, self.config.decoder
        one, two, three, four = (self.norm(f"{name}.layer_norm{i}", c) for i in range(1, 5))
        return TwoWayLayer(
            own=self.attention(f"{name}.self_attn", c),
            to_picture=self.attention(f"{name}.cross_attn_token_to_image", d.inner),
            to_tokens=self.attention(f"{name}.cross_attn_image_to_token", d.inner),
            norms=(one, two, three, four),
            mlp=(self.linear(f"{name}.mlp.proj_in", d.mlp, c), self.linear(f"{name}.mlp.proj_out", c, d.mlp)),
        )

    def last_attention(self) -> tuple[Attention, Norm]:
        """The tokens' last look at the picture, and the norm after it."""
        name = "mask_decoder.transformer"
        return (
            self.attention(f"{name}.final_attn_token_to_image", self.config.decoder.inner),
            self.norm(f"{name}.layer_norm_final_attn", self.config.channels),
        )

    def two_way(self) -> TwoWay:
        """The whole transformer."""
        d = self.config.decoder
        return TwoWay(d.heads, tuple(self.two_way_layer(i) for i in range(d.layers)), *self.last_attention())

    def upscaling(self) -> tuple[Conv, Norm, Conv]:
        """The two transposed convolutions and the norm between them."""
        c, name = self.config.channels, "mask_decoder.upscale"
        return (
            self.conv(f"{name}_conv1", c // 4, c, 2, transposed=True),
            self.norm(f"{name}_layer_norm", c // 4),
            self.conv(f"{name}_conv2", c // 8, c // 4, 2, transposed=True),
        )

    def _mlp(self, name: str, out: int, hidden: int) -> Mlp:
        return (
            self.linear(f"{name}.proj_in", hidden, self.config.channels),
            self.linear(f"{name}.layers.0", hidden, hidden),
            self.linear(f"{name}.proj_out", out, hidden),
        )

    def hypernetworks(self) -> list[Mlp]:
        """A mask token to its mask's weights over the enlarged map."""
        c = self.config.channels
        return [self._mlp(f"mask_decoder.output_hypernetworks_mlps.{i}", c // 8, c) for i in range(MASK_TOKENS)]

    def iou_head(self) -> Mlp:
        """The IoU token to the predicted IoU of each mask, before the sigmoid."""
        return self._mlp("mask_decoder.iou_prediction_head", MASK_TOKENS, self.config.decoder.iou_hidden)

    def score_head(self) -> Mlp:
        """The score token to the object score."""
        return self._mlp("mask_decoder.pred_obj_score_head", 1, self.config.channels)

    def pointer_head(self) -> Mlp:
        """A mask token to the object pointer that later frames of a video read."""
        return self._mlp("object_pointer_proj", self.config.channels, self.config.channels)
