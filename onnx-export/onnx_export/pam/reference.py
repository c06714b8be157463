"""The perceiver and the projectors in plain NumPy, float32, straight from the checkpoint; SAM is in sam2.reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onnx_export.core.layers import Floats
from onnx_export.pam.parts import COARSE, FINE, MASK_TOKENS, Parts, Projector
from onnx_export.sam2.reference import Masks, gelu, linear, transformer


@dataclass(frozen=True)
class Perceived:
    """Semantic tokens [tokens, channels] and the visual ones, before and after the projectors."""

    sem_tokens: Floats
    visual_tokens: Floats
    sem_embeds: Floats
    image_embeds: Floats


def chosen_tokens(masks: Masks, delta: float, threshold: float) -> Floats:
    """The two mask tokens that the perceiver gets: token 0 again if its mask is stable, else the best of the others."""
    larger = int((masks.masks[0] > -delta).sum())
    stability = int((masks.masks[0] > delta).sum()) / larger if larger else 1.0
    best = 0 if stability >= threshold else 1 + int(masks.iou[1:].argmax())
    return masks.tokens[[best, 0]]


def perceive(parts: Parts, seen: Floats, tokens: Floats, side: int = FINE) -> Perceived:
    """What the perceiver makes of a picture [cells, channels] and two mask tokens.

    Parameters
    ----------
    side
        Cells along one side of a visual token's group, 2 or 4.
    """
    grid, c = parts.config.sam.grid, parts.config.channels
    frequencies = parts.frequencies()
    y, x = np.divmod(np.arange(grid * grid), grid)
    centres = (np.stack([x, y], -1).astype(np.float32) + np.float32(0.5)) / np.float32(grid)
    angles = np.float32(2 * np.pi) * ((2 * centres - 1) @ frequencies)
    position = np.concatenate([np.sin(angles), np.cos(angles)], -1)
    q, k = transformer(parts.two_way(), np.concatenate([tokens, parts.semantic_tokens()]), seen, position)
    across = grid // side
    groups = [
        k.reshape(grid, grid, c)[i * side : (i + 1) * side, j * side : (j + 1) * side].reshape(-1)
        for j in range(across)
        for i in range(across)
    ]
    visual = np.stack(groups)
    if side == COARSE:
        visual = linear(visual, parts.coarse())
    sem = q[MASK_TOKENS:]
    return Perceived(sem, visual, _projected(sem, parts.projector("semT")), _projected(visual, parts.projector("img")))


def _projected(x: Floats, projector: Projector) -> Floats:
    return linear(gelu(linear(x, projector.first)), projector.second)


def picture_embeds(parts: Parts, found: Perceived) -> Floats:
    """The rows that a picture's placeholder becomes."""
    rows = [found.image_embeds, parts.newline("image")[None], found.sem_embeds, parts.newline("semT")[None]]
    return np.concatenate(rows)
