"""Masks as people draw them: exact, grown, shrunk, coarse, a box, an ellipse, a scribble."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

STYLES = {"exact": 0.5, "grown": 0.1, "shrunk": 0.08, "coarse": 0.1, "box": 0.1, "ellipse": 0.04, "scribble": 0.08}
LOOSE = ("box", "ellipse")
"""Styles that may include background or a neighbour."""


def draw_mask(mask: np.ndarray, rng: random.Random, alone: bool = True, style: str | None = None) -> np.ndarray:
    """A mask [H, W] in a given or random style; unless `alone`, only styles that cannot include another thing."""
    style = style or rng.choices(list(STYLES), list(STYLES.values()))[0]
    if style == "exact" or (not alone and style in (*LOOSE, "grown", "coarse")):
        return mask
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x0, y0, x1, y1 = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    side = ((x1 - x0) * (y1 - y0)) ** 0.5
    if style in ("grown", "shrunk"):
        reach = 2 * max(1, round(side * rng.uniform(0.01, 0.04))) + 1
        image = image.filter((ImageFilter.MaxFilter if style == "grown" else ImageFilter.MinFilter)(reach))
    elif style == "coarse":
        k = rng.randint(5, 9) / side
        small = image.resize((max(4, round(image.width * k)), max(4, round(image.height * k))), Image.Resampling.BOX)
        image = small.point(lambda v: 255 if v > 100 else 0).resize(image.size, Image.Resampling.NEAREST)
    else:
        image = Image.new("L", image.size)
        draw = ImageDraw.Draw(image)
        slack = [round(side * rng.uniform(0, 0.06)) for _ in range(4)]
        box = [x0 - slack[0], y0 - slack[1], x1 + slack[2] - 1, y1 + slack[3] - 1]
        if style == "box":
            draw.rectangle(box, fill=255)
        elif style == "ellipse":
            draw.ellipse(box, fill=255)
        else:
            points = np.argwhere(mask)
            picks = [tuple(int(v) for v in points[rng.randrange(len(points))][::-1]) for _ in range(rng.randint(3, 6))]
            draw.line(picks, fill=255, width=max(2, round(side * 0.08)))
            inside = np.asarray(image).astype(bool) & mask
            return inside if inside.sum() > 12 else mask
    drawn = np.asarray(image) > 0
    return drawn if drawn.sum() > 12 else mask
