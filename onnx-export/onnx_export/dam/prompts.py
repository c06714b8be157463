"""The published prompts, verbatim; knows no tokens and no tensors."""

from __future__ import annotations

from typing import Any

PLACEHOLDER = "<image>"
FRAMES = 8
TEMPLATE = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, "
    "and polite answers to the user's questions. USER: {user} ASSISTANT:"
)
IMAGE_QUESTION = "Describe the masked region in detail."
VIDEO_QUESTION = (
    "Given the video in the form of a sequence of frames above, describe the object in the masked region in the video "
    "in detail."
)
SAMPLING = {"temperature": 0.2, "top_p": 0.9, "top_k": 50, "max_tokens": 512}


def manifest_prompts(joint: bool) -> dict[str, Any]:
    """The manifest's ``prompts``: image checkpoints have one mode, joint ones two."""
    image = {"prefix": f"{'Image: ' if joint else ''}{PLACEHOLDER}\n", "default_question": IMAGE_QUESTION}
    prompts: dict[str, Any] = {"template": TEMPLATE, "placeholder": PLACEHOLDER, "image": image}
    if joint:
        prompts["video"] = {
            "prefix": f"Video: {PLACEHOLDER * FRAMES}\n",
            "default_question": VIDEO_QUESTION,
        }
    return prompts


def prompt_pieces(prompts: dict[str, Any], question: str, mode: str = "image") -> list[str]:
    """The pieces of a picture's or video's prompt around its placeholders, to be encoded separately."""
    head, tail = prompts["template"].split("{user}")
    pieces: list[str] = (head + prompts[mode]["prefix"]).split(PLACEHOLDER)
    pieces[-1] += question + tail
    return pieces
