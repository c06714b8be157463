"""One thing of a scene: how it is chosen and drawn, and which combinations are kept for evaluation."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageEnhance

from . import art, disclosure, palette, restyle, shapes, vocabulary

SIZES = {"small": (0.105, 0.165), "medium-sized": (0.22, 0.29), "large": (0.36, 0.47)}
"""Side of the box as a share of the picture's side (geometric means), with gaps between the sizes."""
RESTYLED_SHARE = 0.3
"""Share of the training emoji that are restyled, so that the model learns the form."""
CROSSED_SHARE = 0.35
"""Share of the unknown things in training that are crossed from two known ones."""
TINTED_SHARE = {"emoji": 0.15, "unknown": 0.4}
"""Share of the training emoji with turned hues, so that colours are not memorised with the thing."""
ANY_PAINT_SHARE = 0.35
"""Share of the training shapes in a random shade of their colour."""
SHADED_SHARE = 0.3
"""Share of the training shapes that are lit from one side."""
LETTERED_SHARE = {True: 0.5, False: 0.35}
"""Share of the readable shapes that carry a letter, in training and in evaluation."""
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
    paint: palette.Rgb | None = None  # of a shape; None for the default shade of its colour
    sprite: Image.Image | None = None  # of a restyled emoji
    shade: float = 0.0  # difference in light between two sides
    turn: float = 0.0
    centre: tuple[float, float] = (0.0, 0.0)
    mask: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    box: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def said(self) -> str:
        """The name that the model learns."""
        return "shape" if self.kind == "shape" and not disclosure.SHAPE_NAMES else self.name

    @property
    def phrase(self) -> str:
        """The thing in a few words, without an article."""
        if self.kind == "shape":
            texture = "" if self.texture == "plain" else self.texture + " "
            return f"{self.colour} {texture}{self.said}"
        return self.name


@functools.cache
def held_out() -> frozenset[tuple[str, str, str]]:
    """Combinations of shape, colour and texture kept for evaluation."""
    rng = random.Random(7)
    return frozenset(
        (rng.choice(shapes.SHAPES), rng.choice(palette.NAMES), rng.choice(shapes.TEXTURES)) for _ in range(60)
    )


def draw_lots(rng: random.Random, training: bool, sizes: tuple[str, ...] = tuple(SIZES)) -> Thing:
    """A random thing; evaluation uses held-out combinations half of the time."""
    size = rng.choices(sizes, [0.35 if s == "small" else 0.4 if s == "medium-sized" else 0.25 for s in sizes])[0]
    share = rng.uniform(*SIZES[size])
    lot = rng.random()
    known, unknown = (0.42, 0.66) if training else (0.36, 0.44)
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
    """A random picture of a random known thing."""
    return rng.choice(list(art.sprites(rng.choice(list(vocabulary.THINGS.values()))).values())).image


def draw(thing: Thing, scale: float, rng: random.Random) -> Image.Image:
    """The thing as RGBA, sized for a picture of side `scale` before it is rotated."""
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
