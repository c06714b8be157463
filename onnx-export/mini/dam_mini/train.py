"""Trains the model: `python -m dam_mini.train --run FOLDER --minutes N`; the same command takes a run up again.

Knows the schedule, the optimisers and the run folder (tokenizer.model, log.txt, state.pt). The schedule
follows minutes of processor time, so a slower machine sees fewer scenes, not a shorter decay, and a run that was
stopped for a while loses nothing.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import functools
import math
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
import torch.nn.functional as F
from torch import Tensor

from . import checkpoint, curriculum, example, facts, focal, palette, prompt, tokenizer as tokenizers
from .config import ModelConfig
from .model import DescribeAnything, TrainingHeads, initialise
from .muon import Muon
from .vision import Vision

BATCH = 32
RATE = 2e-3
MATRIX_RATE = 2e-3
FLAT = 0.4
"""Share of the time before the learning rate begins to fall."""
LOOKS_UNTIL = 0.1
"""Share of the time in which the tower alone learns what things look like, where it begins from nothing."""
LOOKS_WITH_TEXT_UNTIL = 0.75
"""Share of the time until which looks go with the steps of the whole model."""
CYCLE = ("text", "look", "text", "look", "long", "look", "text", "look", "clip", "look")
"""The kinds of steps, in turn."""
CLIPS_FROM = 0.3
"""Share of the time before clips are shown, where training begins from nothing."""
SAVED_EVERY = 600.0
"""Seconds between two states on disk."""
LOOKS = 32
VIDEO_FROM = 0.6
"""Share of the time before clips are shown, then one step in VIDEO_EVERY."""
VIDEO_EVERY = 2
CLIPS = 4
FRESH = 5
"""Of a batch for the decoder alone, the regions that are new."""
REMEMBERED = 3000
"""Regions that may come again."""
WORDS_CYCLE = ("text", "text", "text", "long", "text", "text", "text", "text", "clip")
"""The kinds of steps where the decoder alone learns."""
MOTION_WEIGHT = 4.0
"""What a token counts in clips that the words for motions are made of."""
COUNT_WEIGHT = 3.0
"""What a number counts in an answer."""
OTHER_COLOUR_SHARE = 0.15
"""Of the colour words that an answer is continued from, those replaced by another: a shape's name must be seen, not
guessed from which colours it had before."""
LEVELS = torch.from_numpy(focal.LEVELS)


class Examples(torch.utils.data.IterableDataset[list[Tensor]]):
    """Batches as tensors, made in a worker process, shuffled within a few batches."""

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
    """The same behind long preambles."""

    long = True


class Looks(Examples):
    """Batches of single views as tensors: view, pixels, patch labels, pooled labels."""

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
    """Batches of clips as tensors: pixels, orders, ids, targets, positions, segments."""

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

    The encoders stand still, so the features of a region are worked out once and come again with other questions: of a
    batch, FRESH are new and the rest are drawn from those that were seen lately.
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
    """The same behind long preambles."""

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


def half() -> torch.autocast:
    """Matrix products in bfloat16; weights, sums and the residual streams stay float32."""
    return torch.autocast("cpu", torch.bfloat16)


def values(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Bytes [N, 8, S, S] as the model's values, and which crops are the whole picture."""
    whole = (pixels[:, :4] == pixels[:, 4:]).flatten(1).all(1)
    return LEVELS[pixels.int()], whole


def resized(positions: Tensor, grid: int) -> Tensor:
    """Learned positions [G * G, C] of another grid, interpolated to [grid * grid, C]."""
    g = math.isqrt(len(positions))
    if g == grid:
        return positions
    planes = F.interpolate(positions.T.reshape(1, -1, g, g), (grid, grid), mode="bicubic", align_corners=False)
    return planes[0].flatten(1).T


def carried(
    embeddings: Tensor, old: sentencepiece.SentencePieceProcessor, new: sentencepiece.SentencePieceProcessor
) -> Tensor:
    """The embeddings [V, H] of one tokenizer for another: of pieces that both have the same, of others the mean of what
    the old one cuts them into."""
    rows = []
    for i in range(new.vocab_size()):
        piece = new.id_to_piece(i)
        same = old.piece_to_id(piece)
        if same != old.unk_id() or i == new.unk_id():
            rows.append(embeddings[same])
        else:
            ids = old.encode(piece.replace("▁", " "))
            ids = ids[1:] if not piece.startswith("▁") and len(ids) > 1 and old.id_to_piece(ids[0]) == "▁" else ids
            rows.append(embeddings[ids].mean(0))
    return torch.stack(rows)


