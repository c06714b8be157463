"""Starting a run from other weights: positions for another grid, embeddings for another tokenizer."""

from __future__ import annotations

import math
from pathlib import Path

import sentencepiece
import torch
import torch.nn.functional as F
from torch import Tensor

from . import checkpoint
from .config import ModelConfig

POSITIONS, EMBEDDINGS = "vision.embeddings.position_embedding.weight", "decoder.embed_tokens.weight"


def weights(start: Path, config: ModelConfig, text: sentencepiece.SentencePieceProcessor) -> dict[str, Tensor]:
    """The weights of a run folder or a checkpoint, fitted to the config and the tokenizer of a new run."""
    is_run = (start / "state.pt").exists()
    source = checkpoint.of_run(start) if is_run else checkpoint.read(start)
    # A checkpoint's head is untied; in training it is the embedding.
    found = {k: v for k, v in source.state_dict().items() if not k.startswith("decoder.lm_head")}
    found[POSITIONS] = resized(found[POSITIONS], config.grid)
    old = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer(start)))
    found[EMBEDDINGS] = carried(found[EMBEDDINGS], old, text)
    return found


def tokenizer(start: Path) -> Path:
    """The tokenizer's file in a run folder or a checkpoint."""
    near = start / "tokenizer.model"
    return near if near.exists() else start / "llm" / "tokenizer.model"


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
    """The embeddings [V, H] for a new tokenizer: shared pieces keep theirs, others get the mean of the old pieces that
    they split into."""
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
