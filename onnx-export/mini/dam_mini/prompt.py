"""The prompt as the published code builds it, as token ids; `IMAGE` stands for a picture."""

from __future__ import annotations

import sentencepiece

PREAMBLE = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions. USER: "
)
IMAGE = -200
END = 2
FRAMES = 8


def pieces(question: str, frames: int = 1) -> list[str]:
    """The prompt, split where the pictures go."""
    lead = "Image: <image>" if frames == 1 else "Video: " + "<image>" * frames
    return f"{PREAMBLE}{lead}\n{question} ASSISTANT:".split("<image>")


def encode(tokenizer: sentencepiece.SentencePieceProcessor, question: str, frames: int = 1) -> list[int]:
    """Token ids with IMAGE between the pieces; every piece gets its own dummy space, the first one BOS."""
    ids = [tokenizer.bos_id()]
    for i, piece in enumerate(pieces(question, frames)):
        ids += ([IMAGE] if i else []) + (tokenizer.encode(piece) if piece else [])
    return ids


def split(
    tokenizer: sentencepiece.SentencePieceProcessor, question: str, frames: int = 1
) -> tuple[list[int], list[int]]:
    """The ids before the first picture (the same for every question) and those after the last."""
    ids = encode(tokenizer, question, frames)
    first, last = ids.index(IMAGE), len(ids) - 1 - ids[::-1].index(IMAGE)
    return ids[:first], ids[last + 1 :]
