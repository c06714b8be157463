"""One training run: the model, its optimisers and its running average.

Progress is time, without that in which the run was paused. The state is saved every ten minutes and when SIGTERM ends
the run.
"""

from __future__ import annotations

import copy
import functools
import random
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

from dam_mini import schedule
from dam_mini.muon import Muon

from . import checkpoint, clips, losses, pictures, start
from .clicks import NO_POINT
from .config import ModelConfig
from .decoder import Masks, Prompts
from .encoder import Features, normalised
from .model import PRESENT, Segmenter, best
from .track import Frame, Tracker

RATE = 1e-3
MATRIX_RATE = 2e-3
PICTURES, PROMPTS = 6, 5
"""Pictures in a step, and prompts on each."""
KEPT, NEW_SHARE = 240, 0.35
"""Drawn pictures that are kept to be shown again, with other prompts; share of those that are new."""
ROUNDS, MORE_ROUNDS, MORE_FROM = 2, 3, 0.75
"""Prompts for each thing, at first and from a share of the time on."""
CLIPS, THINGS = 1, 2
"""Clips in a step, and things on each."""
CLIPS_FROM, CLIP_EVERY = 0.4, 4
WITH_MASK = 0.5
"""Share of the corrections that see the mask so far."""
SAVED_EVERY = 600.0
LONGEST_STEP = 30.0
"""Seconds; what a step takes beyond them was a pause."""


class Examples(torch.utils.data.IterableDataset[list[Tensor]]):
    """Batches of one kind without end."""

    def __init__(self, clips_wanted: bool, seed: int, progress: Synchronized[float]) -> None:
        self.clips_wanted, self.seed, self.progress = clips_wanted, seed, progress

    def __iter__(self) -> Iterator[list[Tensor]]:
        torch.set_num_threads(1)
        rng = random.Random(self.seed)
        kept: list[pictures.Drawn] = []
        while True:
            if self.clips_wanted:
                frames = [clips.frames(rng, THINGS) for _ in range(CLIPS)]
                rows = [[it.pixels, it.covered, it.masks, it.points, it.labels] for it in frames]
            else:
                samples = [pictures.sample(self.shown(kept, rng), rng, PROMPTS) for _ in range(PICTURES)]
                rows = [[it.pixels, it.masks, it.points, it.labels] for it in samples]
            yield [torch.from_numpy(np.stack(it)) for it in zip(*rows, strict=True)]

    def shown(self, kept: list[pictures.Drawn], rng: random.Random) -> pictures.Drawn:
        """A new picture, which replaces one of the kept ones, or one of those, perhaps mirrored."""
        if len(kept) < KEPT // 8 or rng.random() < NEW_SHARE:
            picture = pictures.drawn(rng, self.progress.value)
            if len(kept) < KEPT:
                kept.append(picture)
            else:
                kept[rng.randrange(KEPT)] = picture
        else:
            picture = rng.choice(kept)
        return picture.mirrored() if rng.random() < 0.5 else picture


