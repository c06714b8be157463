"""Colour names, shades to draw with, and the colour name of given pixels."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

Rgb = tuple[int, int, int]

COLOURS: dict[str, Rgb] = {
    "red": (215, 40, 40),
    "orange": (242, 140, 30),
    "yellow": (245, 220, 50),
    "green": (50, 160, 70),
    "blue": (45, 90, 215),
    "purple": (135, 60, 170),
    "pink": (245, 150, 190),
    "brown": (130, 85, 45),
    "black": (35, 35, 35),
    "white": (240, 240, 240),
    "grey": (135, 137, 142),
}
NAMES = list(COLOURS)
MIXED = "several colours"
MAIN_SHARE = 0.5
"""Minimum share of pixels for "mainly" a colour."""


def turn_hue(image: Image.Image, degrees: int) -> Image.Image:
    """An RGBA picture with its hues turned; white, black and grey stay."""
    hue, saturation, value = image.convert("RGB").convert("HSV").split()
    turned = Image.merge("HSV", (hue.point(lambda v: (v + degrees * 256 // 360) % 256), saturation, value)).convert(
        "RGB"
    )
    turned.putalpha(image.getchannel("A"))
    return turned


def jitter(colour: Rgb, rng: random.Random, amount: int) -> Rgb:
    r, g, b = (max(0, min(255, round(c + rng.uniform(-amount, amount)))) for c in colour)
    return r, g, b


def any_shade(rng: random.Random) -> tuple[str, Rgb]:
    """A colour name and a shade of it; all shades close to it have the same name."""
    near = np.array([(r, g, b) for r in (-12, 12) for g in (-12, 12) for b in (-12, 12)])
    while True:
        shade = rng.randrange(256), rng.randrange(256), rng.randrange(256)
        names = set(classify(np.clip(near + shade, 0, 255)).tolist())
        if len(names) == 1:
            return NAMES[names.pop()], shade


def classify(rgb: np.ndarray) -> np.ndarray:
    """The index into NAMES for pixels [..., 3] of 0..255, by hue, saturation and value."""
    c = rgb.astype(np.float32) / 255
    high, low = c.max(-1), c.min(-1)
    spread = np.maximum(high - low, 1e-6)
    saturation = (high - low) / np.maximum(high, 1e-6)
    r, g, b = c[..., 0], c[..., 1], c[..., 2]
    hue = np.where(
        high == r,
        (g - b) / spread % 6,
        np.where(high == g, (b - r) / spread + 2, (r - g) / spread + 4),
    )
    hue = hue * 60
    edges = [16, 38, 68, 165, 255, 300, 345]
    names = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "red"]
    out = np.array([NAMES.index(n) for n in names])[np.digitize(hue, edges)]
    reddish = (hue < 16) | (hue >= 345)
    out = np.where(reddish & (saturation < 0.55) & (high > 0.75), NAMES.index("pink"), out)
    warm = (hue > 8) & (hue < 45)
    brown = warm & (((high < 0.72) & (saturation < 0.85)) | ((high < 0.8) & (saturation < 0.65)))
    out = np.where(brown, NAMES.index("brown"), out)
    dull = saturation < 0.18
    out = np.where(dull, NAMES.index("grey"), out)
    out = np.where(dull & (high > 0.82), NAMES.index("white"), out)
    dark = (high < 0.25) | ((high < 0.36) & (saturation < 0.4))
    return np.where(dark, NAMES.index("black"), out)


def main_colour(rgb: np.ndarray) -> str:
    """The colour name of pixels [N, 3]; MIXED if no colour has half of them."""
    counts = np.bincount(classify(rgb), minlength=len(NAMES))
    best = int(np.argmax(counts))
    return NAMES[best] if counts[best] >= MAIN_SHARE * counts.sum() else MIXED
