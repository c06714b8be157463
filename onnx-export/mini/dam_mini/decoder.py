"""The decoder in torch: Llama under the published tensor names, for packed sequences and single steps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig

Turn = tuple[Tensor, Tensor]
"""Cosines and sines of the rotary angles."""
Past = tuple[Tensor, Tensor]
"""Keys and values [N, heads, P, D] of one layer."""


class RmsNorm(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Half-split rotary embedding of [N, heads, T, D]; cos and sin are [N, 1, T, D]."""
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


class SelfAttention(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.heads = c.heads
        self.q_proj = nn.Linear(c.hidden, c.hidden, bias=False)
        self.k_proj = nn.Linear(c.hidden, c.hidden, bias=False)
        self.v_proj = nn.Linear(c.hidden, c.hidden, bias=False)
        self.o_proj = nn.Linear(c.hidden, c.hidden, bias=False)

    def forward(self, x: Tensor, turn: Turn, mask: Tensor, past: Past | None) -> tuple[Tensor, Past]:
        q, k, v = (
            p(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)
        )
        k = rotate(k, *turn)
        if past is not None:
            k, v = (torch.cat([p.expand(len(x), -1, -1, -1), t], 2) for p, t in zip(past, (k, v), strict=True))
        mixed = F.scaled_dot_product_attention(rotate(q, *turn), k, v, attn_mask=mask)
        return self.o_proj(mixed.transpose(1, 2).flatten(2)), (k, v)


class GatedMlp(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden, c.intermediate, bias=False)
        self.up_proj = nn.Linear(c.hidden, c.intermediate, bias=False)
        self.down_proj = nn.Linear(c.intermediate, c.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = RmsNorm(c.hidden)
        self.self_attn = SelfAttention(c)
        self.post_attention_layernorm = RmsNorm(c.hidden)
        self.mlp = GatedMlp(c)

    def forward(self, x: Tensor, turn: Turn, mask: Tensor, past: Past | None) -> tuple[Tensor, Past]:
        mixed, now = self.self_attn(self.input_layernorm(x), turn, mask, past)
        x = x + mixed
        return x + self.mlp(self.post_attention_layernorm(x)), now


class Decoder(nn.Module):
    """Embedding, layers and final norm; the head is tied to the embedding in training, untied in checkpoints."""

    frequency: Tensor

    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocabulary, c.hidden)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = RmsNorm(c.hidden)
        self.lm_head: nn.Linear | None = None
        dim = c.hidden // c.heads
        frequency = 10000.0 ** (-torch.arange(0, dim, 2).double() / dim)
        self.register_buffer("frequency", frequency.float(), persistent=False)

    def forward(
        self, x: Tensor, positions: Tensor, mask: Tensor, past: list[Past] | None = None
    ) -> tuple[Tensor, list[Past]]:
        """Embeddings [N, T, H], positions [N, T] and mask [N, 1, T, P + T] (true = sees) to normed states.

        `past` holds keys and values of P earlier positions, of N sequences or of one shared by all.
        """
        angle = positions[..., None].float() * self.frequency
        angle = torch.cat([angle, angle], -1)[:, None]
        turn = angle.cos(), angle.sin()
        now = []
        for i, layer in enumerate(self.layers):
            x, kept = layer(x, turn, mask, past[i] if past else None)
            now.append(kept)
        return self.norm(x), now

    def logits(self, states: Tensor) -> Tensor:
        head = self.embed_tokens if self.lm_head is None else self.lm_head
        return F.linear(states, head.weight)
