"""The whole model in torch: packed training, greedy decoding, and the auxiliary training heads."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .decoder import Decoder, Past
from .vision import Vision


class DescribeAnything(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.vision = Vision(config)
        self.decoder = Decoder(config)

    def prefix(self, ids: Tensor) -> list[Past]:
        """Keys and values of the shared beginning of the prompt [P]."""
        n = len(ids)
        seen = torch.ones(1, 1, n, n, dtype=torch.bool, device=ids.device).tril()
        positions = torch.arange(n, device=ids.device)[None]
        return self.decoder(self.decoder.embed_tokens(ids)[None], positions, seen)[1]

    def packed(self, prefix: Tensor, image: Tensor, ids: Tensor, positions: Tensor, segments: Tensor) -> Tensor:
        """States [N, T, H] of packed turns after the prefix [P] and the image embeddings [N, I, H]."""
        p, i, t = len(prefix), image.shape[1], ids.shape[1]
        x = torch.cat([image, self.decoder.embed_tokens(ids)], 1)
        at = torch.cat([torch.arange(i).expand(len(ids), -1), positions + i], 1) + p
        causal = torch.ones(i + t, i + t, dtype=torch.bool).tril()
        segment = torch.cat([torch.full((len(ids), i), -2), segments], 1)
        seen = causal & ((segment[:, None, :] == -2) | (segment[:, :, None] == segment[:, None, :]))
        seen = torch.cat([torch.ones(len(ids), i + t, p, dtype=torch.bool), seen], 2)
        return self.decoder(x, at, seen[:, None], self.prefix(prefix))[0][:, i:]

    @torch.no_grad()
    def answer(self, prefix: list[int], image: Tensor, question: list[int], most: int = 80) -> list[list[int]]:
        """Greedy ids for image embeddings [N, I, H] with the same question."""
        n, p = len(image), len(prefix)
        past = self.prefix(torch.tensor(prefix))
        x = torch.cat([image, self.decoder.embed_tokens(torch.tensor(question)).expand(n, -1, -1)], 1)
        t = x.shape[1]
        seen = torch.ones(t, p + t, dtype=torch.bool).tril(p)[None, None]
        states, past = self.decoder(x, torch.arange(p, p + t)[None], seen, past)
        answers: list[list[int]] = [[] for _ in range(n)]
        running = torch.ones(n, dtype=torch.bool)
        for step in range(most):
            best = self.decoder.logits(states[:, -1]).argmax(-1)
            running &= best != 2
            if not running.any():
                break
            for k in range(n):
                if running[k]:
                    answers[k].append(int(best[k]))
            at = p + t + step
            seen = torch.ones(1, 1, 1, at + 1, dtype=torch.bool)
            states, past = self.decoder(self.decoder.embed_tokens(best)[:, None], torch.tensor([[at]]), seen, past)
        return answers


RARE_FROM = 3
"""First kind of patch labels that are almost always 0."""
REST = (0.25, 0.25, 0.25, 4.0, 1.0)
"""Loss weight of the background patches (of patches labelled 0, from RARE_FROM on), by kind of label."""


class TrainingHeads(nn.Module):
    """Linear probes on both encoders for the auxiliary losses; not part of the model."""

    def __init__(self, hidden: int, patch: list[int], pooled: list[int], weights: list[float]) -> None:
        super().__init__()
        self.patch, self.pooled, self.weights = patch, pooled, weights
        self.ground = patch[1] - 1  # the last colour label is the background
        self.patch_heads = nn.ModuleList(nn.Linear(hidden, sum(patch)) for _ in range(2))
        self.pooled_heads = nn.ModuleList(nn.Linear(hidden, sum(pooled)) for _ in range(2))

    def forward(self, view: int, features: Tensor, patches: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """The losses per patch and pooled for one view's features; patches [N, 5, G], pooled [N, K], -100 to ignore.

        The means over patches of things and over the remaining patches are added; REST weights the latter.
        """
        by_patch = by_picture = features.new_zeros(())
        things = (patches[:, 1] != self.ground).flatten()
        for kind, logits in enumerate(self.patch_heads[view](features).split(self.patch, -1)):
            losses = F.cross_entropy(logits.flatten(0, 1), patches[:, kind].flatten(), reduction="none")
            some = things if kind < RARE_FROM else patches[:, kind].flatten() > 0
            if some.any():
                by_patch = by_patch + losses[some].mean()
            by_patch = by_patch + REST[kind] * losses[~some].mean()
        for k, logits in enumerate(self.pooled_heads[view](features.mean(1)).split(self.pooled, -1)):
            if (pooled[:, k] >= 0).any():
                by_picture = by_picture + self.weights[k] * F.cross_entropy(logits, pooled[:, k])
        return by_patch, by_picture


def initialise(model: DescribeAnything) -> None:
    """Initial weights: sinusoidal positions, and mask weights that are not zero."""
    c = model.config
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    nn.init.normal_(model.decoder.embed_tokens.weight, std=0.02)
    nn.init.normal_(model.vision.embeddings.mask_patch_embedding.weight, std=0.05)
    depth = math.sqrt(2 * c.blocks)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(("mlp.fc2.weight", "out_proj.weight", "down_proj.weight", "o_proj.weight")):
                weight.div_(depth)
    quarter = c.vision_hidden // 4
    rate = 1.0 / 10 ** (torch.arange(quarter) / quarter)  # grids are small: wavelengths of 2 pi to 20 pi patches
    y, x = torch.meshgrid(torch.arange(c.grid), torch.arange(c.grid), indexing="ij")
    waves = [f(v.flatten()[:, None] * rate) for v in (y, x) for f in (torch.sin, torch.cos)]
    model.vision.embeddings.position_embedding.weight.data = 0.3 * torch.cat(waves, 1)
