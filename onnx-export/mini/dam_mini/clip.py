"""Clips of eight frames with moving things and a fixed camera, and the masks of one of the things."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from . import backgrounds, facts, photos, scene as scenes, thing as things
from .facts import Facts
from .prompt import FRAMES
from .scene import Scene
from .thing import Thing

REVERSED = {
    "left": "right",
    "right": "left",
    "up": "down",
    "down": "up",
    "approaching": "leaving",
    "leaving": "approaching",
    "turning": "turning",
    "still": "still",
}


@dataclass(frozen=True)
class Clip:
    """Pictures and masks by frame, and the facts about the masked thing."""

    pictures: list[Image.Image]
    masks: list[np.ndarray]
    facts: Facts


@dataclass
class Actor:
    """One thing with its motion: centre, size and rotation at time 0 to 1."""

    thing: Thing
    sprite: Image.Image
    motion: str
    start: tuple[float, float]
    reach: float
    growth: float
    turn: float

    def at(self, t: float) -> tuple[Image.Image, int, int]:
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}.get(self.motion, (0, 0))
        k = self.growth ** (t - 0.5) if self.motion in ("approaching", "leaving") else 1.0
        sprite = self.sprite
        if k != 1.0:
            size = max(8, round(sprite.width * k)), max(8, round(sprite.height * k))
            sprite = sprite.resize(size, Image.Resampling.BILINEAR)
        if self.motion == "turning":
            sprite = sprite.rotate(self.turn * t, Image.Resampling.BILINEAR, expand=True)
        x = self.start[0] + dx * self.reach * t - sprite.width / 2
        y = self.start[1] + dy * self.reach * t - sprite.height / 2
        return sprite, round(x), round(y)


def _actor(thing: Thing, motion: str, w: int, h: int, rng: random.Random) -> Actor:
    scale = (w * h) ** 0.5
    sprite = things.draw(thing, scale, rng)
    along = w if motion in ("left", "right") else h
    room = along - (sprite.width if motion in ("left", "right") else sprite.height)
    reach = rng.uniform(0.45, 0.95) * room
    growth = rng.uniform(2.2, 4.0)
    margin_x = min(0.5, (sprite.width / 2 + 2) / w) * w
    margin_y = min(0.5, (sprite.height / 2 + 2) / h) * h
    x, y = rng.uniform(margin_x, w - margin_x), rng.uniform(margin_y, h - margin_y)
    slack = rng.uniform(0, room - reach)
    if motion in ("left", "right"):
        x = margin_x + slack + (reach if motion == "left" else 0)
    if motion in ("up", "down"):
        y = margin_y + slack + (reach if motion == "up" else 0)
    turn = rng.choice([-1, 1]) * rng.uniform(120, 320)
    return Actor(thing, sprite, motion, (x, y), reach, 1 / growth if motion == "leaving" else growth, turn)


def _lots(rng: random.Random, training: bool, motion: str) -> Thing:
    """A thing whose motion is visible: round things do not turn."""
    while True:
        thing = things.draw_lots(rng, training, ("small", "medium-sized"))
        round_one = thing.name in ("circle", "ring", "football", "doughnut", "hexagon", "sunflower")
        if motion != "turning" or not (round_one or thing.name in ("cross", "square", "star")):
            break
    if motion in ("approaching", "leaving"):
        thing.share = rng.uniform(0.2, 0.26)
    return thing


def draw_clip(
    rng: random.Random, training: bool = True, motion: str | None = None, size: tuple[int, int] | None = None
) -> Clip:
    """One to three things with their own motions; the masked one is in front."""
    w, h = size or rng.choice([(240, 180), (256, 192), (280, 210), (220, 220), (288, 180)])
    background = backgrounds.UNKNOWN if training and rng.random() < 0.15 else rng.choice(backgrounds.BACKGROUNDS)
    ground = backgrounds.paint(background, w, h, rng) if background else photos.ground(w, h, rng)
    motion = motion or rng.choice(list(facts.MOTIONS))
    actors = []
    for k in range(rng.choices([1, 2, 3], [0.45, 0.35, 0.2])[0]):
        move = motion if k == 0 else rng.choice(list(facts.MOTIONS))
        actors.append(_actor(_lots(rng, training, move), move, w, h, rng))
    pictures, masks = [], []
    for i in range(FRAMES):
        scene = Scene(ground.copy(), background)
        for actor in reversed(actors):
            sprite, x, y = actor.at(i / (FRAMES - 1))
            scenes.place(scene, replace(actor.thing), sprite, x, y)
        pictures.append(scene.picture)
        masks.append(scene.things[-1].mask)
    if any(m.sum() < 30 for m in masks):
        return draw_clip(rng, training, motion, size)
    return Clip(pictures, masks, clip_facts(actors[0].thing, background, motion))


def clip_facts(thing: Thing, background: str, motion: str) -> Facts:
    """Leaves out size, position and neighbours, which change during a clip."""
    return Facts(
        kind=thing.kind,
        name=thing.name,
        said=thing.said,
        phrase=thing.phrase,
        colour=thing.colour,
        texture=thing.texture,
        letter=thing.letter,
        size="",
        position="",
        position_is_sharp=False,
        background=background,
        count=0,
        neighbour="",
        relation="",
        alone=False,
        motion=motion,
    )