class Trainer:
    """Model, optimisers and running average, saved and loaded together."""

    def __init__(
        self, run: Path, minutes: float, seed: int, compiled: bool = False, weights: Path | None = None
    ) -> None:
        self.team = dist.is_initialized()
        self.rank = dist.get_rank() if self.team else 0
        torch.manual_seed(seed)
        self.run, self.minutes, self.seed = run, minutes, seed + 100 * self.rank
        self.model = Segmenter(ModelConfig())
        matrices: list[torch.nn.Parameter] = []
        rest: list[torch.nn.Parameter] = []
        for name, p in self.model.named_parameters():
            (matrices if p.ndim == 2 and "embed" not in name and "token.w" not in name else rest).append(p)
        self.optimisers = [
            Muon(matrices, MATRIX_RATE, halved=True),
            torch.optim.AdamW(rest, RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
        ]
        self.step, self.spent, self.remembers = 0, 0.0, weights is not None
        if weights:
            self.model.load_state_dict(checkpoint.read(weights).state_dict())
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        if (run / "state.pt").exists():
            self.load(torch.load(run / "state.pt", weights_only=False))
        torch.manual_seed(self.seed + self.step)
        self.encode, self.decode, self.loss = self.model.encode, self.model.decode, losses.loss
        if compiled:
            prepared = functools.partial(torch.compile, dynamic=False)
            self.encode, self.decode, self.loss = (prepared(it) for it in (self.encode, self.decode, self.loss))

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `save` wrote."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.spent, self.remembers = state["step"], state["spent"], state["remembers"]

    def save(self) -> None:
        """Replaces the run's state.pt, and the checkpoint beside it."""
        if self.rank:
            return
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": [o.state_dict() for o in self.optimisers],
            "step": self.step,
            "spent": self.spent,
            "remembers": self.remembers,
        }
        torch.save(state, self.run / "state.new")
        (self.run / "state.new").replace(self.run / "state.pt")
        checkpoint.write(self.average, self.run / "checkpoint")

    @property
    def progress(self) -> float:
        """The share of the time that is spent."""
        return self.spent / 60 / self.minutes

    def learn_pictures(self, batch: list[Tensor]) -> dict[str, float]:
        """One step on pictures: a first prompt for each thing, then corrections."""
        pixels, masks, points, labels = batch
        covered = masks.flatten(0, 1).float() / 255
        many = len(covered)
        labels = labels.flatten(0, 1)
        prompts = Prompts(points.flatten(0, 1), labels, losses.displaced(covered), labels[:, 0] == NO_POINT)
        alone = ((prompts.labels >= 0).sum(1) == 1).float()
        there = torch.ones(many)
        total = torch.zeros(())
        said: dict[str, float] = {}
        with torch.autocast("cpu", torch.bfloat16):
            features = self.model.without_memory(self.encode(normalised(pixels)))
        rounds = MORE_ROUNDS if self.progress >= MORE_FROM else ROUNDS
        for k in range(rounds):
            with torch.autocast("cpu", torch.bfloat16):
                found: Masks = self.decode(features, prompts)
            part, reached = self.loss(found.masks, found.iou, covered, alone if k == 0 else 0 * alone, there)
            present = F.binary_cross_entropy_with_logits(found.score, there)
            total = total + part + 0.1 * present
            chosen = best(found)
            own = reached[torch.arange(many), chosen]
            if k == 0:
                box = (prompts.labels == 2).any(1) & ((prompts.labels >= 0).sum(1) == 2)
                said |= {"one": own[alone > 0].mean().item(), "box": own[box].mean().item()}
            said |= {
                f"iou {k}": own.mean().item(),
                f"best {k}": reached.amax(1).mean().item(),
                f"loss {k}": part.item(),
            }
            if k < rounds - 1:
                prompts = losses.corrected(prompts, found, chosen, covered, WITH_MASK)
        self.descend(total / rounds)
        return said

    def begin_to_remember(self) -> None:
        """Fits the memory to what encoder and decoder have learned, so that training need not find it from nothing."""
        encoder, attention = self.model.memory_encoder, self.model.memory_attention
        start.fit(self.model, self.seed)
        for part, average in ((encoder, self.average.memory_encoder), (attention, self.average.memory_attention)):
            if self.team:
                for p in part.parameters():
                    dist.broadcast(p.data, 0)
            average.load_state_dict(part.state_dict())
        self.remembers = True

    def learn_clips(self, batch: list[Tensor]) -> dict[str, float]:
        """One step on clips with a frozen encoder: a mark on the first frame, then the rest tracked."""
        pixels, covered, masks, points, labels = batch
        count = pixels.shape[1]
        covered = covered.float() / 255
        frames = pixels.transpose(0, 1).flatten(0, 1)  # by frame, then clip
        if not self.remembers:
            self.begin_to_remember()
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                whole = self.model.encode(normalised(frames))
            each = [
                Features(*(x.repeat_interleave(THINGS, 0) for x in (f.feat_s0, f.feat_s1, f.embed)))
                for f in (whole.rows(slice(i * CLIPS, (i + 1) * CLIPS)) for i in range(count))
            ]
            tracker = Tracker(self.model, each)
            if self.step % 2:
                tracker.mark_masks(0, masks.flatten(0, 1))
            else:
                many, side = CLIPS * THINGS, self.model.config.image // 4
                nothing = torch.zeros(many, side, side), torch.zeros(many, dtype=torch.bool)
                tracker.mark_points(0, Prompts(points.flatten(0, 1), labels.flatten(0, 1), *nothing))
            known: list[Frame] = tracker.all()
        total, seen, right = torch.zeros(()), [], []
        for i, frame in enumerate(known):
            if frame.found is None:
                continue
            found, target = frame.found, covered[:, i].flatten(0, 1)
            there = (target.flatten(1).sum(1) > 4).float()
            part, reached = losses.loss(found.masks, found.iou, target, torch.ones(len(there)), there)
            total = total + part + F.binary_cross_entropy_with_logits(found.score, there)
            right.append(((found.score > PRESENT) == (there > 0)).float().mean().item())
            if i and there.any():
                seen.append(reached[torch.arange(len(there)), best(found)][there > 0].mean().item())
        self.descend(total / count)
        return {"track": float(np.mean(seen)) if seen else 1.0, "present": float(np.mean(right))}

    def share(self) -> None:
        """The mean of all processes' gradients. They take the same kind of step, so the same ones have gradients."""
        if not self.team:
            return
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([it.flatten() for it in gradients])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        for own, mean in zip(gradients, flat.split([it.numel() for it in gradients]), strict=True):
            own.copy_(mean.view_as(own))

    def agreed(self, stopped: bool) -> bool:
        """Gives every process the first one's clock; whether any was told to stop."""
        if not self.team:
            return stopped
        state = torch.tensor([self.spent if self.rank == 0 else 0.0, float(stopped)], dtype=torch.float64)
        dist.all_reduce(state)
        self.spent = state[0].item()
        return state[1].item() > 0

    def descend(self, loss: Tensor) -> None:
        """One update of the weights and of their running average."""
        loss.backward()
        self.share()
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.grad is not None], 1.0)
        rate = schedule.rate(self.progress, self.step)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * (MATRIX_RATE if isinstance(optimiser, Muon) else RATE)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(0.995, self.step / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)

    def train(self) -> None:
        """Takes steps until the time is spent or a SIGTERM arrives, then saves."""
        least = pictures.EASY_UNTIL if self.remembers else 0.0
        shared = torch.multiprocessing.get_context("fork").Value("d", max(self.progress, least))
        sources: dict[bool, Iterator[list[Tensor]]] = {}
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        saved = clock = time.monotonic()
        sums: dict[str, list[float]] = {}
        while not self.agreed(stopped.is_set()) and self.progress < 1:
            clip = (self.remembers or self.progress >= CLIPS_FROM) and self.step % CLIP_EVERY == 0
            if clip not in sources:
                data = Examples(clip, self.seed * 1000 + self.step, shared)
                loader = torch.utils.data.DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=4)
                sources[clip] = iter(loader)
            batch = next(sources[clip])
            said = self.learn_clips(batch) if clip else self.learn_pictures(batch)
            now = time.monotonic()
            self.spent += min(now - clock, LONGEST_STEP)
            clock, shared.value = now, max(self.progress, least)
            for k, v in said.items():
                if v == v:
                    sums.setdefault(k, []).append(v)
            if self.step % 20 == 0 and self.rank == 0:
                shown = " ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in sums.items())
                line = f"step {self.step} min {self.spent / 60:.1f}/{self.minutes:.0f} {shown}"
                print(line, flush=True)
                with open(self.run / "log.txt", "a") as log:
                    print(line, file=log)
                sums = {}
            if now - saved > SAVED_EVERY:
                self.save()
                saved = now
        self.save()
