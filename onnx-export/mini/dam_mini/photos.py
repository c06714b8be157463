"""Backgrounds without a name: crops of photographs, and random gradients and clouds.

The photographs come with Python packages; licences are in ART.md. Training never uses those in EVALUATION.
"""

from __future__ import annotations

import functools
import importlib.util
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from . import palette

TRAINING = (
    "astronaut.png",
    "camera.png",
    "coffee.png",
    "coins.png",
    "gravel.png",
    "grass.png",
    "hubble_deep_field.jpg",
    "retina.jpg",
    "ihc.png",
    "cell.png",
)
"""Photographs for training."""
Region = tuple[float, float, float, float]
"""Bounding box of an ellipse: left, top, right, bottom in shares of the picture's sides."""
EVALUATION: dict[tuple[str, str], tuple[Region, ...]] = {
    ("skimage", "data/chelsea.png"): ((0.25, 0.1, 0.75, 0.95), (0.0, 0.0, 0.2, 0.5)),
    ("skimage", "data/rocket.jpg"): ((0.44, 0.12, 0.6, 0.75), (0.05, 0.1, 0.35, 0.5)),
    ("skimage", "data/clock_motion.png"): ((0.2, 0.15, 0.8, 0.9),),
    ("sklearn", "datasets/images/china.jpg"): ((0.3, 0.3, 0.7, 0.8), (0.55, 0.02, 0.95, 0.25)),
    ("sklearn", "datasets/images/flower.jpg"): ((0.3, 0.25, 0.75, 0.8), (0.0, 0.6, 0.25, 0.98)),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"): ((0.3, 0.12, 0.7, 0.55), (0.05, 0.65, 0.45, 0.98)),
    ("pywt", "data/ascent.npz"): ((0.35, 0.3, 0.7, 0.9),),
}
"""Photographs for evaluation only, by package and file, with the regions to ask about."""


@functools.cache
def load(name: str) -> Image.Image:
    """A photograph from scikit-image's package, at most 640 px."""
    import skimage

    image = Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")
    image.thumbnail((640, 640), Image.Resampling.BILINEAR)
    return image


def cut(image: Image.Image, w: int, h: int, rng: random.Random) -> Image.Image:
    """A random crop as a picture of w x h, randomly mirrored, tinted and lit."""
    most = min(image.width / w, image.height / h)
    k = most * rng.uniform(0.35, 1.0)
    width, height = k * w, k * h
    x, y = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
    piece = image.resize((w, h), Image.Resampling.BILINEAR, (x, y, x + width, y + height))
    if rng.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.5:
        alpha = piece.convert("RGBA")
        piece = palette.turn_hue(alpha, rng.randrange(360)).convert("RGB")
    piece = ImageEnhance.Color(piece).enhance(rng.uniform(0.5, 1.4))
    return ImageEnhance.Brightness(piece).enhance(rng.uniform(0.6, 1.35))


def photograph(w: int, h: int, rng: random.Random) -> Image.Image:
    """A crop of one of the training photographs."""
    return cut(load(rng.choice(TRAINING)), w, h, rng)


def nothing_in_particular(w: int, h: int, rng: random.Random) -> Image.Image:
    """A plain colour, a gradient, or clouds of several scales in two or three colours."""
    colours = np.array([[rng.randrange(256) for _ in range(3)] for _ in range(3)], np.float32)
    kind = rng.random()
    if kind < 0.3:
        colour = (
            tuple(int(v) for v in colours[0])
            if rng.random() < 0.6
            else rng.choice([(255, 255, 255), (0, 0, 0), (240, 240, 240)])
        )
        return Image.new("RGB", (w, h), colour)
    if kind < 0.5:
        t = np.add.outer(np.linspace(0, rng.uniform(-1, 1), h), np.linspace(0, rng.uniform(-1, 1), w))
    else:
        noise = np.random.default_rng(rng.getrandbits(32))
        t = np.zeros((h, w), np.float32)
        for level in range(2, rng.randint(4, 7)):
            coarse = noise.standard_normal((2**level, 2**level)).astype(np.float32)
            t += np.asarray(Image.fromarray(coarse).resize((w, h), Image.Resampling.BICUBIC)) * 2.0 ** (-0.8 * level)
    t = (t - t.min()) / max(float(t.max() - t.min()), 1e-6) * 2
    low, high = np.clip(t, 0, 1)[..., None], np.clip(t - 1, 0, 1)[..., None]
    field = colours[0] * (1 - low) + colours[1] * (low - high) + colours[2] * high
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def ground(w: int, h: int, rng: random.Random) -> Image.Image:
    """A background without a name."""
    return photograph(w, h, rng) if rng.random() < 0.6 else nothing_in_particular(w, h, rng)


def evaluation() -> Iterator[tuple[str, Image.Image, Region]]:
    """The twelve evaluation regions: name, picture, region."""
    for (package, file), regions in EVALUATION.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise FileNotFoundError(f"the photographs need the package {package}: pip install -e '.[photographs]'")
        path = Path(spec.origin).parent / file
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                image = Image.fromarray(next(iter(arrays.values())).astype(np.uint8)).convert("RGB")
        else:
            image = Image.open(path).convert("RGB")
        image.thumbnail((640, 640), Image.Resampling.BILINEAR)
        for k, region in enumerate(regions, 1):
            yield f"{path.stem} {k}", image, region
