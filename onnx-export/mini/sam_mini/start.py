"""The memory's first weights: fitted, so that a tracked frame starts with the mask of the frame before it.

The decoder has learned by then what a mask input adds to a picture's embedding. The attention reads the memory of the
same place and its neighbours, and the linear map behind it is solved for what the true mask of the frame would add.
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from . import clips
from .encoder import normalised
from .memory import BIAS, SCALE
from .model import Segmenter

CLIPS, THINGS = 6, 2
SLOPE = 1e-3
"""Of the ridge, as a share of the mean square."""


@torch.no_grad()
def fit(model: Segmenter, seed: int) -> None:
    """Sets the weights of memory encoder and attention."""
    rng = random.Random(seed)
    embeds, masks = [], []
    for drawn in (clips.frames(rng, THINGS) for _ in range(CLIPS)):
        embeds.append(model.encode(normalised(torch.from_numpy(drawn.pixels))).embed)
        covered = torch.from_numpy(drawn.covered).float() / 255
        masks.append((F.interpolate(covered, scale_factor=2, mode="bilinear") > 0.5).float())
    encoder, attention = model.memory_encoder, model.memory_attention
    firsts = torch.cat([it[:1].repeat_interleave(THINGS, 0) for it in embeds])
    encoder.balance(firsts, SCALE * torch.cat([it[0] for it in masks]) + BIAS)
    attention.pass_through(firsts, firsts + model.no_memory_embedding.view(-1))
    read: list[Tensor] = []
    last = attention.layers[0].cross_attn_image.o_proj
    hook = last.register_forward_hook(lambda _, given, __: read.append(given[0].flatten(0, 1)))
    wanted = []
    for embed, mask in zip(embeds, masks, strict=True):
        for t in range(1, len(embed), 2):
            before, now = (embed[i : i + 1].repeat_interleave(THINGS, 0) for i in (t - 1, t))
            memory = model.remember(before, *model.marked(mask[t - 1]), True)
            row = model.config.memory_frames - 1 if t == 1 else 0
            model.recall(now, [memory], [row], [], [])
            dense = model.prompt_encoder.mask_embed(model.marked(mask[t])[0])
            wanted.append((dense - model.prompt_encoder.no_mask_embed.weight).flatten(0, 2))
    hook.remove()
    x = F.pad(torch.cat(read), (0, 1), value=1.0).double()
    square = x.T @ x
    square += SLOPE * square.diag().mean() * torch.eye(len(square))
    solved = torch.linalg.solve(square, x.T @ torch.cat(wanted).double()).float()
    last.weight.copy_(solved[:-1].T)
    last.bias.copy_(solved[-1])
