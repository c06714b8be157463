"""The image encoder: a Hiera trunk of four stages, and the neck. Maps are [B, H, W, channels]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig

EPS = 1e-6
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Features:
    """What the decoder reads of B pictures of side S: maps [B, S/4, S/4, C/8], [B, S/8, S/8, C/4], [B, n, n, C]."""

    feat_s0: Tensor
    feat_s1: Tensor
    embed: Tensor

    def rows(self, chosen: Tensor | slice) -> Features:
        """Some of the pictures."""
        return Features(self.feat_s0[chosen], self.feat_s1[chosen], self.embed[chosen])


def pooled(x: Tensor) -> Tensor:
    """The largest of each 2x2 cells."""
    return F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


def attended(q: Tensor, k: Tensor, v: Tensor, keep: Tensor | None = None) -> Tensor:
    """Attention of [..., queries, width]; the keys that are not to be kept have no weight.

    In products, as PyTorch's own has a slow gradient for narrow heads on CPUs.
    """
    scores = (q * q.shape[-1] ** -0.5) @ k.mT
    if keep is not None:
        scores = scores.masked_fill(~keep, -1e4)
    return scores.softmax(-1).to(v.dtype) @ v


class Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj_in, self.proj_out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.proj_out(F.gelu(self.proj_in(x)))
        return result


class WindowAttention(nn.Module):
    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.qkv, self.proj = nn.Linear(before, 3 * width), nn.Linear(width, width)


class Block(nn.Module):
    """Attention inside windows of a side; a pooling block halves the map and changes its width."""

    def __init__(self, before: int, width: int, heads: int, window: int, pools: bool) -> None:
        super().__init__()
        self.heads, self.window, self.pools = heads, window, pools
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(before, EPS), nn.LayerNorm(width, EPS)
        self.attn, self.mlp = WindowAttention(before, width), Mlp(width)
        self.proj = nn.Linear(before, width) if before != width else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer_norm1(x)
        shortcut = x if self.proj is None else self.proj(y)
        if self.pools:
            shortcut = pooled(shortcut)
        x = shortcut + self.attend(y, shortcut.shape[1])
        result: Tensor = x + self.mlp(self.layer_norm2(x))
        return result

    def attend(self, y: Tensor, side: int) -> Tensor:
        """[B, H, W, before] to [B, side, side, width]."""
        b, h, _, d = y.shape
        s = self.window or h
        padding = -h % s
        if padding:
            y = F.pad(y, (0, 0, 0, padding, 0, padding))
        n = (h + padding) // s
        y = y.view(b, n, s, n, s, d).transpose(2, 3).reshape(-1, s, s, d)
        q, k, v = self.attn.qkv(y).chunk(3, -1)
        if self.pools:
            q = pooled(q)
        small = q.shape[1]
        q, k, v = (it.flatten(1, 2).unflatten(-1, (self.heads, -1)).transpose(1, 2) for it in (q, k, v))
        joined = attended(q, k, v).transpose(1, 2).flatten(2)
        joined = joined.view(b, n, n, small, small, -1).transpose(2, 3).reshape(b, n * small, n * small, -1)
        result: Tensor = self.attn.proj(joined[:, :side, :side])
        return result


class PatchEmbedding(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(3, width, 7, 4, 3)


class Backbone(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.widths[0]
        self.side = config.image // 4
        self.patch_embed = PatchEmbedding(width)
        self.pos_embed = nn.Parameter(torch.randn(1, width, config.background, config.background) * 0.02)
        self.pos_embed_window = nn.Parameter(torch.randn(1, width, config.windows[0], config.windows[0]) * 0.02)
        self.blocks = nn.ModuleList()
        self.ends: set[int] = set()
        before, window = width, config.windows[0]
        for stage, count in enumerate(config.blocks):
            for i in range(count):
                pools = stage > 0 and i == 0
                own = 0 if len(self.blocks) in config.global_blocks else window if pools else config.windows[stage]
                self.blocks.append(Block(before, config.widths[stage], config.heads[stage], own, pools))
                before = config.widths[stage]
            window = config.windows[stage]
            self.ends.add(len(self.blocks) - 1)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """The output of each stage."""
        x = self.patch_embed.projection(pixels).permute(0, 2, 3, 1)
        background = F.interpolate(self.pos_embed, (self.side, self.side), mode="bicubic")
        times = self.side // self.pos_embed_window.shape[2]
        x = x + (background + self.pos_embed_window.tile(1, 1, times, times)).permute(0, 2, 3, 1)
        stages = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.ends:
                stages.append(x)
        return stages


class Neck(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(width, config.channels, 1) for width in config.widths[::-1])

    def forward(self, stages: list[Tensor]) -> list[Tensor]:
        return [pointwise(conv, x) for conv, x in zip(self.convs[::-1], stages, strict=True)]  # type: ignore[arg-type]


class VisionEncoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.backbone, self.neck = Backbone(config), Neck(config)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised pixels [B, 3, S, S] to the maps of the neck at a quarter, an eighth and a sixteenth."""
        one, two, three, four = self.neck(self.backbone(pixels))
        b, h, w, c = four.shape
        larger = four[:, :, None, :, None].expand(b, h, 2, w, 2, c).reshape(b, 2 * h, 2 * w, c)
        return one, two, three + larger


def pointwise(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 1x1 convolution of a map [B, H, W, in]."""
    return F.linear(x, conv.weight.flatten(1), conv.bias)


def normalised(pixels: Tensor) -> Tensor:
    """Bytes [B, 3, S, S] as the encoder takes them."""
    mean, std = (torch.tensor(it).view(1, 3, 1, 1) for it in (MEAN, STD))
    return (pixels.float() / 255 - mean) / std
