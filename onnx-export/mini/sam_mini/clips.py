"""Clips for training: several things with motions of their own, which pass in front of each other. Knows no torch."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from dam_mini import backgrounds, photos, scene as scenes, thing as things
from dam_mini.scene import Scene
from dam_mini.thing import Thing

from . import clicks
from .pictures import COVERED, stretched, stretched_mask

FRAMES = 8
LEARNED = 6
"""Frames of a training clip, which follow each other."""
LEAST = 60
"""Pixels of a thing at the model's size on the frame on which it is marked."""


@dataclass(frozen=True)
class Clip:
    """Pictures by frame and masks [frames, things, H, W]."""

    pictures: list[Image.Image]
    masks: np.ndarray


@dataclass(frozen=True)
class Frames:
    """Bytes [LEARNED, 3, S, S], coverage [LEARNED, things, COVERED, COVERED], and marks on the first frame.

    Masks [things, S, S] of 0 and 1, points [things, PLACES, 2] and labels [things, PLACES].
    """

    pixels: np.ndarray
    covered: np.ndarray
    masks: np.ndarray
    points: np.ndarray
    labels: np.ndarray


@dataclass
class Mover:
    """A thing on a bowed path, which may grow, turn and pause; `path` is in shares of the picture, from time 0 to 1."""

    thing: Thing
    sprite: Image.Image
    path: tuple[tuple[float, float], tuple[float, float]]
    bow: tuple[float, float]
    growth: float
    turn: float
    pause: float

    def at(self, t: float, w: int, h: int) -> tuple[Image.Image, int, int]:
        """Sprite and top left corner at a time."""
        t = min(t / (1 - self.pause), 1.0)
        sprite = self.sprite
        k = self.growth ** (t - 0.5)
        if abs(k - 1) > 0.01:
            size = max(8, round(sprite.width * k)), max(8, round(sprite.height * k))
            sprite = sprite.resize(size, Image.Resampling.BILINEAR)
        if self.turn:
            sprite = sprite.rotate(self.turn * t, Image.Resampling.BILINEAR, expand=True)
        (ax, ay), (bx, by) = self.path
        x = ax + (bx - ax) * t + self.bow[0] * math.sin(math.pi * t)
        y = ay + (by - ay) * t + self.bow[1] * math.sin(math.pi * t)
        return sprite, round(x * w - sprite.width / 2), round(y * h - sprite.height / 2)


def mover(rng: random.Random, scale: float, training: bool = True) -> Mover:
    """A thing with a motion."""
    thing = things.draw_lots(rng, training)
    start = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)
    if rng.random() < 0.15:
        end = start
    else:
        reach, angle = rng.uniform(0.1, 0.9), rng.uniform(0, 2 * math.pi)
        end = start[0] + reach * math.cos(angle), start[1] + reach * math.sin(angle)
        inside = -0.15 if rng.random() < 0.2 else 0.1
        end = min(max(end[0], inside), 1 - inside), min(max(end[1], inside), 1 - inside)
    bow = (rng.uniform(-0.15, 0.15), rng.uniform(-0.15, 0.15)) if rng.random() < 0.3 else (0.0, 0.0)
    growth = rng.uniform(1, 3) ** rng.choice([-1, 1]) if rng.random() < 0.35 else 1.0
    turn = rng.uniform(-220, 220) if rng.random() < 0.3 else 0.0
    pause = rng.uniform(0, 0.6) if rng.random() < 0.2 else 0.0
    return Mover(thing, things.draw(thing, scale, rng), (start, end), bow, growth, turn, pause)


def clip(rng: random.Random, training: bool = True, frames: int = FRAMES, most: int = 5) -> Clip:
    """Things in a fixed order of depth before one ground."""
    w, h = rng.choice([(240, 180), (256, 192), (280, 210), (220, 220), (256, 256), (288, 180), (200, 280)])
    name = backgrounds.UNKNOWN if training and rng.random() < 0.3 else rng.choice(backgrounds.BACKGROUNDS)
    ground = backgrounds.paint(name, w, h, rng) if name else photos.ground(w, h, rng)
    movers = [mover(rng, (w * h) ** 0.5, training) for _ in range(rng.randint(1, most))]
    pictures, masks = [], []
    for i in range(frames):
        scene = Scene(ground.copy(), name)
        for one in movers:
            scenes.place(scene, replace(one.thing), *one.at(i / (frames - 1), w, h))
        pictures.append(scene.picture)
        masks.append(np.stack([it.mask for it in scene.things]))
    return Clip(pictures, np.stack(masks))


def frames(rng: random.Random, count: int) -> Frames:
    """A training clip in which `count` things are marked on the first frame; one of few things is marked twice."""
    while True:
        drawn = clip(rng)
        pictures, masks = drawn.pictures, drawn.masks
        if rng.random() < 0.5:
            pictures, masks = pictures[::-1], masks[::-1]
        start = rng.randint(0, FRAMES - LEARNED)
        pictures, masks = pictures[start : start + LEARNED], masks[start : start + LEARNED]
        first = [stretched_mask(it) > 127 for it in masks[0]]
        seen = [i for i, it in enumerate(first) if it.sum() >= LEAST]
        if seen:
            break
    chosen = rng.sample(seen, count) if len(seen) >= count else rng.choices(seen, k=count)
    kinds = rng.choices(list(clicks.MARKS), list(clicks.MARKS.values()), k=count)
    prompts = [clicks.first_prompt(first[i], rng, kind) for i, kind in zip(chosen, kinds, strict=True)]
    covered = [[stretched_mask(frame[i], COVERED) for i in chosen] for frame in masks]
    return Frames(
        np.stack([stretched(it) for it in pictures]),
        np.array(covered),
        np.stack([first[i] for i in chosen]).astype(np.float32),
        np.stack([points for points, _ in prompts]),
        np.stack([labels for _, labels in prompts]),
    )
