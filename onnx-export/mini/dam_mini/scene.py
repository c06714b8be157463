"""Scenes: things on a background, with the exact mask of the visible part of each.

In the counterfactual scenes (`card`, `nested`, `halves`) only the context, or only the mask, determines the answer.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import backgrounds, palette, photos, shapes, thing as things
from .thing import Thing

OTHER_GROUNDS_SHARE = 0.2
"""Share of the training scenes on a background without a name."""
CARD = (225, 225, 228)
TURNED_SHARE = 0.15
"""Share of the training emoji that are rotated."""


@dataclass
class Scene:
    """A picture, its background and its things; `counted` is false if their number is ambiguous."""

    picture: Image.Image
    background: str
    things: list[Thing] = field(default_factory=list)
    counted: bool = True
    card: tuple[int, int, int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.size


def picture_size(rng: random.Random) -> tuple[int, int]:
    """Width and height: mostly 200 to 420 px, sometimes 640, between 3:4 and 16:9."""
    scale = rng.uniform(200, 380) if rng.random() < 0.9 else rng.uniform(380, 600)
    ratio = rng.choice([4 / 3, 4 / 3, 3 / 2, 1.0, 16 / 9, 3 / 4])
    return round(scale * ratio**0.5), round(scale / ratio**0.5)


def place(scene: Scene, thing: Thing, sprite: Image.Image, x: int, y: int) -> None:
    """Pastes a sprite with its top left at x, y and removes what it covers from the other masks."""
    w, h = scene.size
    scene.picture.paste(sprite.convert("RGB"), (x, y), sprite.getchannel("A"))
    mask = np.zeros((h, w), bool)
    alpha = np.asarray(sprite.getchannel("A")) > 110
    left, top = max(x, 0), max(y, 0)
    right, bottom = max(min(x + sprite.width, w), left), max(min(y + sprite.height, h), top)
    mask[top:bottom, left:right] = alpha[top - y : bottom - y, left - x : right - x]
    for other in scene.things:
        other.mask &= ~mask
    thing.mask = mask
    scene.things.append(thing)


def finish(scene: Scene, rng: random.Random, clean: bool = False) -> Scene:
    """Computes boxes and centres from the masks, then adds camera artefacts unless `clean`."""
    for t in scene.things:
        rows, columns = np.flatnonzero(t.mask.any(1)), np.flatnonzero(t.mask.any(0))
        if rows.size:
            t.box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
            t.centre = ((t.box[0] + t.box[2]) / 2, (t.box[1] + t.box[3]) / 2)
    if not clean:
        scene.picture = photograph(scene.picture, rng)
    return scene


def photograph(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Random brightness, blur and JPEG artefacts."""
    if rng.random() < 0.3:
        k = rng.uniform(0.85, 1.1)
        picture = picture.point(lambda v: min(255, round(v * k)))
    if rng.random() < 0.12:
        picture = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 1.0)))
    if rng.random() < 0.25:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=rng.randint(55, 92))
        picture = Image.open(file).convert("RGB")
    return picture


def ordinary(rng: random.Random, training: bool = True, most: int = 8, size: tuple[int, int] | None = None) -> Scene:
    """One to `most` things; some overlap by up to 30 %."""
    w, h = size or picture_size(rng)
    background = (
        backgrounds.UNKNOWN if training and rng.random() < OTHER_GROUNDS_SHARE else rng.choice(backgrounds.BACKGROUNDS)
    )
    scene = Scene(backgrounds.paint(background, w, h, rng) if background else photos.ground(w, h, rng), background)
    scale = (w * h) ** 0.5
    weights = [0.2, 0.2, 0.17, 0.14, 0.11, 0.08, 0.06, 0.04][:most]
    wanted = rng.choices(range(1, most + 1), weights)[0]
    overlap = 0.3 if rng.random() < 0.2 else 0.0
    allowed = tuple(things.SIZES) if wanted < 5 else ("small", "medium-sized")
    boxes: list[tuple[int, int, int, int]] = []
    for _ in range(wanted):
        thing = things.draw_lots(rng, training, allowed)
        if training and thing.kind != "shape" and rng.random() < TURNED_SHARE:
            thing.turn, thing.size = rng.uniform(0, 360), ""  # rotation enlarges its box, so its size is ambiguous
        sprite = things.draw(thing, scale, rng)
        spot = _free_spot(sprite.size, (w, h), boxes, overlap, rng)
        if spot:
            place(scene, thing, sprite, *spot)
            boxes.append((*spot, spot[0] + sprite.width, spot[1] + sprite.height))
    return finish(scene, rng) if scene.things else ordinary(rng, training, most, size)


def _free_spot(
    sprite: tuple[int, int],
    picture: tuple[int, int],
    boxes: list[tuple[int, int, int, int]],
    overlap: float,
    rng: random.Random,
) -> tuple[int, int] | None:
    if sprite[0] > picture[0] - 4 or sprite[1] > picture[1] - 4:
        return None
    for _ in range(30):
        x, y = rng.randint(2, picture[0] - sprite[0] - 2), rng.randint(2, picture[1] - sprite[1] - 2)
        for left, top, right, bottom in boxes:
            wide = min(x + sprite[0], right) - max(x, left)
            high = min(y + sprite[1], bottom) - max(y, top)
            if wide > -3 and high > -3:
                smaller = min(sprite[0] * sprite[1], (right - left) * (bottom - top))
                if max(wide, 0) * max(high, 0) >= overlap * smaller:
                    break
        else:
            return x, y
    return None


