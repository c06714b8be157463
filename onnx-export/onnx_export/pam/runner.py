"""Runs a PAM bundle in ONNX Runtime, one region at a time: the simplest client of docs/bundle.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from onnx_export.core.layers import Floats
from onnx_export.core.pictures import Bytes
from onnx_export.core.session import session
from onnx_export.decoder.runner import IMAGE_ID
from onnx_export.pam.parts import Parts
from onnx_export.pam.prompts import prompt_pieces
from onnx_export.pam.reference import chosen_tokens
from onnx_export.sam2.reference import Masks, Prompt

_FEATURES = ("feat_s0", "feat_s1", "embed")


def prompt_ids(folder: Path, question: str) -> list[int]:
    """Ids of a picture's prompt with IMAGE_ID where the picture goes."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    # The file may hold the settings of a training run.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    before, after = (tokenizer.encode(it, add_special_tokens=False).ids for it in prompt_pieces(question))
    return [*before, IMAGE_ID, *after]


def box_prompt(box: tuple[float, float, float, float], width: int, height: int, size: int) -> Prompt:
    """A box in pixels of a picture, as the mask decoder reads it."""
    scale = np.array([size / width, size / height], np.float32)
    corners = np.array([box[:2], box[2:], (0, 0)], np.float32) * scale
    return Prompt(corners, np.array([2, 3, -1], np.int64))


class Runner:
    """The graphs of pictures and regions."""

    def __init__(self, folder: Path) -> None:
        self._graphs = {it: session(folder / f"{it}.onnx") for it in ("frame", "picture", "mask", "perceiver")}

    def pixels(self, rgb: Bytes) -> Floats:
        """[height, width, 3] to [3, size, size]."""
        return np.asarray(self._graphs["frame"].run(["pixels"], {"colours": rgb})[0][0])

    def picture(self, pixels: Floats) -> dict[str, Floats]:
        """SAM's features of pixels [3, size, size]."""
        found = self._graphs["picture"].run(list(_FEATURES), {"pixels": pixels[None]})
        return dict(zip(_FEATURES, found, strict=True))

    def mask(self, features: dict[str, Floats], prompt: Prompt) -> Masks:
        """What the mask decoder computes for one prompt."""
        side = features["feat_s0"].shape[-1]
        inputs: dict[str, Any] = {
            "features": features["embed"],
            "feat_s0": features["feat_s0"],
            "feat_s1": features["feat_s1"],
            "no_memory": np.ones(1, np.float32),
            "points": prompt.points[None],
            "labels": prompt.labels[None],
            "mask": np.zeros((1, 1, side, side), np.float32),
            "has_mask": np.zeros(1, np.int64),
        }
        names = ["masks", "iou", "score", "pointers", "tokens", "seen", "sparse", "dense"]
        found = dict(zip(names, (it[0] for it in self._graphs["mask"].run(names, inputs)), strict=True))
        return Masks(**found | {"score": float(found["score"][0])})

    def perceive(self, masks: Masks, parts: Parts) -> dict[str, Floats]:
        """``picture_embeds``, ``frame_embeds`` and ``sem_tokens`` of a frame; a picture leaves out the last row."""
        config = parts.config.sam
        tokens = chosen_tokens(masks, config.stability_delta, config.stability_threshold)
        names = ["picture_embeds", "frame_embeds", "sem_tokens"]
        found = self._graphs["perceiver"].run(names, {"seen": masks.seen[None], "tokens": tokens[None]})
        return dict(zip(names, (it[0] for it in found), strict=True))
