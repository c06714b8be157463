"""One training run: the model, its training heads, the optimisers and the running average.

Progress is processor time, not wall-clock time, so pausing a run (SIGSTOP) or sharing the machine costs nothing.
The state is saved every ten minutes and when SIGTERM ends the run.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import torch.nn.functional as F
from torch import Tensor

from . import batches, curriculum, example, facts, palette, prompt, schedule
from .batches import BATCH, LEVELS, LOOKS, half, values
from .config import ModelConfig
from .model import DescribeAnything, TrainingHeads, initialise
from .muon import Muon
from .start import weights

RATE = 2e-3
MATRIX_RATE = 2e-3
SAVED_EVERY = 600.0
"""Seconds between two saved states."""
MOTION_WEIGHT = 4.0
"""Loss weight, in clips, of the tokens of the motion phrases."""
COUNT_WEIGHT = 3.0
"""Loss weight of the first token of a number."""
OTHER_COLOUR_SHARE = 0.15
"""Share of the colour words in an answer's input that are replaced, so that the model reads a shape's name off the
picture instead of guessing it from the colour."""


def other_colours(ids: Tensor, targets: Tensor, colours: Tensor, share: float = OTHER_COLOUR_SHARE) -> Tensor:
    """The sequences [N, T] with some colour words of the answers replaced in the input; targets stay true."""
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
            self.model.load_state_dict(weights(start, config, self.text))
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
        # Fixed shapes and bfloat16 products make a step about four times as fast on CPUs with AVX-512 BF16.
        compiled = functools.partial(torch.compile, dynamic=False)
        self.see, self.look = compiled(self.model.vision.forward), compiled(self.model.vision.global_features)
        self.read = {k: compiled(self.model.packed) for k in (example.TURN_TOKENS, example.LONG_TOKENS)}
        self.watch = compiled(self.model.packed)

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `save` wrote."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.heads.load_state_dict(state["heads"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.scenes, self.spent = state["step"], state["scenes"], state["spent"]
        self.started = state["started"]

    def save(self) -> None:
        """Replaces the run's state.pt."""
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
        """The share of the time that is spent."""
        return self.spent / 60 / self.minutes

    def learn(self, batch: list[Tensor]) -> dict[str, float]:
        """One step of the whole model; returns the losses by name."""
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
        """One step of the tower alone on single views."""
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
        """One step on clips; each is encoded once and shown in three orders of frames."""
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
        """One step of projector and decoder on cached regional features."""
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
        """One step of projector and decoder on clips with cached features."""
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
        """One update of the weights and of their running average."""
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.grad is not None], 1.0)
        rate = schedule.rate(self.progress, self.step)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * (MATRIX_RATE if isinstance(optimiser, Muon) else RATE)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(0.99, self.step / (self.step + 10))
        with torch.no_grad():
            for a, p in zip(self.average.parameters(), self.model.parameters(), strict=True):
                a.lerp_(p, 1 - keep)

    def source(self, kind: type[batches.Examples]) -> Iterator[list[Tensor]]:
        """Batches of one kind from a worker process."""
        arguments = str(self.run / "tokenizer.model"), self.model.config, self.seed, self.scenes
        data = kind(*arguments, vision=self.model.vision) if issubclass(kind, batches.Remembered) else kind(*arguments)
        return iter(torch.utils.data.DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=6))

    def train(self) -> None:
        """Takes steps until the time is spent or a SIGTERM arrives, then saves."""
        sources: dict[str, Iterator[list[Tensor]]] = {}
        kinds: dict[str, type[batches.Examples]] = {
            "text": batches.Examples,
            "long": batches.LongExamples,
            "look": batches.Looks,
            "clip": batches.Clips,
        }
        if self.words:
            kinds = {"text": batches.Remembered, "long": batches.RememberedLong, "clip": batches.RememberedClips}
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        saved = time.time()
        sums: dict[str, list[float]] = {}
        clock = time.process_time()
        while self.progress < 1 and not stopped.is_set():
            kind = schedule.kind(self.progress, self.step, self.words, self.started)
            if kind not in sources:
                sources[kind] = self.source(kinds[kind])
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
                rate = schedule.rate(self.progress, self.step)
                line = f"step {self.step} scenes {self.scenes} {spent} {shown} rate {rate:.3f}"
                print(line, flush=True)
                with open(self.run / "log.txt", "a") as log:
                    print(line, file=log)
                sums = {}
            if time.time() - saved > SAVED_EVERY:
                self.save()
                saved = time.time()
        self.save()
