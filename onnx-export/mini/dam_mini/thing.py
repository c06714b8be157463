"""One thing of a scene: what it is, before and after it is put into the picture.

Knows how a thing is drawn and which combinations are kept for evaluation. Knows nothing of scenes.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageEnhance

from . import art, disclosure, palette, restyle, shapes, vocabulary

SIZES = {"small": (0.105, 0.165), "medium-sized": (0.22, 0.29), "large": (0.36, 0.47)}
"""Side of the box (geometric mean) as a share of the picture's (geometric mean), with gaps between."""
RESTYLED_SHARE = 0.3
"""Of the training's emoji, those drawn in another manner, so that a thing is known by its form."""
CROSSED_SHARE = 0.35
"""Of the training's unknown things, those put together from two known ones: what is neither is not to be named."""
TINTED_SHARE = {"emoji": 0.15, "unknown": 0.4}
"""Of the training's emoji, those whose hues are turned, so that colour is seen and not remembered with the thing."""
ANY_PAINT_SHARE = 0.35
"""Of the training's shapes, those painted in any shade that has a name, so that outline and colour are seen apart."""
SHADED_SHARE = 0.3
"""Of the training's shapes, those a little lighter on one side."""
LETTERED_SHARE = {True: 0.5, False: 0.35}
"""Of the shapes that are large enough to read, in training and in evaluation; each letter must be seen often."""
UNKNOWN_NAME = "object I don't recognise"


@dataclass
class Thing:
    """A shape, a named emoji, or an unknown emoji."""

    kind: str  # "shape", "emoji" or "unknown"
    name: str
    size: str
    share: float
    colour: str = ""
    texture: str = ""
    letter: str = ""
    code: str = ""
    design: str = ""
    hue: int = 0
    paint: palette.Rgb | None = None  # a shape's; its colour's own shade where there is none
    sprite: Image.Image | None = None  # an emoji's own picture, where it is drawn in another manner
    shade: float = 0.0  # how much lighter one side is than the other
    turn: float = 0.0
    centre: tuple[float, float] = (0.0, 0.0)
    mask: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    box: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def said(self) -> str:
        """Its name as far as the model is taught to say it."""
        return "shape" if self.kind == "shape" and not disclosure.SHAPE_NAMES else self.name

    @property
    def phrase(self) -> str:
        """What it is in a few words, without an article."""
        if self.kind == "shape":
            texture = "" if self.texture == "plain" else self.texture + " "
            return f"{self.colour} {texture}{self.said}"
        return self.name


@functools.cache
def held_out() -> frozenset[tuple[str, str, str]]:
    """Combinations of shape, colour and texture that training never shows."""
    rng = random.Random(7)
    return frozenset(
        (rng.choice(shapes.SHAPES), rng.choice(palette.NAMES), rng.choice(shapes.TEXTURES)) for _ in range(60)
    )


def draw_lots(rng: random.Random, training: bool, sizes: tuple[str, ...] = tuple(SIZES)) -> Thing:
    """A thing at random; evaluation takes held-out combinations half of the time."""
    size = rng.choices(sizes, [0.35 if s == "small" else 0.4 if s == "medium-sized" else 0.25 for s in sizes])[0]
    share = rng.uniform(*SIZES[size])
    lot = rng.random()
    known, unknown = (0.44, 0.63) if training else (0.36, 0.44)
    if lot < known:
        name = rng.choice(list(vocabulary.THINGS))
        return _emoji("emoji", name, vocabulary.THINGS[name], size, share, rng, training)
    if lot < unknown:
        return _emoji("unknown", UNKNOWN_NAME, rng.choice(vocabulary.unknown(not training)), size, share, rng, training)
    lettered = size != "small" and rng.random() < LETTERED_SHARE[training]
    names, weights = (shapes.LETTERED, [1, 0, 0, 0]) if lettered else (shapes.SHAPES, [0.4, 0.2, 0.2, 0.2])
    while True:
        name, colour = rng.choice(names), rng.choice(palette.NAMES)
        texture = rng.choices(shapes.TEXTURES, weights)[0]
        if not training or (name, colour, texture) not in held_out():
            break
    if not training and not lettered and rng.random() < 0.5:
        name, colour, texture = rng.choice(sorted(held_out()))
    thing = Thing("shape", name, size, share, colour, texture, rng.choice(shapes.LETTERS) if lettered else "")
    if training and rng.random() < ANY_PAINT_SHARE:
        thing.colour, thing.paint = palette.any_shade(rng)
        while (name, thing.colour, texture) in held_out():
            thing.colour, thing.paint = palette.any_shade(rng)
    if training and rng.random() < SHADED_SHARE:
        thing.shade = rng.uniform(0.1, 0.3)
    return thing


def _emoji(kind: str, name: str, code: str, size: str, share: float, rng: random.Random, training: bool) -> Thing:
    if training and kind == "unknown" and rng.random() < CROSSED_SHARE:
        sprite = restyle.crossed(_any_known(rng), _any_known(rng), rng)
        return Thing(kind, name, size, share, art.colour_of(sprite), sprite=sprite)
    designs = sorted(art.sprites(code))
    design = rng.choice(designs if training else [d for d in designs if d in disclosure.DESIGNS] or designs)
    if training and rng.random() < RESTYLED_SHARE:
        sprite = restyle.restyle(art.sprites(code)[design].image, rng)
        return Thing(kind, name, size, share, art.colour_of(sprite), code=code, design=design, sprite=sprite)
    hue = 30 * rng.randrange(1, 12) if training and rng.random() < TINTED_SHARE[kind] else 0
    return Thing(kind, name, size, share, art.tinted(code, design, hue).colour, code=code, design=design, hue=hue)


def _any_known(rng: random.Random) -> Image.Image:
    """Some picture of some thing that has a name."""
    return rng.choice(list(art.sprites(rng.choice(list(vocabulary.THINGS.values()))).values())).image


def draw(thing: Thing, scale: float, rng: random.Random) -> Image.Image:
    """The thing as RGBA, before it is turned as large as its share of a picture of side `scale` asks."""
    side = thing.share * scale
    if thing.kind == "shape":
        n = max(12, round(side))
        colour = thing.paint or palette.jitter(palette.COLOURS[thing.colour], rng, 16)
        tile = shapes.fill(thing.texture, n, colour, rng)
        if thing.shade:
            tile = shapes.shade(tile, thing.shade, rng)
        if thing.letter:
            shapes.write_letter(tile, thing.letter, colour, rng)
        tile.putalpha(shapes.outline(thing.name, n, rng.uniform(-12, 12)))
        sprite = tile
    else:
        sprite = thing.sprite or art.tinted(thing.code, thing.design, thing.hue).image
        k = side / (sprite.width * sprite.height) ** 0.5
        sprite = sprite.resize(
            (max(8, round(sprite.width * k)), max(8, round(sprite.height * k))), Image.Resampling.BILINEAR
        )
        if rng.random() < 0.5:
            sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if rng.random() < 0.3:
            alpha = sprite.getchannel("A")
            sprite = ImageEnhance.Brightness(sprite.convert("RGB")).enhance(rng.uniform(0.85, 1.12))
            sprite.putalpha(alpha)
    return sprite.rotate(thing.turn, Image.Resampling.BILINEAR, expand=True) if thing.turn else sprite
