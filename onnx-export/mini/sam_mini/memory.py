"""Memory of earlier frames: its encoder, and the attention that lets a frame read it. Maps are [N, H, W, channels]."""

from __future__ import annotations

import itertools
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .encoder import EPS, attended, pointwise

ATTENTION_EPS = 1e-5
SCALE, BIAS = 20.0, -10.0


class MapNorm(nn.LayerNorm):
    """A LayerNorm over the channels of [N, channels, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class DownLayer(nn.Module):
    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.conv, self.layer_norm = nn.Conv2d(into, out, 3, 2, 1), MapNorm(out, EPS)


class MaskDownSampler(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths = (1, *config.mask_levels)
        self.layers = nn.ModuleList(DownLayer(*it) for it in itertools.pairwise(widths))
        self.final_conv = nn.Conv2d(widths[-1], config.channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, S, S] to [N, n, n, C]."""
        x = x[:, None]
        for layer in self.layers:
            x = F.gelu(layer.layer_norm(layer.conv(x)))
        return pointwise(self.final_conv, x.permute(0, 2, 3, 1))


class FuserLayer(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise_conv = nn.Conv2d(channels, channels, 7, 1, 3, groups=channels)
        self.layer_norm = nn.LayerNorm(channels, EPS)
        self.pointwise_conv1, self.pointwise_conv2 = (
            nn.Linear(channels, 4 * channels),
            nn.Linear(4 * channels, channels),
        )
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise_conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x + self.scale * self.pointwise_conv2(F.gelu(self.pointwise_conv1(self.layer_norm(y))))


class Fuser(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(FuserLayer(channels) for _ in range(2))


class MemoryEncoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config.channels
        self.mask_downsampler, self.memory_fuser = MaskDownSampler(config), Fuser(c)
        self.feature_projection, self.projection = nn.Conv2d(c, c, 1), nn.Conv2d(c, config.memory, 1)

    @torch.no_grad()
    def balance(self, embed: Tensor, scaled: Tensor) -> None:
        """Scales the weights so that masks count as much as the embeddings, which may be many times larger."""
        seen, final = self.feature_projection, self.mask_downsampler.final_conv
        seen.weight.mul_(0.5 / pointwise(seen, embed).std())
        masks = self.mask_downsampler(scaled)
        factor = 0.5 / (masks - masks.mean((1, 2), keepdim=True)).std()
        final.weight.mul_(factor)
        final.bias.mul_(factor)
        last = self.projection
        factor = 1 / self(embed, scaled).std()
        last.weight.mul_(factor)
        last.bias.mul_(factor)

    def forward(self, embed: Tensor, scaled: Tensor) -> Tensor:
        """Embeddings [N, n, n, C] and scaled masks [N, S, S] to memories [N, n, n, M]."""
        x = pointwise(self.feature_projection, embed) + self.mask_downsampler(scaled)
        for layer in self.memory_fuser.layers:
            x = layer(x)
        return pointwise(self.projection, x)


def sine(n: int, channels: int) -> Tensor:
    """The code of each cell of a grid, [n, n, channels]: the first half from its row, the rest from its column."""
    half = channels // 2
    place = (torch.arange(n) + 1) / (n + 1e-6) * 2 * math.pi
    angle = place[:, None] / 10000 ** (2 * (torch.arange(half) // 2) / half)
    code = torch.where(torch.arange(half) % 2 == 0, angle.sin(), angle.cos())
    return torch.cat([code[:, None].expand(n, n, half), code[None].expand(n, n, half)], -1)


def times(distances: Tensor, channels: int) -> Tensor:
    """The code of distances [...] in time, [..., channels]."""
    half = channels // 2
    angle = distances[..., None] / 10000 ** (2 * (torch.arange(half) // 2) / half)
    return torch.cat([angle.sin(), angle.cos()], -1)


class Rotation:
    """Rotary positions of a grid's cells."""

    def __init__(self, n: int, channels: int) -> None:
        rates = 10000.0 ** (-4 * torch.arange(channels // 4) / channels)
        cell = torch.arange(n * n)
        angle = torch.cat([(cell % n)[:, None] * rates, (cell // n)[:, None] * rates], -1)
        self.cos, self.sin = angle.cos(), angle.sin()

    def __call__(self, x: Tensor) -> Tensor:
        """[N, maps, n * n, C], each pair of channels turned."""
        a, b = x[..., ::2], x[..., 1::2]
        return torch.stack([a * self.cos - b * self.sin, a * self.sin + b * self.cos], -1).flatten(-2)


class RotaryAttention(nn.Module):
    def __init__(self, channels: int, read: int) -> None:
        super().__init__()
        self.q_proj, self.o_proj = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.k_proj, self.v_proj = nn.Linear(read, channels), nn.Linear(read, channels)

    @torch.no_grad()
    def look_near(self, strength: float = 1.2, pairs: int = 10, gain: float = 8.0) -> None:
        """Makes each cell attend to the same place and its neighbours: equal biases, turned by both positions.

        Uses the fastest `pairs` of each axis, and makes the values `gain` times as large, so that small steps count.
        """
        half = len(self.q_proj.bias) // 2
        near = torch.zeros_like(self.q_proj.bias)
        near[: 2 * pairs] = near[half : half + 2 * pairs] = strength
        self.q_proj.bias.copy_(near)
        self.k_proj.bias.copy_(near)
        self.v_proj.weight.mul_(gain)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, turn: Rotation, maps: int) -> Tensor:
        """The first `maps * n * n` keys are cells; the rest have no place."""
        q, k, v = self.q_proj(q), self.k_proj(k), self.v_proj(v)
        cells = maps * q.shape[1]
        turned = turn(k[:, :cells].unflatten(1, (maps, -1))).flatten(1, 2)
        k = torch.cat([turned, k[:, cells:].to(turned.dtype)], 1) if k.shape[1] > cells else turned
        q = turn(q[:, None])
        joined = attended(q[:, 0].to(v.dtype), k.to(v.dtype), v)
        result: Tensor = self.o_proj(joined)
        return result


class MemoryLayer(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config.channels
        self.self_attn, self.cross_attn_image = RotaryAttention(c, c), RotaryAttention(c, config.memory)
        self.linear1, self.linear2 = nn.Linear(c, config.memory_mlp), nn.Linear(config.memory_mlp, c)
        self.layer_norm1, self.layer_norm2, self.layer_norm3 = (nn.LayerNorm(c, ATTENTION_EPS) for _ in range(3))

    def forward(self, x: Tensor, k: Tensor, v: Tensor, turn: Rotation, maps: int) -> Tensor:
        y = self.layer_norm1(x)
        x = x + self.self_attn(y, y, y, turn, 1)
        x = x + self.cross_attn_image(self.layer_norm2(x), k, v, turn, maps)
        result: Tensor = x + self.linear2(F.relu(self.linear1(self.layer_norm3(x))))
        return result


class MemoryAttention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(MemoryLayer(config) for _ in range(config.memory_layers))
        self.layer_norm = nn.LayerNorm(config.channels, ATTENTION_EPS)
        self.turn = Rotation(config.grid, config.channels)
        self.register_buffer("place", sine(config.grid, config.channels), persistent=False)

    @torch.no_grad()
    def pass_through(self, embed: Tensor, wanted: Tensor) -> None:
        """Sets the weights so that embeddings [N, n, n, C] come out about as `wanted`, whatever is remembered."""
        for layer in self.layers:
            for last in (layer.self_attn.o_proj, layer.cross_attn_image.o_proj, layer.linear2):
                last.weight.zero_()
                last.bias.zero_()
            layer.cross_attn_image.look_near()
        channels = embed.shape[-1]
        x = F.layer_norm(embed + 0.1 * self.place, (channels,), eps=ATTENTION_EPS).flatten(0, 2)
        wanted = wanted.flatten(0, 2)
        self.layer_norm.weight.copy_(wanted.std(0) / x.std(0))
        self.layer_norm.bias.copy_(wanted.mean(0) - self.layer_norm.weight * x.mean(0))

    def forward(self, embed: Tensor, k: Tensor, v: Tensor, maps: int) -> Tensor:
        """Embeddings [N, n, n, C] with keys and values [N, keys, M] of `maps` memories and then pointers."""
        n = embed.shape[1]
        x = (embed + 0.1 * self.place).flatten(1, 2)
        for layer in self.layers:
            x = layer(x, k, v, self.turn, maps)
        result: Tensor = self.layer_norm(x).unflatten(1, (n, n))
        return result
