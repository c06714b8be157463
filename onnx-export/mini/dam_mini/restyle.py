"""Style augmentation: the same thing bent, tinted, outlined, shaded, roughened or blurred.

The model then learns the form of a thing instead of one designer's style.
"""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

from . import palette


def restyle(image: Image.Image, rng: random.Random) -> Image.Image:
    """The thing with random changes of form, colour, line and surface, cropped to what is visible."""
    if rng.random() < 0.7:
        image = _bend(image, rng)
    image = rng.choices([_tint, _two_tones, _grey, _lines, _as_it_is], [0.4, 0.12, 0.08, 0.12, 0.28])[0](image, rng)
    if rng.random() < 0.35:
        image = _outline(image, rng)
    if rng.random() < 0.35:
        image = _shade(image, rng)
    if rng.random() < 0.3:
        image = _rough(image, rng)
    if rng.random() < 0.2:
        image = _simplify(image, rng)
    box = image.getchannel("A").point(lambda v: 255 if v > 60 else 0).getbbox()
    return image.crop(box) if box else image


def crossed(one: Image.Image, other: Image.Image, rng: random.Random) -> Image.Image:
    """A thing that is half one and half another: side by side, or blended."""
    side = 112
    one, other = (p.convert("RGBA").resize((side, side), Image.Resampling.BILINEAR) for p in (one, other))
    if rng.random() < 0.4:
        image = Image.blend(one, other, rng.uniform(0.4, 0.6))
        image.putalpha(ImageChops.lighter(one.getchannel("A"), other.getchannel("A")))
    else:
        image = one.copy()
        cut = round(side * rng.uniform(0.4, 0.6))
        box = rng.choice([(0, 0, cut, side), (cut, 0, side, side), (0, 0, side, cut), (0, cut, side, side)])
        image.paste(other.crop(box), box[:2])
    return restyle(image, rng) if rng.random() < 0.5 else image.crop(image.getbbox())


def _as_it_is(image: Image.Image, rng: random.Random) -> Image.Image:
    return image


def _with_alpha(rgb: Image.Image, alpha: Image.Image) -> Image.Image:
    rgb = rgb.convert("RGB")
    rgb.putalpha(alpha)
    return rgb


