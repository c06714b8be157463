"""Prompts as people and SAM's own training give them: clicks, boxes, strokes and corrections. Knows no torch."""

from __future__ import annotations

import random

import numpy as np

PLACES = 9
"""Places for tokens in a batch of training prompts."""
OUT, IN, CORNER, OTHER_CORNER, NO_POINT, SURPLUS = 0, 1, 2, 3, -1, -2
KINDS = {"any": 0.26, "centre": 0.2, "box": 0.3, "stroke": 0.05, "both": 0.05, "mask": 0.14}
"""First prompts and their shares: a click anywhere, in the middle, a box, several clicks, box and click, and no point
but a mask that is not quite right, as on the frames of a clip."""
MARKS = {kind: share for kind, share in KINDS.items() if kind != "mask"}
"""The ones that say themselves what is meant."""


def any_point(mask: np.ndarray, rng: random.Random) -> tuple[float, float]:
    """A random pixel of a mask [H, W] as x, y."""
    cells = np.flatnonzero(mask)
    cell = int(cells[rng.randrange(len(cells))])
    return float(cell % mask.shape[1]), float(cell // mask.shape[1])


def middle(mask: np.ndarray) -> tuple[float, float]:
    """The pixel of a mask [H, W] that is the farthest from its edge, by peeling."""
    inside = np.pad(mask, 1)
    left = inside
    while True:
        peeled = left.copy()
        peeled[1:] &= left[:-1]
        peeled[:-1] &= left[1:]
        peeled[:, 1:] &= left[:, :-1]
        peeled[:, :-1] &= left[:, 1:]
        if not peeled.any():
            break
        left = peeled
    rows, columns = np.nonzero(left)
    i = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    return float(columns[i] - 1), float(rows[i] - 1)


def box(mask: np.ndarray) -> tuple[float, float, float, float]:
    """The box of a mask [H, W]: left, top, right, bottom, the last two behind the last pixel."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def loose_box(mask: np.ndarray, rng: random.Random) -> tuple[float, float, float, float]:
    """The box with each side moved by up to a tenth of its length, at most 10 pixels, as SAM's training does."""
    x0, y0, x1, y1 = box(mask)
    h, w = mask.shape
    dx, dy = min(0.1 * (x1 - x0), 10), min(0.1 * (y1 - y0), 10)

    def moved(value: float, reach: float, most: int) -> float:
        return min(max(value + rng.uniform(-reach, reach), 0.0), float(most))

    return moved(x0, dx, w), moved(y0, dy, h), moved(x1, dx, w), moved(y1, dy, h)


def first_prompt(mask: np.ndarray, rng: random.Random, kind: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Points [PLACES, 2] and labels [PLACES] for a mask [S, S] of the model's size."""
    kind = kind or rng.choices(list(KINDS), list(KINDS.values()))[0]
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    if kind in ("box", "both"):
        x0, y0, x1, y1 = loose_box(mask, rng)
        points, labels = [(x0, y0), (x1, y1)], [CORNER, OTHER_CORNER]
    if kind in ("any", "both"):
        points.append(any_point(mask, rng))
    elif kind == "centre":
        points.append(middle(mask))
    elif kind == "stroke":
        points += [any_point(mask, rng) for _ in range(rng.randint(2, 6))]
    if kind == "mask":
        return placed([], [NO_POINT])
    return placed(points, labels + [IN] * (len(points) - len(labels)))


def placed(points: list[tuple[float, float]], labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The same with the token that says that no point follows, and surplus places behind it."""
    result, kept = np.zeros((PLACES, 2), np.float32), np.full(PLACES, SURPLUS, np.int64)
    if points:
        result[: len(points)] = points
    kept[: len(labels)] = labels
    kept[len(labels)] = NO_POINT
    return result, kept
