"""Unseen things and clips for the evaluation, the clicks a person would make on them, and the best that is possible."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dam_mini import scene as scenes
from dam_mini.case import SEED

from . import clicks, clips

GRID = 64
"""Side of the model's own masks."""
LEAST = 60
"""Pixels of the smallest thing that is asked for."""


@dataclass(frozen=True)
class Case:
    """A picture with a thing in it, and its exact mask [H, W]."""

    picture: Image.Image
    mask: np.ndarray
    name: str


@dataclass(frozen=True)
class Click:
    """A place in pixels of the picture, inside the thing or outside it."""

    x: float
    y: float
    inside: bool


def things(count: int, seed: int) -> Iterator[Case]:
    """Things of held-out scenes."""
    done = 0
    for number in range(10 * count):
        rng = random.Random(f"sam-mini {SEED + seed} {number}")
        drawn = scenes.ordinary(rng, training=False)
        for thing in drawn.things:
            if thing.mask.sum() >= LEAST and done < count:
                done += 1
                yield Case(drawn.picture, thing.mask, thing.said)
        if done == count:
            return


def moving(count: int, seed: int, frames: int = clips.FRAMES) -> Iterator[tuple[clips.Clip, int, int]]:
    """Held-out clips, each with the number of a thing and of a frame on which enough of it can be seen."""
    for number in range(count):
        rng = random.Random(f"sam-mini clip {SEED + seed} {number}")
        while True:
            drawn = clips.clip(rng, training=False, frames=frames)
            areas = drawn.masks.sum((2, 3))
            seen = np.argwhere(areas >= clips.LEAST)
            if len(seen):
                frame, thing = seen[rng.randrange(len(seen))]
                yield drawn, int(thing), int(frame)
                break


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """IoU of two masks; 1 if both are empty."""
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 1.0


def through_grid(mask: np.ndarray) -> np.ndarray:
    """The exact mask as the model's own grid can hold it: shares of cells covered, enlarged again."""
    h, w = mask.shape
    small = Image.fromarray(mask.astype(np.float32)).resize((GRID, GRID), Image.Resampling.BOX)
    return np.asarray(enlarged(np.asarray(small) - 0.5, h, w) > 0)


def enlarged(logits: np.ndarray, h: int, w: int) -> np.ndarray:
    """Logits [side, side] at another size: bilinear, half-pixel centres, edges repeated."""

    def weights(side: int, target: int) -> np.ndarray:
        places = np.clip((np.arange(target) + 0.5) * side / target - 0.5, 0, side - 1)
        low = np.minimum(places.astype(int), side - 2)
        share = places - low
        matrix = np.zeros((target, side))
        matrix[np.arange(target), low] = 1 - share
        matrix[np.arange(target), low + 1] += share
        return matrix

    return np.asarray(weights(logits.shape[0], h) @ logits @ weights(logits.shape[1], w).T)


def next_click(wanted: np.ndarray, got: np.ndarray | None) -> Click:
    """The middle of the thing, or of the larger of what is missing and what is too much."""
    if got is None or not (wanted ^ got).any():
        return Click(*clicks.middle(wanted), True)
    missing, extra = _largest(wanted & ~got), _largest(got & ~wanted)
    inside = missing.sum() >= extra.sum()
    return Click(*clicks.middle(missing if inside else extra), bool(inside))


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask."""
    left, best = mask.copy(), np.zeros_like(mask)
    while left.sum() > best.sum():
        part = np.zeros_like(mask)
        cell = int(np.flatnonzero(left)[0])
        part.flat[cell] = True
        while True:
            grown = part.copy()
            grown[1:] |= part[:-1]
            grown[:-1] |= part[1:]
            grown[:, 1:] |= part[:, :-1]
            grown[:, :-1] |= part[:, 1:]
            grown &= left
            if (grown == part).all():
                break
            part = grown
        left &= ~part
        if part.sum() > best.sum():
            best = part
    return best
