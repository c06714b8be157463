"""Prompt encoder and mask decoder, for N prompts at once. Maps are [N, H, W, channels]."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .encoder import EPS, Features, attended, pointwise

TWO_WAY_EPS = 1e-5
MASKS = 4
SURPLUS = -2
"""The label of a place in a batch that holds no token; -1 is the token that says so."""


@dataclass(frozen=True)
class Prompts:
    """Points [N, k, 2] in pixels of the model, labels [N, k]; earlier logits [N, S/4, S/4], and who has any [N]."""

    points: Tensor
    labels: Tensor
    masks: Tensor
    has_mask: Tensor


@dataclass(frozen=True)
class Masks:
    """Logits [N, 4, S/4, S/4], predicted IoU [N, 4], object score [N], mask tokens [N, 4, C]."""

    masks: Tensor
    iou: Tensor
    score: Tensor
    tokens: Tensor


class ThreeLayers(nn.Module):
    def __init__(self, width: int, hidden: int, out: int) -> None:
        super().__init__()
        self.proj_in, self.proj_out = nn.Linear(width, hidden), nn.Linear(hidden, out)
        self.layers = nn.ModuleList([nn.Linear(hidden, hidden)])

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.proj_out(F.relu(self.layers[0](F.relu(self.proj_in(x)))))
        return result


class Fourier(nn.Module):
    """Random Fourier features of places in 0..1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("positional_embedding", torch.randn(2, channels // 2))

    def forward(self, places: Tensor) -> Tensor:
        """[..., 2] to [..., C], in float32."""
        with torch.autocast("cpu", enabled=False):
            angles = 2 * math.pi * ((2 * places - 1) @ self.positional_embedding)
            return torch.cat([angles.sin(), angles.cos()], -1)

    def cells(self, n: int) -> Tensor:
        """The codes of a grid's cells, [n * n, C]."""
        i = (torch.arange(n) + 0.5) / n
        places = torch.stack(torch.meshgrid(i, i, indexing="xy"), -1).flatten(0, 1)
        result: Tensor = self(places)
        return result


class MaskEmbedding(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 2, 2), nn.Conv2d(4, 16, 2, 2)
        self.conv3 = nn.Conv2d(16, channels, 1)
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(4, EPS), nn.LayerNorm(16, EPS)

    def forward(self, masks: Tensor) -> Tensor:
        """[N, S/4, S/4] to [N, n, n, C]."""
        x = F.gelu(self.layer_norm1(_halved(self.conv1, masks[..., None])))
        return pointwise(self.conv3, F.gelu(self.layer_norm2(_halved(self.conv2, x))))


class PromptEncoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config.channels
        self.point_embed, self.not_a_point_embed = nn.Embedding(4, c), nn.Embedding(1, c)
        self.no_mask_embed, self.mask_embed = nn.Embedding(1, c), MaskEmbedding(c)

    def tokens(self, prompts: Prompts, fourier: Fourier, image: int) -> Tensor:
        """[N, k, C]; those of surplus places are any."""
        table = torch.cat([self.not_a_point_embed.weight, self.point_embed.weight])
        placed = fourier((prompts.points + 0.5) / image) * (prompts.labels >= 0)[..., None]
        return placed + table[prompts.labels.clamp_min(-1) + 1]

    def dense(self, prompts: Prompts) -> Tensor:
        """[N, n, n, C]."""
        found = self.mask_embed(prompts.masks)
        return torch.where(prompts.has_mask[:, None, None, None], found, self.no_mask_embed.weight.to(found.dtype))


class Attention(nn.Module):
    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, inner) for _ in range(3))
        self.o_proj = nn.Linear(inner, width)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, keep: Tensor | None = None) -> Tensor:
        q, k, v = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, x in ((self.q_proj, q), (self.k_proj, k), (self.v_proj, v))
        )
        joined = attended(q, k, v, keep).transpose(1, 2).flatten(2)
        result: Tensor = self.o_proj(joined)
        return result