def card(rng: random.Random, training: bool = True, background: str | None = None) -> Scene:
    """A small thing on a plain card that fills its focal window: only the global features show the background."""
    w, h = picture_size(rng)
    background = background or rng.choice(backgrounds.BACKGROUNDS)
    scene = Scene(backgrounds.paint(background, w, h, random.Random(rng.getrandbits(32))), background)
    thing = things.draw_lots(rng, training, ("small",))
    sprite = things.draw(thing, (w * h) ** 0.5, rng)
    side_x, side_y = max(sprite.width, 48), max(sprite.height, 48)
    x = round((w - sprite.width) * rng.uniform(0.05, 0.95))
    y = round((h - sprite.height) * rng.uniform(0.05, 0.95))
    cx, cy, half_x, half_y = x + sprite.width / 2, y + sprite.height / 2, side_x * 1.5 + 2, side_y * 1.5 + 2
    scene.card = (round(cx - half_x), round(cy - half_y), round(cx + half_x), round(cy + half_y))
    ImageDraw.Draw(scene.picture).rectangle(scene.card, fill=CARD)
    place(scene, thing, sprite, x, y)
    scene.counted = False
    return finish(scene, rng, clean=True)


def nested(rng: random.Random, training: bool = True) -> Scene:
    """A shape on a tile with the same box: both masks have the same box and crop."""
    w, h = picture_size(rng)
    background = rng.choice(backgrounds.BACKGROUNDS)
    scene = Scene(backgrounds.paint(background, w, h, rng), background)
    size = rng.choice(["medium-sized", "large"])
    share = rng.uniform(*things.SIZES[size])
    side = round(share * (w * h) ** 0.5)
    if side > min(w, h) - 4:
        return nested(rng, training)
    x, y = rng.randint(2, w - side - 2), rng.randint(2, h - side - 2)
    first, second = rng.sample(palette.NAMES, 2)
    inner = rng.choice(["circle", "star", "heart", "diamond", "hexagon", "cross", "ring"])
    for name, colour in (("square", first), (inner, second)):
        tile = Image.new("RGB", (side, side), palette.jitter(palette.COLOURS[colour], rng, 12))
        tile.putalpha(Image.new("L", (side, side), 255) if name == "square" else _stretched(name, side))
        place(scene, Thing("shape", name, size, share, colour, "plain"), tile, x, y)
    return finish(scene, rng)


def _stretched(name: str, side: int) -> Image.Image:
    """An outline stretched until it touches all four sides of its tile."""
    mask = shapes.outline(name, side)
    return mask.crop(mask.point(lambda v: 255 if v > 110 else 0).getbbox()).resize((side, side))


def halves(rng: random.Random, training: bool = True) -> Scene:
    """A square cut along its diagonal into two triangles of different colours."""
    w, h = picture_size(rng)
    background = rng.choice(backgrounds.BACKGROUNDS)
    scene = Scene(backgrounds.paint(background, w, h, rng), background)
    size = rng.choice(["medium-sized", "large"])
    share = rng.uniform(*things.SIZES[size])
    side = round(share * (w * h) ** 0.5)
    if side > min(w, h) - 4:
        return halves(rng, training)
    x, y = rng.randint(2, w - side - 2), rng.randint(2, h - side - 2)
    rising = rng.random() < 0.5
    for colour, upper in zip(rng.sample(palette.NAMES, 2), (True, False), strict=True):
        tile = Image.new("RGB", (side, side), palette.jitter(palette.COLOURS[colour], rng, 12))
        i, j = np.mgrid[:side, :side]
        across = i + j < side if rising else i < j
        tile.putalpha(Image.fromarray((across == upper).astype(np.uint8) * 255))
        place(scene, Thing("shape", "triangle", size, share, colour, "plain"), tile, x, y)
    return finish(scene, rng)


def photographed(rng: random.Random, picture: Image.Image | None = None) -> Scene:
    """A photograph or a random pattern with one or two marked regions, which have no name."""
    w, h = picture_size(rng)
    scene = Scene(picture or photos.ground(w, h, rng), backgrounds.UNKNOWN, counted=False)
    w, h = scene.size
    pixels = np.asarray(scene.picture)
    for _ in range(rng.randint(1, 2)):
        mask = _blob(w, h, rng)
        for other in scene.things:
            mask &= ~other.mask
        if mask.sum() < 80:
            continue
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        share = ((rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0]) / (w * h)) ** 0.5
        size = next((name for name, (least, most) in things.SIZES.items() if least <= share <= most), "")
        thing = Thing("unknown", things.UNKNOWN_NAME, size, float(share), palette.main_colour(pixels[mask]))
        thing.mask = mask
        scene.things.append(thing)
    return finish(scene, rng) if scene.things else photographed(rng, picture)


def _blob(w: int, h: int, rng: random.Random) -> np.ndarray:
    """A random ellipse or a wavy form, of the size of a thing."""
    size = rng.choice(list(things.SIZES.values()))
    share, ratio = rng.uniform(*size) * (w * h) ** 0.5 / 2, rng.uniform(0.6, 1.6)
    rx, ry = share * ratio**0.5, share / ratio**0.5
    cx = rng.uniform(rx + 2, w - rx - 2) if w > 2 * rx + 4 else w / 2
    cy = rng.uniform(ry + 2, h - ry - 2) if h > 2 * ry + 4 else h / 2
    wavy = rng.choice([0.0, 0.12, 0.12])
    waves = [(k, rng.uniform(0, wavy), rng.uniform(0, 6.3)) for k in (2, 3, 4)]
    points = []
    for i in range(40):
        angle = i * 2 * np.pi / 40
        reach = 1 - 0.15 + sum(a * np.sin(k * angle + p) for k, a, p in waves)
        points.append((cx + rx * reach * np.cos(angle), cy + ry * reach * np.sin(angle)))
    image = Image.new("L", (w, h))
    ImageDraw.Draw(image).polygon(points, fill=255)
    return np.asarray(image) > 0
