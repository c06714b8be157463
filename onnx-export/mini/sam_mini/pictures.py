"""Pictures for training: drawn scenes at the model's size, with exact masks and first prompts. Knows no torch."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from dam_mini import backgrounds, photos, scene as scenes, thing as things
from dam_mini.scene import Scene

from . import clicks

SIDE = 256
COVERED = 128
"""Side of the maps of coverage."""
LEAST = 40
"""Pixels of the smallest mask at the model's size."""
EASY_UNTIL = 0.08
"""Share of a run from nothing in which scenes have one or two things."""
ALIKE = 0.3
"""Share of the crowds of one thing many times, where only places tell which is meant."""


@dataclass(frozen=True)
class Drawn:
    """A picture [3, S, S] and the coverage of its things [things, S, S], in bytes."""

    pixels: np.ndarray
    masks: np.ndarray

    def mirrored(self) -> Drawn:
        """With left and right exchanged."""
        return Drawn(self.pixels[..., ::-1], self.masks[..., ::-1])


@dataclass(frozen=True)
class Sample:
    """A picture [3, S, S] in bytes; for each prompt coverage [COVERED, COVERED] in bytes, points and labels."""

    pixels: np.ndarray
    masks: np.ndarray
    points: np.ndarray
    labels: np.ndarray


def stretched(picture: Image.Image) -> np.ndarray:
    """A picture at the model's size, bytes [3, S, S]."""
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)).transpose(2, 0, 1)


def stretched_mask(mask: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The share of each cell that a mask [H, W] covers, bytes [side, side]."""
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


def crowd(rng: random.Random, most: int = 14) -> Scene:
    """Things that cover each other, up to four fifths of a thing."""
    w, h = scenes.picture_size(rng) if rng.random() < 0.5 else (SIDE, SIDE)
    name = backgrounds.UNKNOWN if rng.random() < 0.35 else rng.choice(backgrounds.BACKGROUNDS)
    scene = Scene(backgrounds.paint(name, w, h, rng) if name else photos.ground(w, h, rng), name)
    scale = (w * h) ** 0.5
    one = things.draw_lots(rng, True) if rng.random() < ALIKE else None
    for _ in range(rng.randint(4, most)):
        thing = replace(one) if one else things.draw_lots(rng, True)
        thing.share *= rng.uniform(0.7, 1.3)
        if thing.kind != "shape" and rng.random() < 0.3:
            thing.turn = rng.uniform(0, 360)
        sprite = things.draw(thing, scale, rng)
        x = rng.randint(-sprite.width // 3, w - sprite.width * 2 // 3)
        y = rng.randint(-sprite.height // 3, h - sprite.height * 2 // 3)
        scenes.place(scene, thing, sprite, x, y)
    return scenes.finish(scene, rng)


def scene(rng: random.Random, progress: float) -> Scene:
    """One or two things at first, then fuller scenes."""
    lot = rng.random()
    size = (SIDE, SIDE) if rng.random() < 0.25 else None
    if progress < EASY_UNTIL:
        return scenes.ordinary(rng, most=2, size=size)
    if lot < 0.15:
        return scenes.ordinary(rng, most=2, size=size)
    if lot < 0.75:
        return scenes.ordinary(rng, size=size)
    if lot < 0.95:
        return crowd(rng)
    return rng.choice([scenes.nested, scenes.halves, scenes.card])(rng)


def drawn(rng: random.Random, progress: float) -> Drawn:
    """One picture with the things that are large enough."""
    while True:
        made = scene(rng, progress)
        masks = [stretched_mask(it.mask) for it in made.things if it.mask.any()]
        masks = [it for it in masks if (it > 127).sum() >= LEAST]
        if masks:
            return Drawn(stretched(made.picture), np.stack(masks))


def sample(picture: Drawn, rng: random.Random, prompts: int) -> Sample:
    """A picture with `prompts` prompts for its things; those of few things have several."""
    masks = picture.masks
    order: list[int] = []
    while len(order) < prompts:
        order += rng.sample(range(len(masks)), len(masks))
    order = order[:prompts]
    given = [clicks.first_prompt(masks[i] > 127, rng) for i in order]
    covered = [it.reshape(COVERED, 2, COVERED, 2).mean((1, 3)).round().astype(np.uint8) for it in masks]
    return Sample(
        picture.pixels,
        np.stack([covered[i] for i in order]),
        np.stack([points for points, _ in given]),
        np.stack([labels for _, labels in given]),
    )