class TwoLayers(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.proj_in, self.proj_out = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.proj_out(F.relu(self.proj_in(x)))
        return result


class TwoWayLayer(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c, heads = config.channels, config.decoder_heads
        self.self_attn = Attention(c, c, heads)
        self.cross_attn_token_to_image, self.cross_attn_image_to_token = (Attention(c, c // 2, heads) for _ in range(2))
        self.mlp = TwoLayers(c, config.decoder_mlp)
        self.layer_norm1, self.layer_norm2, self.layer_norm3, self.layer_norm4 = (
            nn.LayerNorm(c, TWO_WAY_EPS) for _ in range(4)
        )

    def forward(
        self, q: Tensor, k: Tensor, t: Tensor, position: Tensor, keep: Tensor, first: bool
    ) -> tuple[Tensor, Tensor]:
        q = self.layer_norm1(self.self_attn(q, q, q, keep) if first else q + self.self_attn(q + t, q + t, q, keep))
        q = self.layer_norm2(q + self.cross_attn_token_to_image(q + t, k + position, k))
        q = self.layer_norm3(q + self.mlp(q))
        k = self.layer_norm4(k + self.cross_attn_image_to_token(k + position, q + t, q, keep))
        return q, k


class TwoWayTransformer(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config.channels
        self.layers = nn.ModuleList(TwoWayLayer(config) for _ in range(2))
        self.final_attn_token_to_image = Attention(c, c // 2, config.decoder_heads)
        self.layer_norm_final_attn = nn.LayerNorm(c, TWO_WAY_EPS)

    def forward(self, t: Tensor, k: Tensor, position: Tensor, keep: Tensor) -> tuple[Tensor, Tensor]:
        q = t
        for i, layer in enumerate(self.layers):
            q, k = layer(q, k, t, position, keep, i == 0)
        q = self.layer_norm_final_attn(q + self.final_attn_token_to_image(q + t, k + position, k))
        return q, k


class MaskDecoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config.channels
        self.obj_score_token, self.iou_token = nn.Embedding(1, c), nn.Embedding(1, c)
        self.mask_tokens = nn.Embedding(MASKS, c)
        self.transformer = TwoWayTransformer(config)
        self.upscale_conv1, self.upscale_conv2 = (
            nn.ConvTranspose2d(c, c // 4, 2, 2),
            nn.ConvTranspose2d(c // 4, c // 8, 2, 2),
        )
        self.upscale_layer_norm = nn.LayerNorm(c // 4, EPS)
        self.conv_s0, self.conv_s1 = nn.Conv2d(c, c // 8, 1), nn.Conv2d(c, c // 4, 1)
        self.output_hypernetworks_mlps = nn.ModuleList(ThreeLayers(c, c, c // 8) for _ in range(MASKS))
        self.iou_prediction_head = ThreeLayers(c, config.iou_hidden, MASKS)
        self.pred_obj_score_head = ThreeLayers(c, c, 1)

    def forward(
        self, features: Features, dense: Tensor, points: Tensor, labels: Tensor, position: Tensor
    ) -> tuple[Tensor, ...]:
        """Logits [N, 4, S/4, S/4], predicted IoU [N, 4], object score [N] and tokens [N, 4, C].

        Parameters
        ----------
        features
            Of B pictures; the embedding may also be that of N prompts. N is a multiple of B, and the prompts of one
            picture follow each other.
        dense
            [N, n, n, C]
        points
            Tokens [N, k, C] with labels [N, k].
        """
        many, n = dense.shape[:2]
        each = many // len(features.embed)
        k = (features.embed[:, None] + dense.unflatten(0, (-1, each))).flatten(0, 1).flatten(1, 2)
        own = torch.cat([self.obj_score_token.weight, self.iou_token.weight, self.mask_tokens.weight])
        t = torch.cat([own.expand(many, -1, -1), points], 1)
        keep = torch.cat([torch.ones(many, len(own), dtype=torch.bool), labels > SURPLUS], 1)[:, None, None]
        q, k = self.transformer(t, k, position, keep)
        u = _doubled(self.upscale_conv1, k.unflatten(1, (n, n)))
        u = F.gelu(self.upscale_layer_norm(_added(u, features.feat_s1)))
        u = F.gelu(_added(_doubled(self.upscale_conv2, u), features.feat_s0))
        found = torch.stack([mlp(q[:, 2 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], 1)
        masks = (found @ u.flatten(1, 2).mT).unflatten(2, u.shape[1:3])
        iou = self.iou_prediction_head(q[:, 1]).float().sigmoid()
        return masks.float(), iou, self.pred_obj_score_head(q[:, 0]).float()[:, 0], q[:, 2 : 2 + MASKS]


def _added(x: Tensor, skip: Tensor) -> Tensor:
    """Maps [N, ...] with those of their pictures [B, ...] added."""
    return (x.unflatten(0, (len(skip), -1)) + skip[:, None]).flatten(0, 1)


def _halved(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 2x2 convolution of stride 2."""
    n, h, w, d = x.shape
    cells = x.view(n, h // 2, 2, w // 2, 2, d).transpose(2, 3).reshape(n, h // 2, w // 2, 4 * d)
    return F.linear(cells, conv.weight.permute(0, 2, 3, 1).flatten(1), conv.bias)


def _doubled(conv: nn.ConvTranspose2d, x: Tensor) -> Tensor:
    """A transposed 2x2 convolution of stride 2."""
    n, h, w, _ = x.shape
    spread = x @ conv.weight.permute(0, 2, 3, 1).flatten(1)
    assert conv.bias is not None
    return spread.view(n, h, w, 2, 2, -1).transpose(2, 3).reshape(n, 2 * h, 2 * w, -1) + conv.bias
