"""The drawn shapes: outlines, textures and letters on a square tile."""

from __future__ import annotations

import functools
import math
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .palette import Rgb

SHAPES = ["circle", "square", "triangle", "star", "heart", "diamond", "hexagon", "cross", "ring", "crescent"]
TEXTURES = ["plain", "striped", "dotted", "checkered"]
LETTERS = "ABCEFGHKLMNPRSTUXYZ"
LETTERED = ("circle", "square", "hexagon", "heart")
"""Shapes with enough room for a letter."""
OVERSAMPLE = 3
FONT_FOLDER = Path("/usr/share/fonts/truetype/dejavu")


@functools.cache
def fonts(size: int) -> list[ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    found = sorted(FONT_FOLDER.glob("*Bold.ttf"))
    return [ImageFont.truetype(str(f), size) for f in found] or [ImageFont.load_default(size)]


def outline(shape: str, side: int, turn: float = 0.0) -> Image.Image:
    """The soft mask [side, side] of a shape turned by some degrees."""
    n = side * OVERSAMPLE
    mask = Image.new("L", (n, n), 0)
    draw = ImageDraw.Draw(mask)
    centre, radius = n / 2, n / 2 - 1

    def around(corners: int, start: float, inner: float = 1.0) -> None:
        points = []
        for i in range(corners):
            angle = math.radians(start + turn + i * 360 / corners)
            reach = radius * (inner if i % 2 else 1.0)
            points.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
        draw.polygon(points, fill=255)

    if shape in ("circle", "ring", "crescent"):
        draw.ellipse([1, 1, n - 2, n - 2], fill=255)
        if shape == "ring":
            q = n * 0.27
            draw.ellipse([q, q, n - q, n - q], fill=0)
        if shape == "crescent":
            draw.ellipse([n * 0.32, -n * 0.05, n * 1.12, n * 0.75], fill=0)
    elif shape == "square":
        around(4, 45)
    elif shape == "triangle":
        around(3, -90)
    elif shape == "hexagon":
        around(6, -90)
    elif shape == "star":
        around(10, -90, 0.42)
    elif shape == "diamond":
        draw.polygon([(centre, 0), (n * 0.82, centre), (centre, n - 1), (n * 0.18, centre)], fill=255)
    elif shape == "cross":
        a = n * 0.33
        draw.rectangle([a, 2, n - a, n - 3], fill=255)
        draw.rectangle([2, a, n - 3, n - a], fill=255)
    elif shape == "heart":
        t = np.linspace(0, 2 * math.pi, 60)
        x = 16 * np.sin(t) ** 3
        y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
        points = zip(centre + radius * x / 17, centre + radius * (y + 2) / 17, strict=True)
        draw.polygon([(float(a), float(b)) for a, b in points], fill=255)
    else:
        raise ValueError(f"no such shape: {shape}")
    return mask.resize((side, side), Image.Resampling.BOX)


def fill(texture: str, side: int, colour: Rgb, rng: random.Random) -> Image.Image:
    """A tile [side, side] of one colour, with a pattern of white (or of dark, on light colours)."""
    tile = Image.new("RGB", (side, side), colour)
    if texture == "plain":
        return tile
    second = (245, 245, 245) if sum(colour) < 560 else (60, 60, 60)
    draw = ImageDraw.Draw(tile)
    if texture == "striped":
        step = max(3, side // 8)
        upright = rng.random() < 0.5
        for i in range(0, side, 2 * step):
            draw.rectangle([i, 0, i + step - 1, side] if upright else [0, i, side, i + step - 1], fill=second)
    elif texture == "dotted":
        step = max(6, side // 5)
        q = step * 0.26
        for i in range(step // 2, side, step):
            for j in range(step // 2, side, step):
                draw.ellipse([i - q, j - q, i + q, j + q], fill=second)
    else:
        step = max(4, side // 6)
        for i in range(0, side, step):
            for j in range(0, side, step):
                if (i // step + j // step) % 2:
                    draw.rectangle([i, j, i + step - 1, j + step - 1], fill=second)
    return tile


def shade(tile: Image.Image, amount: float, rng: random.Random) -> Image.Image:
    """The tile lit from one side, by factors around 1 that differ by up to `amount`."""
    turn = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[-0.5 : 0.5 : tile.height * 1j, -0.5 : 0.5 : tile.width * 1j]
    light = 1 + amount * (x * math.cos(turn) + y * math.sin(turn))
    return Image.fromarray(np.clip(np.asarray(tile) * light[..., None], 0, 255).astype(np.uint8))


def write_letter(tile: Image.Image, letter: str, colour: Rgb, rng: random.Random) -> None:
    """Draws a letter in the middle, dark on light or light on dark."""
    side = tile.width
    ink = (20, 20, 20) if sum(colour) > 380 else (250, 250, 250)
    font = rng.choice(fonts(max(8, int(side * rng.uniform(0.6, 0.8)))))
    ImageDraw.Draw(tile).text((side / 2, side / 2), letter, font=font, anchor="mm", fill=ink)