def _bend(image: Image.Image, rng: random.Random) -> Image.Image:
    """Stretched, sheared, turned a little and bent, by a mesh of quadrilaterals."""
    w, h = image.size
    pad = round(0.12 * max(w, h))
    wide = Image.new("RGBA", (w + 2 * pad, h + 2 * pad))
    wide.paste(image, (pad, pad))
    w, h = wide.size
    turn, shear, stretch = rng.gauss(0, 0.1), rng.gauss(0, 0.1), rng.uniform(0.82, 1.2)
    cells, bend = 4, rng.uniform(0, 0.035) * max(w, h)
    points = {}
    for i in range(cells + 1):
        for j in range(cells + 1):
            x, y = (i / cells - 0.5) * w * stretch, (j / cells - 0.5) * h / stretch
            x, y = x + shear * y, y
            x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
            points[i, j] = (x + w / 2 + rng.gauss(0, bend), y + h / 2 + rng.gauss(0, bend))
    mesh = []
    for i in range(cells):
        for j in range(cells):
            box = (i * w // cells, j * h // cells, (i + 1) * w // cells, (j + 1) * h // cells)
            quad = (*points[i, j], *points[i, j + 1], *points[i + 1, j + 1], *points[i + 1, j])
            mesh.append((box, quad))
    return wide.transform(wide.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _tint(image: Image.Image, rng: random.Random) -> Image.Image:
    """Other hues, saturation, contrast and brightness."""
    if rng.random() < 0.7:
        image = palette.turn_hue(image, rng.randrange(20, 340))
    pixels = np.asarray(image.convert("RGB"), np.float32)
    grey = pixels.mean(-1, keepdims=True)
    pixels = grey + (pixels - grey) * rng.uniform(0.3, 1.5)
    pixels = (pixels - 128) * rng.uniform(0.6, 1.3) + 128 + rng.uniform(-35, 35)
    return _with_alpha(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), image.getchannel("A"))


def _two_tones(image: Image.Image, rng: random.Random) -> Image.Image:
    """A gradient between two random colours, by brightness."""
    dark = tuple(rng.randrange(0, 150) for _ in range(3))
    light = tuple(rng.randrange(120, 256) for _ in range(3))
    grey = ImageOps.autocontrast(image.convert("L"))
    return _with_alpha(ImageOps.colorize(grey, dark, light), image.getchannel("A"))


def _grey(image: Image.Image, rng: random.Random) -> Image.Image:
    grey = image.convert("L")
    return _with_alpha(ImageOps.invert(grey) if rng.random() < 0.2 else grey, image.getchannel("A"))


def _lines(image: Image.Image, rng: random.Random) -> Image.Image:
    """A line drawing: light fill, dark edges and rim."""
    alpha = image.getchannel("A")
    edges = image.convert("RGB").filter(ImageFilter.GaussianBlur(0.8)).filter(ImageFilter.FIND_EDGES).convert("L")
    rim = ImageChops.subtract(alpha, alpha.filter(ImageFilter.MinFilter(rng.choice([3, 5]))))
    ink = ImageChops.lighter(edges.point(lambda v: min(255, v * 3)), rim)
    paper = tuple(rng.randrange(190, 256) for _ in range(3)) if rng.random() < 0.5 else (250, 250, 250)
    ink_colour = tuple(rng.randrange(0, 80) for _ in range(3))
    filled = Image.new("RGB", image.size, paper)
    if rng.random() < 0.6:
        filled = Image.blend(filled, image.convert("RGB"), rng.uniform(0.2, 0.8))
    filled.paste(ink_colour, (0, 0), ink)
    return _with_alpha(filled, alpha)


def _outline(image: Image.Image, rng: random.Random) -> Image.Image:
    """A dark or white outline."""
    width = rng.choice([1, 2, 3])
    wide = Image.new("RGBA", (image.width + 2 * width + 2, image.height + 2 * width + 2))
    wide.paste(image, (width + 1, width + 1))
    alpha = wide.getchannel("A")
    grown = alpha.filter(ImageFilter.MaxFilter(2 * width + 1))
    rim = (255, 255, 255) if rng.random() < 0.25 else tuple(rng.randrange(0, 70) for _ in range(3))
    out = Image.new("RGB", wide.size, rim)
    out.paste(wide.convert("RGB"), (0, 0), alpha)
    return _with_alpha(out, grown)


def _shade(image: Image.Image, rng: random.Random) -> Image.Image:
    """Light from one side."""
    turn, amount = rng.uniform(0, 2 * math.pi), rng.uniform(0.2, 0.6)
    y, x = np.mgrid[-0.5 : 0.5 : image.height * 1j, -0.5 : 0.5 : image.width * 1j]
    light = 1 + amount * (x * math.cos(turn) + y * math.sin(turn))
    pixels = np.asarray(image.convert("RGB")) * light[..., None]
    return _with_alpha(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), image.getchannel("A"))


def _rough(image: Image.Image, rng: random.Random) -> Image.Image:
    """Fine or coarse noise."""
    noise = np.random.default_rng(rng.getrandbits(32))
    step = rng.choice([1, 1, 2, 4])
    grain = noise.standard_normal((image.height // step + 1, image.width // step + 1)) * rng.uniform(6, 26)
    grain = np.repeat(np.repeat(grain, step, 0), step, 1)[: image.height, : image.width, None]
    pixels = np.asarray(image.convert("RGB")) + grain
    return _with_alpha(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), image.getchannel("A"))


def _simplify(image: Image.Image, rng: random.Random) -> Image.Image:
    """Fewer details: blurred, coarse, or in few tones."""
    kind = rng.randrange(3)
    alpha = image.getchannel("A")
    if kind == 0:
        return _with_alpha(image.convert("RGB").filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.2))), alpha)
    if kind == 1:
        return _with_alpha(ImageOps.posterize(image.convert("RGB"), rng.choice([2, 3])), alpha)
    small = image.resize((max(10, image.width // 3), max(10, image.height // 3)), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.NEAREST)
