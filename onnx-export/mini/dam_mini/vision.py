"""The vision part in torch: tower, context provider and projector, under the published tensor names.

Turns pixels [N, 8, S, S] into image embeddings. Blocks after the selected layer are not built.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig


class Attention(nn.Module):
    """Attention of queries to a context, with biases, as in SigLIP."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(hidden, hidden)
        self.k_proj = nn.Linear(hidden, hidden)
        self.v_proj = nn.Linear(hidden, hidden)
        self.out_proj = nn.Linear(hidden, hidden)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        def split(t: Tensor) -> Tensor:  # [N, T, H] -> [N, heads, T, H / heads]
            return t.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(
            split(self.q_proj(x)), split(self.k_proj(context)), split(self.v_proj(context))
        )
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """Two layers with the tanh form of GELU between them."""

    def __init__(self, hidden: int, intermediate: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(hidden, intermediate)
        self.fc2 = nn.Linear(intermediate, hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class Block(nn.Module):
    """One SigLIP block."""

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(c.vision_hidden, eps=1e-6)
        self.self_attn = Attention(c.vision_hidden, c.vision_heads)
        self.layer_norm2 = nn.LayerNorm(c.vision_hidden, eps=1e-6)
        self.mlp = Mlp(c.vision_hidden, c.vision_intermediate)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.layer_norm1(x)
        x = x + self.self_attn(normed, normed)
        return x + self.mlp(self.layer_norm2(x))


class ContextLayer(nn.Module):
    """Gated cross-attention from the regional stream to the global features, which are not normalised."""

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.attn_factor = nn.Parameter(torch.full((1,), 0.5))
        self.mlp_factor = nn.Parameter(torch.full((1,), 0.5))
        self.layer_norm1 = nn.LayerNorm(c.vision_hidden, eps=1e-6)
        self.cross_attn = Attention(c.vision_hidden, c.vision_heads)
        self.layer_norm2 = nn.LayerNorm(c.vision_hidden, eps=1e-6)
        self.mlp = Mlp(c.vision_hidden, c.vision_intermediate)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        x = x + self.attn_factor * self.cross_attn(self.layer_norm1(x), z)
        return x + self.mlp_factor * self.mlp(self.layer_norm2(x))


class Embeddings(nn.Module):
    """Patches of colour and of mask plus learned positions."""

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        side = c.patch_size
        self.patch_embedding = nn.Conv2d(3, c.vision_hidden, side, stride=side)
        self.mask_patch_embedding = nn.Conv2d(1, c.vision_hidden, side, stride=side)
        self.position_embedding = nn.Embedding(c.grid**2, c.vision_hidden)

    def forward(self, pixels: Tensor) -> Tensor:  # [N, 4, S, S] -> [N, grid * grid, hidden]
        x = self.patch_embedding(pixels[:, :3]) + self.mask_patch_embedding(pixels[:, 3:])
        return x.flatten(2).transpose(1, 2) + self.position_embedding.weight


class Projector(nn.Module):
    """Groups of 2 x 2 patches, column by column, to one embedding each."""

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.grid = c.grid
        wide = 4 * c.vision_hidden
        self.layers = nn.ModuleList(
            [
                nn.Identity(),
                nn.LayerNorm(wide, eps=1e-5),
                nn.Linear(wide, c.hidden),
                nn.Identity(),
                nn.Linear(c.hidden, c.hidden),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:  # [N, grid * grid, C] -> [N, image_tokens, hidden]
        n, _, channels = x.shape
        x = x.view(n, self.grid, self.grid, channels)
        if self.grid % 2:
            x = F.pad(x, (0, 0, 0, 1, 0, 1))
        half = x.shape[1] // 2
        x = x.view(n, half, 2, half, 2, channels)  # row-pair, row, column-pair, column
        x = x.permute(0, 3, 1, 2, 4, 5).reshape(n, half * half, 4 * channels)
        return self.layers[4](F.gelu(self.layers[2](self.layers[1](x))))


class Vision(nn.Module):
    """Pixels to image embeddings, through global and regional features."""

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(c)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.blocks))
        self.context = nn.ModuleList(ContextLayer(c) for _ in range(c.blocks))
        self.projector = Projector(c)

    def global_features(self, pixels: Tensor) -> Tensor:
        """The tower's output for picture and mask [N, 4 or more, S, S]."""
        z = self.embeddings(pixels[:, :4])
        for block in self.blocks:
            z = block(z)
        return z

    def regional_features(self, pixels: Tensor, z: Tensor, whole: Tensor) -> Tensor:
        """The features of the focal crop; where `whole` [N] marks a crop of the full picture, they are z."""
        x = self.embeddings(pixels[:, 4:])
        for block, context in zip(self.blocks, self.context, strict=True):
            x = context(block(x), z)
        return torch.where(whole[:, None, None], z, x)

    def forward(self, pixels: Tensor, whole: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Image embeddings, regional features, global features."""
        z = self.global_features(pixels)
        r = self.regional_features(pixels, z, whole)
        return self.projector(r), r, z
