"""The named backgrounds: how each is painted, and its phrase in a sentence."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageDraw

from .palette import Rgb, jitter

PLACES = {
    "meadow": "in a green meadow",
    "beach": "on a beach",
    "night sky": "in a night sky",
    "snowy field": "in a snowy field",
    "desert": "in a desert",
    "brick wall": "in front of a brick wall",
    "wooden table": "on a wooden table",
    "tiled floor": "on a tiled floor",
    "forest": "in a forest",
    "city": "in a city",
    "sunset sky": "in a sunset sky",
    "stone wall": "in front of a stone wall",
}
COLOURLESS_PLACES = PLACES | {"meadow": "in a meadow"}
"""The same without colour words."""
BACKGROUNDS = list(PLACES)
UNKNOWN = ""
"""The name of any other background."""
OPEN = {  # sky, ground
    "meadow": ((150, 200, 245), (90, 170, 70)),
    "beach": ((170, 215, 250), (235, 215, 160)),
    "snowy field": ((200, 215, 230), (240, 245, 250)),
    "desert": ((245, 205, 150), (215, 165, 95)),
    "forest": ((190, 220, 215), (70, 95, 50)),
    "city": ((185, 205, 225), (95, 97, 102)),
}


def grain(rng: random.Random, h: int, w: int, base: Rgb, strength: float, scale: int) -> np.ndarray:
    """A field [h, w, 3] of one colour with smooth noise."""
    coarse = np.random.default_rng(rng.getrandbits(32)).standard_normal(
        (max(2, h // scale), max(2, w // scale)), np.float32
    )
    smooth = np.asarray(Image.fromarray(coarse).resize((w, h), Image.Resampling.BILINEAR))
    return np.clip(np.array(base, np.float32) + strength * smooth[..., None], 0, 255)


def paint(name: str, w: int, h: int, rng: random.Random) -> Image.Image:
    """An RGB picture of the background; details scale with the picture."""
    u = max(1.0, (w * h) ** 0.5 / 220)  # one unit of detail
    if name in OPEN:
        return _open(name, w, h, u, rng)
    return {
        "night sky": _night_sky,
        "sunset sky": _sunset_sky,
        "brick wall": _brick_wall,
        "stone wall": _stone_wall,
        "wooden table": _wooden_table,
        "tiled floor": _tiled_floor,
    }[name](w, h, u, rng)


def _open(name: str, w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    sky, ground = (jitter(c, rng, 10) for c in OPEN[name])
    horizon = int(h * rng.uniform(0.3, 0.5))
    field = np.zeros((h, w, 3), np.float32)
    field[:horizon] = grain(rng, horizon, w, sky, 6, int(24 * u))
    field[horizon:] = grain(rng, h - horizon, w, ground, 9, int(5 * u))
    if name == "beach":
        sea = int(h * rng.uniform(0.1, 0.16))
        field[horizon : horizon + sea] = grain(rng, sea, w, jitter((40, 130, 190), rng, 10), 10, int(4 * u))
    picture = Image.fromarray(field.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    if name == "desert":
        for _ in range(rng.randint(1, 3)):
            x, top, foot = float(rng.randint(0, w)), horizon - rng.uniform(5, 25) * u, horizon + 12 * u
            draw.polygon([(x - 70 * u, foot), (x, top), (x + 70 * u, foot)], fill=jitter((200, 145, 80), rng, 10))
    if name == "snowy field":
        for _ in range(60):
            i, j = rng.randint(0, w), rng.randint(0, h)
            draw.ellipse([i, j, i + 2 * u, j + 2 * u], fill=(255, 255, 255))
    if name == "forest":
        x = rng.uniform(0, 14 * u)
        while x < w:
            trunk, foot = rng.uniform(4, 8) * u, horizon + rng.uniform(0, 14) * u
            draw.rectangle([x, 0, x + trunk, foot], fill=jitter((95, 70, 48), rng, 12))
            crown, y = rng.uniform(16, 28) * u, rng.uniform(-4, 10) * u
            draw.ellipse([x - crown, y - crown, x + crown, y + crown], fill=jitter((45, 110, 55), rng, 16))
            x += rng.uniform(16, 32) * u
    if name == "city":
        x = -rng.uniform(0, 20) * u
        while x < w:
            width, top = rng.uniform(18, 36) * u, horizon * rng.uniform(0.15, 0.75)
            draw.rectangle([x, top, x + width, horizon], fill=jitter((125, 130, 145), rng, 22))
            step = max(4, int(7 * u))
            for i in range(int(x) + step // 2, int(x + width) - step // 2, step):
                for j in range(int(top) + step // 2, horizon - step // 2, step):
                    draw.rectangle([i, j, i + step // 3, j + step // 2], fill=(235, 220, 150))
            x += width + rng.uniform(0, 3) * u
        middle = (horizon + h) // 2
        for i in range(0, w, int(26 * u)):
            draw.rectangle([i, middle, i + 12 * u, middle + 2 * u], fill=(230, 230, 225))
    return picture


def _night_sky(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    picture = Image.fromarray(grain(rng, h, w, jitter((15, 18, 55), rng, 8), 5, int(24 * u)).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(90):
        x, y, q = rng.randint(0, w), rng.randint(0, h), rng.choice([0.5, 1, 1.5]) * u
        draw.ellipse([x, y, x + q, y + q], fill=(240, 240, 210))
    return picture


def _sunset_sky(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    top, low = np.array(jitter((120, 70, 140), rng, 15)), np.array(jitter((250, 150, 70), rng, 12))
    t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    field = np.broadcast_to(top * (1 - t) + low * t, (h, w, 3))
    picture = Image.fromarray(field.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(3, 6)):
        x, y, a = rng.randint(0, w), rng.uniform(0, h), rng.uniform(20, 50) * u
        draw.ellipse([x - a, y - 4 * u, x + a, y + 4 * u], fill=jitter((245, 170, 130), rng, 15))
    return picture


def _brick_wall(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (w, h), jitter((190, 180, 170), rng, 10))
    draw = ImageDraw.Draw(picture)
    high = int(rng.uniform(12, 18) * u)
    wide, seam = high * 2, max(1, round(u))
    for j in range(h // high + 1):
        for i in range(-1, w // wide + 1):
            x = i * wide + (wide // 2 if j % 2 else 0)
            box = [x + seam, j * high + seam, x + wide - seam, j * high + high - seam]
            draw.rectangle(box, fill=jitter((165, 75, 55), rng, 14))
    return picture


def _stone_wall(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (w, h), jitter((70, 70, 72), rng, 8))
    draw = ImageDraw.Draw(picture)
    y = 0.0
    while y < h:
        high, x = rng.uniform(20, 32) * u, -rng.uniform(0, 30) * u
        while x < w:
            wide = rng.uniform(24, 52) * u
            box = [x + u, y + u, x + wide - u, y + high - u]
            draw.rounded_rectangle(box, 6 * u, fill=jitter((140, 138, 132), rng, 16))
            x += wide
        y += high
    return picture


def _wooden_table(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (w, h))
    draw = ImageDraw.Draw(picture)
    plank, base = int(rng.uniform(20, 34) * u), jitter((175, 120, 70), rng, 14)
    for j in range(0, h, plank):
        r, g, b = jitter(base, rng, 12)
        draw.rectangle([0, j, w, j + plank], fill=(r, g, b))
        for _ in range(5):
            y = j + rng.randint(0, plank)
            draw.line([0, y, w, y + rng.randint(-2, 2)], fill=(r * 9 // 10, g * 9 // 10, b * 9 // 10))
        draw.line([0, j, w, j], fill=(90, 60, 35), width=max(1, round(u)))
    return picture


def _tiled_floor(w: int, h: int, u: float, rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (w, h))
    draw = ImageDraw.Draw(picture)
    step = int(rng.uniform(18, 28) * u)
    shades = jitter((205, 210, 215), rng, 8), jitter((165, 170, 180), rng, 8)
    for j in range(0, h, step):
        for i in range(0, w, step):
            fill = shades[(i // step + j // step) % 2]
            draw.rectangle([i, j, i + step, j + step], fill=fill, outline=(140, 140, 145))
    return picture