def other_colours(ids: Tensor, targets: Tensor, colours: Tensor, share: float = OTHER_COLOUR_SHARE) -> Tensor:
    """The sequences [N, T] with some colour words of the answers replaced; what is to be said next stays true."""
    answered = F.pad(targets[:, :-1], (1, 0), value=example.IGNORE) == ids
    replaced = answered & torch.isin(ids, colours) & (torch.rand(ids.shape) < share)
    return torch.where(replaced, colours[torch.randint(len(colours), ids.shape)], ids)


class Trainer:
    """Model, heads, optimisers and running average, saved and loaded together."""

    def __init__(self, run: Path, minutes: float, seed: int, start: Path | None = None, words: bool = False) -> None:
        torch.manual_seed(seed)
        self.run, self.minutes, self.seed, self.words = run, minutes, seed, words
        self.text = sentencepiece.SentencePieceProcessor(model_file=str(run / "tokenizer.model"))
        config = ModelConfig(vocabulary=self.text.vocab_size())
        self.model = DescribeAnything(config)
        initialise(self.model)
        if start and not (run / "state.pt").exists():
            source = checkpoint.of_run(start) if (start / "state.pt").exists() else checkpoint.read(start)
            # A checkpoint's head is untied; here it is the embedding until it is written again.
            weights = {k: v for k, v in source.state_dict().items() if not k.startswith("decoder.lm_head")}
            positions = "vision.embeddings.position_embedding.weight"
            weights[positions] = resized(weights[positions], config.grid)
            folder = start if (start / "tokenizer.model").exists() else start / "llm"
            old = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
            embeddings = "decoder.embed_tokens.weight"
            weights[embeddings] = carried(weights[embeddings], old, self.text)
            self.model.load_state_dict(weights)
        labels = (
            example.PATCH_NAMES,
            example.PATCH_COLOURS,
            example.PATCH_TEXTURES,
            example.PATCH_CENTRES,
            example.PATCH_LETTERS,
        )
        patch = [len(names) for names in labels]
        sizes = [len(v) for v in example.POOLED.values()]
        shares = [example.POOLED_WEIGHTS.get(k, 1.0) for k in example.POOLED]
        self.heads = TrainingHeads(config.vision_hidden, patch, sizes, shares)
        matrices: list[torch.nn.Parameter] = []
        rest = list(self.heads.parameters())
        if words:
            self.model.vision.requires_grad_(False)
            self.model.vision.projector.requires_grad_(True)
        for name, p in self.model.named_parameters():
            if p.requires_grad:
                (matrices if p.ndim == 2 and "embed" not in name else rest).append(p)
        self.optimisers = [
            Muon(matrices, MATRIX_RATE),
            torch.optim.AdamW(rest, RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
        ]
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.step, self.scenes, self.spent = 0, curriculum.EASY_SCENES if start else 0, 0.0
        self.started = start is not None
        self.prefix = torch.tensor(prompt.split(self.text, "")[0])
        self.motion_weights = torch.ones(config.vocabulary)
        for motion in facts.MOTIONS.values():
            self.motion_weights[self.text.encode(f"It {motion}.")] = MOTION_WEIGHT
        self.weights = torch.ones(config.vocabulary)
        self.weights[[self.text.encode(f"{number.capitalize()}.")[0] for number in facts.NUMBERS[1:]]] = COUNT_WEIGHT
        pieces = [self.text.encode(f"a {colour} heart")[1:-1] for colour in palette.NAMES]
        self.colours = torch.tensor([p[0] for p in pieces if len(p) == 1])
        self.video_prefix = torch.tensor(prompt.split(self.text, "", prompt.FRAMES)[0])
        if (run / "state.pt").exists():
            self.load(torch.load(run / "state.pt", weights_only=False))
        # Fixed shapes and bfloat16 products halve the time of a step twice over on CPUs that have them.
        compiled = functools.partial(torch.compile, dynamic=False)
        self.see, self.look = compiled(self.model.vision.forward), compiled(self.model.vision.global_features)
        self.read = {k: compiled(self.model.packed) for k in (example.TURN_TOKENS, example.LONG_TOKENS)}
        self.watch = compiled(self.model.packed)

    def load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.heads.load_state_dict(state["heads"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.scenes, self.spent = state["step"], state["scenes"], state["spent"]
        self.started = state["started"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "heads": self.heads.state_dict(),
            "optimisers": [o.state_dict() for o in self.optimisers],
            "config": dataclasses.asdict(self.model.config),
            "step": self.step,
            "scenes": self.scenes,
            "spent": self.spent,
            "started": self.started,
        }
        torch.save(state, self.run / "state.new")
        (self.run / "state.new").replace(self.run / "state.pt")

    @property
    def progress(self) -> float:
        return self.spent / 60 / self.minutes

    def rate(self) -> float:
        """The share of the full learning rate: a short rise, a flat stretch, half a cosine."""
        fall = max(0.0, (self.progress - FLAT) / (1 - FLAT))
        return min(1.0, (self.step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, fall))))

    def learn(self, batch: list[Tensor]) -> dict[str, float]:
        """One step; the losses by name."""
        pixels, ids, targets, positions, segments, patches, pooled = batch
        asked = targets >= 0
        ids = other_colours(ids, targets, self.colours)
        with half():
            image, r, z = self.see(*values(pixels))
            states = self.read[ids.shape[1]](self.prefix, image, ids, positions, segments)
            logits = self.model.decoder.logits(states[asked])
        text = F.cross_entropy(logits.float(), targets[asked], weight=self.weights)
        views = [self.heads(v, f.float(), patches[:, v], pooled) for v, f in enumerate((z, r))]
        by_patch, by_picture = views[0][0] + views[1][0], views[0][1] + views[1][1]
        weight = 1.0 if self.progress < 0.7 else 0.4
        self.descend(text + weight * (0.3 * by_patch + 0.08 * by_picture))
        return {"text": text.item(), "patch": by_patch.item(), "picture": by_picture.item()}

    def learn_looks(self, batch: list[Tensor]) -> dict[str, float]:
        """One step of the tower alone, on single views."""
        views, pixels, patches, pooled = batch
        with half():
            features = self.look(LEVELS[pixels.int()]).float()
        loss = torch.zeros(())
        losses: dict[str, float] = {}
        for view in (0, 1):
            own = views == view
            if own.any():
                by_patch, by_picture = self.heads(view, features[own], patches[own], pooled[own])
                loss = loss + own.float().mean() * (by_patch + (0.25 if view else 0.15) * by_picture)
                losses |= {f"look {view} patch": by_patch.item(), f"look {view} picture": by_picture.item()}
        self.descend(loss)
        return losses

    def learn_clips(self, batch: list[Tensor]) -> dict[str, float]:
        """One step on clips; each is encoded once and watched in three orders."""
        pixels, order, ids, targets, positions, segments = batch
        n, frames = pixels.shape[:2]
        asked = targets >= 0
        with half():
            image = self.see(*values(pixels.flatten(0, 1)))[0].unflatten(0, (n, frames))  # [N, FRAMES, I, H]
            image = image[torch.arange(n)[:, None, None], order]  # [N, 3, FRAMES, I, H]
            states = self.watch(self.video_prefix, image.flatten(0, 1).flatten(1, 2), ids, positions, segments)
            logits = self.model.decoder.logits(states[asked])
        text = F.cross_entropy(logits.float(), targets[asked], weight=self.motion_weights)
        self.descend(text)
        return {"video": text.item()}

    def learn_words(self, batch: list[Tensor]) -> dict[str, float]:
        """One step of projector and decoder on regions whose features are known."""
        features, ids, targets, positions, segments = batch
        asked = targets >= 0
        ids = other_colours(ids, targets, self.colours)
        with half():
            image = self.model.vision.projector(features.float())
            states = self.read[ids.shape[1]](self.prefix, image, ids, positions, segments)
            logits = self.model.decoder.logits(states[asked])
        text = F.cross_entropy(logits.float(), targets[asked], weight=self.weights)
        self.descend(text)
        return {"text": text.item()}

    def learn_clip_words(self, batch: list[Tensor]) -> dict[str, float]:
        """One step of projector and decoder on clips whose features are known."""
        features, order, ids, targets, positions, segments = batch
        n, frames = features.shape[:2]
        asked = targets >= 0
        with half():
            image = self.model.vision.projector(features.flatten(0, 1).float()).unflatten(0, (n, frames))
            image = image[torch.arange(n)[:, None, None], order]
            states = self.watch(self.video_prefix, image.flatten(0, 1).flatten(1, 2), ids, positions, segments)
            logits = self.model.decoder.logits(states[asked])
        text = F.cross_entropy(logits.float(), targets[asked], weight=self.motion_weights)
        self.descend(text)
        return {"video": text.item()}

    def descend(self, loss: Tensor) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.grad is not None], 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.rate() * (MATRIX_RATE if isinstance(optimiser, Muon) else RATE)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(0.99, self.step / (self.step + 10))
        with torch.no_grad():
            for a, p in zip(self.average.parameters(), self.model.parameters(), strict=True):
                a.lerp_(p, 1 - keep)

    def batches(self, kind: type[Examples]) -> Iterator[list[Tensor]]:
        arguments = str(self.run / "tokenizer.model"), self.model.config, self.seed, self.scenes
        data = kind(*arguments, vision=self.model.vision) if issubclass(kind, Remembered) else kind(*arguments)
        return iter(torch.utils.data.DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=6))

    def kind(self) -> str:
        """What the next step shows."""
        if self.words:
            return WORDS_CYCLE[self.step % len(WORDS_CYCLE)]
        kind = CYCLE[self.step % len(CYCLE)]
        if not self.started and self.progress < LOOKS_UNTIL:
            return "look"
        if kind == "look" and self.progress >= LOOKS_WITH_TEXT_UNTIL:
            return "text"
        if kind == "clip" and not self.started and self.progress < CLIPS_FROM:
            return "text"
        return kind

    def train(self) -> None:
        """Steps until the time is spent, or a signal asks for the end."""
        sources: dict[str, Iterator[list[Tensor]]] = {}
        kinds: dict[str, type[Examples]] = {"text": Examples, "long": LongExamples, "look": Looks, "clip": Clips}
        if self.words:
            kinds = {"text": Remembered, "long": RememberedLong, "clip": RememberedClips}
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        saved = time.time()
        sums: dict[str, list[float]] = {}
        clock = time.process_time()
        while self.progress < 1 and not stopped.is_set():
            kind = self.kind()
            if kind not in sources:
                sources[kind] = self.batches(kinds[kind])
            batch = next(sources[kind])
            if kind == "look":
                losses = self.learn_looks(batch)
                self.scenes += LOOKS // 3
            elif kind == "clip":
                losses = self.learn_clip_words(batch) if self.words else self.learn_clips(batch)
            else:
                losses = self.learn_words(batch) if self.words else self.learn(batch)
                losses = {f"{k} long" if kind == "long" else k: v for k, v in losses.items()}
                self.scenes += BATCH // 2
            now = time.process_time()
            self.spent += (now - clock) / torch.get_num_threads()
            clock = now
            for k, v in losses.items():
                sums.setdefault(k, []).append(v)
            if self.step % 20 == 0:
                shown = " ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in sums.items())
                spent = f"min {self.spent / 60:.1f}/{self.minutes:.0f}"
                line = f"step {self.step} scenes {self.scenes} {spent} {shown} rate {self.rate():.3f}"
                print(line, flush=True)
                with open(self.run / "log.txt", "a") as log:
                    print(line, file=log)
                sums = {}
            if time.time() - saved > SAVED_EVERY:
                self.save()
                saved = time.time()
        self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the model, or take a run up again.")
    parser.add_argument("--run", type=Path, required=True, help="folder for tokenizer, log and state")
    parser.add_argument(
        "--minutes", type=float, default=100, help="processor minutes of the whole schedule, for each thread"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights to begin with: another run or a checkpoint")
    parser.add_argument("--words", action="store_true", help="only projector and decoder learn")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    if arguments.start and not (arguments.run / "tokenizer.model").exists():
        near = arguments.start / "tokenizer.model"
        old = near if near.exists() else arguments.start / "llm" / "tokenizer.model"
        (arguments.run / "tokenizer.model").write_bytes(
            tokenizers.grown(old.read_bytes(), tokenizers.sentences(3000, 1))
        )
    if not (arguments.run / "tokenizer.model").exists():
        tokenizers.train(arguments.run / "tokenizer.model")
    Trainer(arguments.run, arguments.minutes, arguments.seed, arguments.start, arguments.words).train()


if __name__ == "__main__":
    main()
