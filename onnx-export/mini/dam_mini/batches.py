"""Training batches as tensors, made by worker processes.

Each class yields one kind of batch, forever. `Remembered` and its subclasses serve training with frozen encoders.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import sentencepiece
import torch
from torch import Tensor

from . import curriculum, example, facts, focal
from .config import ModelConfig
from .vision import Vision

BATCH = 32
LOOKS = 32
CLIPS = 4
FRESH = 8
"""New regions in a batch for the decoder alone."""
REMEMBERED = 3000
"""Regions whose features are kept and used again."""
LEVELS = torch.from_numpy(focal.LEVELS)


def half() -> torch.autocast:
    """Matrix products in bfloat16; weights, sums and residual streams stay float32."""
    return torch.autocast("cpu", torch.bfloat16)


def values(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The model's input values of bytes [N, 8, S, S], and which crops [N] are the whole picture."""
    whole = (pixels[:, :4] == pixels[:, 4:]).flatten(1).all(1)
    return LEVELS[pixels.int()], whole


class Examples(torch.utils.data.IterableDataset[list[Tensor]]):
    """Batches of regions for the whole model, shuffled within a window of three batches."""

    long = False

    def __init__(self, model_file: str, config: ModelConfig, seed: int, seen: int) -> None:
        self.arguments = (model_file, config, seed, seen)

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        model_file, config, seed, seen = self.arguments
        text = sentencepiece.SentencePieceProcessor(model_file=model_file)
        rng = random.Random(seed + seen)
        waiting: list[example.Example] = []
        for e in curriculum.examples(text, config.image_size, config.grid, seed, seen, self.long):
            waiting.append(e)
            if len(waiting) >= 3 * BATCH:
                rng.shuffle(waiting)
                batch, waiting = waiting[:BATCH], waiting[BATCH:]
                yield collate(batch)


class LongExamples(Examples):
    """The same with a long preamble before the questions."""

    long = True


class Looks(Examples):
    """Batches of single views: view, pixels, patch labels, pooled labels."""

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        _, config, seed, seen = self.arguments
        rng = random.Random(seed + seen)
        waiting: list[curriculum.Look] = []
        for look in curriculum.looks(config.image_size, config.grid, seed, seen):
            waiting.append(look)
            if len(waiting) >= 6 * LOOKS:
                rng.shuffle(waiting)
                batch, waiting = waiting[:LOOKS], waiting[LOOKS:]
                columns: list[list[Any]] = [
                    [e.view for e in batch],
                    [e.pixels for e in batch],
                    [e.patches for e in batch],
                    [e.pooled for e in batch],
                ]
                yield [torch.from_numpy(np.stack(c)) for c in columns]


class Clips(Examples):
    """Batches of clips: pixels, orders, ids, targets, positions, segments."""

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        model_file, config, seed, seen = self.arguments
        text = sentencepiece.SentencePieceProcessor(model_file=model_file)
        source = curriculum.clips(text, config.image_size, seed, seen)
        while True:
            batch = [next(source) for _ in range(CLIPS)]
            packed = [p for e in batch for p in e.packed]
            columns = [
                [e.pixels for e in batch],
                [e.order for e in batch],
                [p.ids for p in packed],
                [p.targets for p in packed],
                [p.positions for p in packed],
                [p.segments for p in packed],
            ]
            yield [torch.from_numpy(np.stack(c)) for c in columns]


class Remembered(Examples):
    """Batches for the decoder alone: regional features, ids, targets, positions, segments.

    The encoders are frozen, so a region is encoded once and its features are used again with other questions: FRESH
    regions of a batch are new, the rest are drawn from the last REMEMBERED.
    """

    def __init__(self, *arguments: Any, vision: Vision) -> None:
        super().__init__(*arguments)
        self.vision = vision

    def features(self, pixels: np.ndarray) -> Tensor:
        """Regional features [N, G, C] of bytes [N, 8, S, S]."""
        with torch.no_grad(), half():
            x, whole = values(torch.from_numpy(pixels))
            return self.vision.regional_features(x, self.vision.global_features(x), whole).to(torch.bfloat16)

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        model_file, config, seed, seen = self.arguments
        text = sentencepiece.SentencePieceProcessor(model_file=model_file)
        rng = random.Random(seed + seen + self.long)
        source = curriculum.examples(text, config.image_size, config.grid, seed, seen, self.long)
        known: list[tuple[Tensor, facts.Facts]] = []
        while True:
            fresh = [next(source) for _ in range(FRESH if len(known) > 2 * BATCH else BATCH)]
            features = self.features(np.stack([e.pixels for e in fresh]))
            known = [*known, *zip(features, (e.facts for e in fresh), strict=True)][-REMEMBERED:]
            batch = known[-len(fresh) :] + rng.sample(known, BATCH - len(fresh))
            packed = [example.packed(f, text, rng, self.long) for _, f in batch]
            yield [torch.stack([r for r, _ in batch]), *rows(packed)]


class RememberedLong(Remembered):
    """The same with a long preamble before the questions."""

    long = True


class RememberedClips(Remembered):
    """Batches of clips for the decoder alone: features, orders, ids, targets, positions, segments."""

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        model_file, config, seed, seen = self.arguments
        text = sentencepiece.SentencePieceProcessor(model_file=model_file)
        rng = random.Random(seed + seen)
        source = curriculum.clips(text, config.image_size, seed, seen)
        known: list[tuple[Tensor, Tensor, facts.Facts]] = []
        while True:
            for _ in range(1 if len(known) >= CLIPS else CLIPS):
                e = next(source)
                known.append((self.features(e.pixels), torch.from_numpy(e.order), e.facts))
            known = known[-REMEMBERED // 8 :]
            batch = [known[-1], *rng.sample(known, CLIPS - 1)]
            packed = [p for _, _, f in batch for p in example.packed_clip(f, text, rng)]
            yield [torch.stack([r for r, _, _ in batch]), torch.stack([o for _, o, _ in batch]), *rows(packed)]


def rows(packed: list[example.Packed]) -> list[Tensor]:
    """Ids, targets, positions, segments."""
    columns = [[getattr(p, k) for p in packed] for k in ("ids", "targets", "positions", "segments")]
    return [torch.from_numpy(np.stack(c)) for c in columns]


def collate(batch: list[example.Example]) -> list[Tensor]:
    """Pixels, ids, targets, positions, segments, patch labels, pooled labels."""
    p = [e.packed for e in batch]
    columns = [
        [e.pixels for e in batch],
        [x.ids for x in p],
        [x.targets for x in p],
        [x.positions for x in p],
        [x.segments for x in p],
        [e.patches for e in batch],
        [e.pooled for e in batch],
    ]
    return [torch.from_numpy(np.stack(c)) for c in columns]
