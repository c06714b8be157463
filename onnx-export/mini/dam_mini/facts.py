"""The facts about one thing in a scene. Ambiguous facts are left empty."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from . import vocabulary
from .scene import Scene
from .thing import Thing

ROWS = (("top left", "top", "top right"), ("left", "centre", "right"), ("bottom left", "bottom", "bottom right"))
POSITIONS = [p for row in ROWS for p in row]
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"]
MOTIONS = {
    "left": "moves to the left",
    "right": "moves to the right",
    "up": "moves up",
    "down": "moves down",
    "approaching": "comes closer",
    "leaving": "moves away",
    "turning": "turns around",
    "still": "stays in place",
}
CLEARLY = 1.25
"""Ratio of the sides from which one thing counts as bigger."""
BRIGHTER_BY = 35
"""Difference in grey levels from which a thing counts as brighter or darker than its surroundings."""
GRID_MARGIN = 0.04
"""A centre closer than this to a line of the 3 x 3 grid has an ambiguous position."""


@dataclass(frozen=True)
class Facts:
    """Facts of a thing; an empty string or 0 means none or ambiguous. `said` is the name that the model learns."""

    kind: str
    name: str
    said: str
    phrase: str
    colour: str
    texture: str
    letter: str
    size: str
    position: str
    position_is_sharp: bool
    background: str
    count: int
    neighbour: str
    relation: str
    alone: bool
    motion: str = ""
    neighbour_said: str = ""
    brightness: str = ""
    bigger: str = ""
    largest: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def position(centre: tuple[float, float], size: tuple[int, int]) -> tuple[str, bool]:
    """The cell of the 3 x 3 grid, and whether it is unambiguous."""
    x, y = centre[0] / size[0], centre[1] / size[1]
    sharp = all(abs(v - line) > GRID_MARGIN for v in (x, y) for line in (1 / 3, 2 / 3))
    return ROWS[min(2, int(y * 3))][min(2, int(x * 3))], sharp


def relation(a: tuple[float, float], b: tuple[float, float]) -> tuple[str, bool]:
    """The side of a on which b lies, and whether it is unambiguous."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    word = (
        ("on its left" if dx < 0 else "on its right") if abs(dx) > abs(dy) else ("above it" if dy < 0 else "below it")
    )
    return word, max(abs(dx), abs(dy)) > 1.4 * min(abs(dx), abs(dy))


def reach(thing: Thing) -> float:
    """The geometric mean of the box's sides."""
    x0, y0, x1, y1 = thing.box
    return math.sqrt((x1 - x0) * (y1 - y0))


def compared(own: float, other: float) -> str:
    """ "bigger" or "smaller"; empty if the two are too close."""
    return "bigger" if own > CLEARLY * other else "smaller" if other > CLEARLY * own else ""


def largest(scene: Scene, thing: Thing) -> str:
    """ "yes" or "no"; empty if another thing is about as large, or there is no other."""
    rest = [reach(t) for t in scene.things if t is not thing]
    if not rest or not scene.counted:
        return ""
    return {"bigger": "yes", "smaller": "no"}.get(compared(reach(thing), max(rest)), "")


def brightness(scene: Scene, thing: Thing) -> str:
    """ "brighter" or "darker" than the surroundings; empty if the difference is small."""
    x0, y0, x1, y1 = thing.box
    w, h = (x1 - x0) // 2 + 4, (y1 - y0) // 2 + 4
    left, top = max(x0 - w, 0), max(y0 - h, 0)
    step = max(1, (x1 - x0 + 2 * w) // 48)
    window = np.s_[top : y1 + h : step, left : x1 + w : step]
    grey = np.asarray(scene.picture)[window][..., :3].mean(-1)
    own = thing.mask[window]
    covered = np.any([t.mask[window] for t in scene.things], axis=0)
    if not own.any() or covered.all():
        return ""
    difference = float(grey[own].mean() - grey[~covered].mean())
    return "" if abs(difference) < BRIGHTER_BY else "brighter" if difference > 0 else "darker"


def facts_of(scene: Scene, thing: Thing, motion: str = "") -> Facts:
    where, sharp = position(thing.centre, scene.size)
    others = sorted((math.dist(t.centre, thing.centre), i) for i, t in enumerate(scene.things) if t is not thing)
    neighbour = side = said = bigger = ""
    if others and (len(others) == 1 or others[0][0] < 0.8 * others[1][0]) and scene.counted:
        nearest = scene.things[others[0][1]]
        word, clear = relation(thing.centre, nearest.centre)
        if clear:
            neighbour, side, said = vocabulary.with_article(nearest.phrase), word, nearest.said
            bigger = compared(reach(thing), reach(nearest))
    return Facts(
        kind=thing.kind,
        name=thing.name,
        said=thing.said,
        phrase=thing.phrase,
        colour=thing.colour,
        texture=thing.texture,
        letter=thing.letter,
        size=thing.size,
        position=where,
        position_is_sharp=sharp,
        background=scene.background,
        count=len(scene.things) if scene.counted else 0,
        neighbour=neighbour,
        relation=side,
        alone=not others and scene.counted,
        motion=motion,
        neighbour_said=said,
        brightness=brightness(scene, thing),
        bigger=bigger,
        largest=largest(scene, thing),
    )
