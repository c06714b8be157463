"""The mix of training scenes, as endless streams of examples."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sentencepiece

from . import clip, drawn_mask, example, facts, focal, scene as scenes
from .example import ClipExample, Example
from .scene import Scene

TURNING_SHARE = 0.3
"""Additional share of clips with turning things, the motion that is hardest to learn."""
PHOTOGRAPHS_SHARE = 0.14
"""Share of the scenes that are photographs with marked regions."""
EASY_SCENES = 2500
"""The number of first scenes with only one or two things."""


def draw_scene(rng: random.Random, easy: bool, training: bool = True) -> Scene:
    lot = rng.random()
    if training and lot < PHOTOGRAPHS_SHARE:
        return scenes.photographed(rng)
    if easy or lot < 0.86:
        return scenes.ordinary(rng, training, 2 if easy else 8)
    if lot < 0.91:
        return scenes.card(rng, training)
    return scenes.nested(rng, training) if lot < 0.96 else scenes.halves(rng, training)


def examples(
    tokenizer: sentencepiece.SentencePieceProcessor, size: int, grid: int, seed: int, seen: int = 0, long: bool = False
) -> Iterator[Example]:
    """One or two regions of each scene; `seen` counts the scenes before a run was resumed."""
    rng = random.Random(seed * (11_000_027 if long else 1_000_003) + seen)
    while True:
        scene = draw_scene(rng, seen < EASY_SCENES)
        seen += 1
        visible = [t for t in scene.things if t.mask.sum() > 60]
        for thing in rng.sample(visible, min(2, len(visible))):
            yield example.example(scene, thing, tokenizer, size, grid, rng, long)


@dataclass(frozen=True)
class Look:
    """One view of a region, for the tower alone: the full picture (view 0) or the crop (view 1)."""

    view: int
    pixels: np.ndarray  # bytes [4, S, S]
    patches: np.ndarray  # [5 kinds, grid * grid]
    pooled: np.ndarray  # [len(POOLED)]


def looks(size: int, grid: int, seed: int, seen: int = 0) -> Iterator[Look]:
    """Cheap examples without text and second view. A crop has no labels for position and the like."""
    rng = random.Random(seed * 3_000_017 + seen)
    own = np.array([kind in ("name", "colour", "texture", "letter", "turn") for kind in example.POOLED])
    while True:
        scene = draw_scene(rng, False)
        visible = [t for t in scene.things if t.mask.sum() > 60]
        for thing in rng.sample(visible, min(5, len(visible))):
            mask = drawn_mask.draw_mask(thing.mask, rng, example.is_alone(scene, thing))
            pixels = focal.pixel_bytes(scene.picture, mask, size)
            patches = example.patch_labels(scene, mask, grid)
            pooled = example.pooled_labels(facts.facts_of(scene, thing), thing.turn)
            yield Look(1, pixels[4:], patches[1], np.where(own, pooled, example.IGNORE))
            if rng.random() < 0.5:
                yield Look(0, pixels[:4], patches[0], pooled)


def clips(
    tokenizer: sentencepiece.SentencePieceProcessor, size: int, seed: int, seen: int = 0
) -> Iterator[ClipExample]:
    rng = random.Random(seed * 7_000_003 + seen)
    while True:
        motion = "turning" if rng.random() < TURNING_SHARE else None
        yield example.clip_example(clip.draw_clip(rng, motion=motion), tokenizer, size, rng)
