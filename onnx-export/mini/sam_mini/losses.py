"""What training minimises, and where the next click goes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .clicks import NO_POINT
from .decoder import Masks, Prompts
from .memory import BIAS, SCALE
from .model import REACH, picked

FOCAL, DICE = 20.0, 1.0
BEST, OTHERS = 0.5, 1.0
"""Weights of the best candidate and of all three: few of the drawn clicks are ambiguous, so all may be right."""
GUESS = 2.0
"""Weight of the predicted IoU, which decides what is shown."""
SPREAD = 9
"""Cells over which errors are gathered before the place of the next click is chosen."""


def mask_loss(logits: Tensor, covered: Tensor) -> Tensor:
    """Focal and dice loss of logits [..., H, W] against coverage [..., H, W], without the last two dimensions."""
    p = logits.sigmoid()
    cross = F.softplus(logits) - logits * covered
    focal = ((p - covered).square() * cross).mean((-2, -1))
    dice = 1 - (2 * (p * covered).sum((-2, -1)) + 1) / (p.sum((-2, -1)) + covered.sum((-2, -1)) + 1)
    return FOCAL * 0.5 * focal + DICE * dice


def iou(logits: Tensor, covered: Tensor) -> Tensor:
    """Of masks [..., H, W], without the last two dimensions; 1 if both are empty."""
    a, b = logits > 0, covered > 0.5
    both, either = (a & b).sum((-2, -1)), (a | b).sum((-2, -1))
    return torch.where(either > 0, both / either.clamp_min(1), 1.0)


def loss(masks: Tensor, guessed: Tensor, covered: Tensor, alone: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """The mean loss of N prompts, and the IoU [N, 4] of their masks.

    Parameters
    ----------
    masks
        Logits [N, 4, S/4, S/4].
    guessed
        Predicted IoU [N, 4].
    covered
        Coverage [N, S/2, S/2].
    alone
        [N], 1 where one click is the whole prompt: the single mask counts less.
    there
        [N], 1 where the thing can be seen.
    """
    small = F.avg_pool2d(covered[:, None], 2)
    each = mask_loss(masks, small)
    with torch.no_grad():
        reached = iou(masks, small)
        chosen = each[:, 1:].argmin(1) + 1
    # Finer than the grid, so that edges inside a cell count.
    fine = F.interpolate(picked(masks, chosen)[:, None], scale_factor=2, mode="bilinear")[:, 0]
    by_mask = BEST * mask_loss(fine, covered) + OTHERS * each[:, 1:].mean(1) + (0.5 - 0.3 * alone) * each[:, 0]
    by_guess = GUESS * (guessed - reached).abs().mean(1)
    return ((by_mask + by_guess) * there).sum() / there.sum().clamp_min(1), reached


@torch.no_grad()
def displaced(covered: Tensor, reach: int = 3) -> Tensor:
    """Mask inputs [N, S/4, S/4] of coverage [N, S/2, S/2], each moved by up to some cells both ways."""
    logits = SCALE * F.avg_pool2d(covered[:, None], 2)[:, 0] + BIAS
    moved = []
    for mask in F.pad(logits, (reach,) * 4, value=BIAS):
        y, x = torch.randint(0, 2 * reach + 1, (2,)).tolist()
        moved.append(mask[y : y + logits.shape[1], x : x + logits.shape[2]])
    return torch.stack(moved)


@torch.no_grad()
def corrected(prompts: Prompts, found: Masks, chosen: Tensor, covered: Tensor, with_mask: float) -> Prompts:
    """The prompts with one more click each, inside what is wrong, and for some the mask so far.

    Half of the clicks go where most is wrong, half anywhere in it; without errors, anywhere in the thing.
    """
    logits = picked(found.masks, chosen)
    got = F.interpolate(logits[:, None], scale_factor=2, mode="bilinear")[:, 0] > 0
    wanted = covered > 0.5
    wrong = (got ^ wanted).float()
    wrong = torch.where(wrong.flatten(1).any(1)[:, None, None], wrong, wanted.float())
    dense = F.avg_pool2d(wrong[:, None], SPREAD, 1, SPREAD // 2)[:, 0]
    many = len(wrong)
    where = wrong * torch.where(torch.rand(many, 1, 1) < 0.5, dense, torch.rand_like(wrong) + 0.01)
    cell = where.flatten(1).argmax(1)
    side = wrong.shape[2]
    scale = 4 * prompts.masks.shape[-1] / side
    places = (torch.stack([cell % side, cell // side], 1) + 0.5) * scale - 0.5
    rows = torch.arange(many)
    end = (prompts.labels == NO_POINT).int().argmax(1)
    points, labels = prompts.points.clone(), prompts.labels.clone()
    points[rows, end] = places
    labels[rows, end] = wanted.flatten(1)[rows, cell].long()
    labels[rows, end + 1] = NO_POINT
    return Prompts(points, labels, logits.clamp(-REACH, REACH), torch.rand(many) < with_mask)
