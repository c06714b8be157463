"""Evaluation cases: frames with masks, one question and the facts, from held-out seeds and combinations."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from . import backgrounds, clip, drawn_mask, example, facts, language, scene as scenes, unanswerable
from .facts import Facts
from .language import Turn
from .scene import Scene
from .thing import Thing

SEED = 990_000
"""First evaluation seed; training derives its seeds differently."""


@dataclass(frozen=True)
class Case:
    """`pair` links two cases that count only together; `asks` is the fact that the answer is judged for."""

    group: str
    asks: str
    question: str
    pictures: tuple[Image.Image, ...]
    masks: tuple[np.ndarray, ...]
    facts: Facts
    pair: int = -1
    turn: Turn | None = None
    """The question with its true answer and requested form, if these are judged."""

    def rgba(self) -> list[Image.Image]:
        """The pictures with the masks in their alpha channels, as clients send them."""
        out = []
        for picture, mask in zip(self.pictures, self.masks, strict=True):
            image = picture.convert("RGB")
            image.putalpha(Image.fromarray((mask > 0).astype(np.uint8) * 255))
            out.append(image)
        return out


def _case(
    group: str, asks: str, question: str, scene: Scene, thing: Thing, mask: np.ndarray | None = None, pair: int = -1
) -> Case:
    drawn = thing.mask if mask is None else mask
    return Case(group, asks, question, (scene.picture,), (drawn,), facts.facts_of(scene, thing), pair)


def regions(count: int, seed: int) -> Iterator[Case]:
    """Descriptions and questions about regions of ordinary scenes, with masks as people draw them."""
    rng = random.Random(SEED + seed)
    done = 0
    while done < count:
        scene = scenes.ordinary(rng, training=False)
        visible = [t for t in scene.things if t.mask.sum() > 60]
        for thing in rng.sample(visible, min(2, len(visible))):
            mask = drawn_mask.draw_mask(thing.mask, rng, example.is_alone(scene, thing))
            f = facts.facts_of(scene, thing)
            group = "unknown" if thing.kind == "unknown" else "region"
            yield _case(group, "detail", language.DEFAULT_IMAGE, scene, thing, mask)
            for asks in ("count", "neighbour", "position"):
                if (
                    (asks != "count" or f.count)
                    and (asks != "neighbour" or f.neighbour)
                    and (asks != "position" or f.position_is_sharp)
                ):
                    yield _case(group, asks, language.QUESTIONS[asks], scene, thing, mask)
            extra = rng.choice(["colour", "background", "size", "word", "brief", "cannot know"])
            if f.letter and rng.random() < 0.5:
                extra = "letter"
            ask = {"cannot know": rng.choice(unanswerable.CANNOT_KNOW)}
            yield _case(group, extra, ask.get(extra) or language.QUESTIONS[extra], scene, thing, mask)
            done += 1


def two_masks(count: int, seed: int) -> Iterator[Case]:
    """Two things in one picture; both names must be right."""
    rng = random.Random(SEED + 1000 + seed)
    for pair in range(count):
        while True:
            scene = scenes.ordinary(rng, training=False, most=5)
            named = [t for t in scene.things if t.kind != "unknown" and t.mask.sum() > 60]
            if len({t.said for t in named}) >= 2:
                break
        first = rng.choice(named)
        second = rng.choice([t for t in named if t.said != first.said])
        for thing in (first, second):
            yield _case("two masks", "name", language.DEFAULT_IMAGE, scene, thing, pair=pair)


def two_grounds(count: int, seed: int) -> Iterator[Case]:
    """The same thing on the same card on two backgrounds: the focal crops are byte-identical."""
    rng = random.Random(SEED + 2000 + seed)
    for pair in range(count):
        state = rng.getrandbits(32)
        while True:
            grounds = rng.sample(backgrounds.BACKGROUNDS, 2)
            pair_scenes = [scenes.card(random.Random(state), False, g) for g in grounds]
            if all(s.things[0].kind != "unknown" for s in pair_scenes):
                break
            state += 1
        for scene in pair_scenes:
            yield _case("two grounds", "background", language.DEFAULT_IMAGE, scene, scene.things[0], pair=pair)


def one_box(count: int, seed: int) -> Iterator[Case]:
    """Two things with the same box, told apart by the mask: nested shapes by name and colour, halves by colour."""
    rng = random.Random(SEED + 3000 + seed)
    for pair in range(count):
        nested = pair % 2 == 0
        scene = scenes.nested(rng, False) if nested else scenes.halves(rng, False)
        for thing in scene.things:
            yield _case(
                "one box", "name and colour" if nested else "colour", language.DEFAULT_IMAGE, scene, thing, pair=pair
            )


def videos(count: int, seed: int) -> Iterator[Case]:
    rng = random.Random(SEED + 4000 + seed)
    motions = list(facts.MOTIONS)
    for k in range(count):
        c = clip.draw_clip(rng, training=False, motion=motions[k % len(motions)])
        yield Case("video", "motion", language.DEFAULT_VIDEO, tuple(c.pictures), tuple(c.masks), c.facts)


def full_box(case: Case) -> Case:
    """The same case with the mask replaced by its bounding box, for the ablation."""
    masks = []
    for mask in case.masks:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = np.zeros_like(mask)
        box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        masks.append(box)
    return dataclasses.replace(case, masks=tuple(masks))
