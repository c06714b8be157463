"""Follows things through the frames of a clip. N things are marked on the same frames and tracked in one batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .decoder import Masks, Prompts
from .encoder import Features
from .model import ABSENT_LOGIT, PRESENT, Segmenter, best, picked, single


@dataclass(frozen=True)
class Frame:
    """What is known of N things on a frame: logits [N, S/4, S/4], score [N], memory [N, n, n, M], pointer [N, C].

    `found` is everything the decoder said; None where masks were the marks.
    """

    logits: Tensor
    score: Tensor
    memory: Tensor
    pointer: Tensor
    found: Masks | None


class Tracker:
    """The state of one clip. `features` holds those of each frame, for N things and without `no_memory_embedding`."""

    def __init__(self, model: Segmenter, features: list[Features]) -> None:
        self.model, self.features = model, features
        self.conditioning: dict[int, Frame] = {}
        self.tracked: dict[int, Frame] = {}

    def mark_points(self, number: int, prompts: Prompts) -> Frame:
        """Points and boxes on a frame; several masks are considered for a single point."""
        features, model = self.features[number], self.model
        found = model.decode(model.without_memory(features), prompts)
        several = (prompts.labels >= 0).sum(1) > 1
        chosen = torch.where(several, single(found), best(found))
        frame = self._frame(features, found, chosen, torch.where(several, 0, chosen), True)
        self.conditioning[number] = frame
        return frame

    def mark_masks(self, number: int, masks: Tensor) -> Frame:
        """Masks [N, S, S] of 0 and 1 on a frame."""
        features, model = self.features[number], self.model
        logits, score = model.marked(masks)
        memory = model.remember(features.embed, logits, score, True)
        frame = Frame(logits, score, memory, model.pointers_of_marks(features, masks), None)
        self.conditioning[number] = frame
        return frame

    def track(self, number: int, backward: bool) -> Frame:
        """One frame from the memories of others."""
        config, features, way = self.model.config, self.features[number], -1 if backward else 1
        memories, rows, pointers, distances = [], [], [], []
        longest = min(len(self.features), config.pointers)
        for k, frame in self.conditioning.items():
            memories.append(frame.memory)
            rows.append(config.memory_frames - 1)
            if (number - k) * way >= 0:
                pointers.append(frame.pointer)
                distances.append((number - k) * way / (longest - 1))
        for r in range(config.memory_frames - 1, 0, -1):
            if (near := self.tracked.get(number - r * way)) is not None:
                memories.append(near.memory)
                rows.append(r - 1)
        for r in range(1, longest):
            if (near := self.tracked.get(number - r * way)) is not None:
                pointers.append(near.pointer)
                distances.append(r / (longest - 1))
        embed = self.model.recall(features.embed, memories, rows, pointers, distances)
        many = len(embed)
        nothing = torch.zeros(many, 2, 2), torch.full((many, 2), -1)
        side = features.feat_s0.shape[1]
        prompts = Prompts(*nothing, torch.zeros(many, side, side), torch.zeros(many, dtype=torch.bool))
        found = self.model.decode(Features(features.feat_s0, features.feat_s1, embed), prompts)
        chosen = best(found)
        self.tracked[number] = self._frame(features, found, chosen, chosen, False)
        return self.tracked[number]

    def all(self) -> list[Frame]:
        """Tracks forward from the first mark to the end, then backward to the start."""
        count, first = len(self.features), min(self.conditioning)
        for number in range(first, count):
            if number not in self.conditioning:
                self.track(number, False)
        for number in range(first - 1, -1, -1):
            self.track(number, True)
        return [self.conditioning.get(i) or self.tracked[i] for i in range(count)]

    def _frame(self, features: Features, found: Masks, chosen: Tensor, token: Tensor, prompted: bool) -> Frame:
        logits = picked(found.masks, chosen)
        logits = torch.where((found.score > PRESENT)[:, None, None], logits, ABSENT_LOGIT)
        pointer = self.model.pointers(picked(found.tokens, token), found.score)
        memory = self.model.remember(features.embed, logits, found.score, prompted)
        return Frame(logits, found.score, memory, pointer, found)
