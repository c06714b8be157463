"""Runs a bundle in ONNX Runtime, one picture at a time: the simplest client of docs/bundle.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from onnx_export.core.layers import Floats
from onnx_export.core.pictures import Bytes
from onnx_export.core.session import session
from onnx_export.dam.pixels import focal_window
from onnx_export.dam.prompts import PLACEHOLDER, prompt_pieces
from onnx_export.decoder.runner import IMAGE_ID, DecoderRun, follow


def prompt_ids(folder: Path, manifest: dict[str, Any], question: str, mode: str = "image") -> list[int]:
    """Ids of a picture's or video's prompt with IMAGE_ID where each picture goes."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = [int(manifest["decoder"]["bos_token_id"])]
    for i, piece in enumerate(prompt_pieces(manifest["prompts"], question, mode)):
        if i:
            ids.append(IMAGE_ID)
        if piece:
            ids.extend(tokenizer.encode(piece, add_special_tokens=False).ids)
    return ids


def preprocess(folder: Path, rgba: Bytes) -> Floats:
    """RGBA [height, width, 4] to views [1, 8, size, size]."""
    mask = rgba[..., 3] > 0
    top, left, bottom, right = focal_window(mask)
    region = {
        "colours": rgba[top:bottom, left:right],
        "mask": np.where(mask, np.uint8(255), np.uint8(0)),
        "window": np.array([top, left, bottom, right], np.int64),
    }
    parts = [
        session(folder / "picture.onnx").run(["picture"], {"colours": rgba})[0],
        session(folder / "region.onnx").run(["region"], region)[0],
    ]
    return np.concatenate(parts, axis=1)


def encode(folder: Path, views: Floats) -> dict[str, Floats]:
    """image_embeds, global_features and regional_features of views [n, 8, size, size]."""
    names = ["image_embeds", "global_features", "regional_features"]
    return dict(zip(names, session(folder / "vision.onnx").run(names, {"views": views}), strict=True))


def greedy(
    folder: Path, manifest: dict[str, Any], ids: list[int], embeds: Floats, steps: int
) -> tuple[list[int], Floats]:
    """Greedy ids and their logits [steps, vocab] for a prompt with one picture; ignores end tokens."""
    tokens = len(embeds)
    decoder = DecoderRun(folder, manifest, len(ids) - 1 + tokens + steps)
    return follow(decoder, decoder.embed(ids, embeds), steps, None)


def forced(folder: Path, manifest: dict[str, Any], ids: list[int], embeds: Floats, continuation: list[int]) -> Floats:
    """Logits [len(continuation), vocab] before each id of a forced continuation."""
    decoder = DecoderRun(folder, manifest, len(ids) - 1 + len(embeds) + len(continuation))
    return follow(decoder, decoder.embed(ids, embeds), len(continuation), continuation)[1]


__all__ = ["IMAGE_ID", "PLACEHOLDER", "DecoderRun", "encode", "forced", "greedy", "preprocess", "prompt_ids", "session"]
