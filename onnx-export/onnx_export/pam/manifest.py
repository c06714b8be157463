"""The manifest of a PAM bundle; writes no graph."""

from __future__ import annotations

from typing import Any

from onnx_export.core.bundle import manifest_header
from onnx_export.decoder.graph import manifest_section
from onnx_export.decoder.parts import DecoderShape
from onnx_export.pam.parts import FRAMES, Parts
from onnx_export.pam.prompts import manifest_prompts
from onnx_export.pam.request import Request
from onnx_export.sam2 import manifest as sam2

FAMILY = "pam"
TOKENIZER = "bpe"
GRAPHS = ("frame", "picture", "mask", "mask_prompt", "memory", "attention", "perceiver", "decoder")
_APACHE = "Apache-2.0"
_RESEARCH = "Qwen RESEARCH LICENSE AGREEMENT (non-commercial use only)"


def licences(shape: DecoderShape) -> list[dict[str, str]]:
    """The licences of what goes into a bundle. Qwen2.5-3B, known by its dimensions, is not free for commercial use."""
    research = (shape.hidden, shape.layers) == (2048, 36)
    return [
        {"part": "Perceive Anything", "licence": _APACHE},
        {"part": "SAM 2.1", "licence": _APACHE},
        {"part": "Qwen2.5-3B" if research else "Qwen2.5", "licence": _RESEARCH if research else _APACHE},
    ]


def manifest_of(parts: Parts, request: Request) -> dict[str, Any]:
    """The manifest before the graphs are written and checked."""
    config = parts.config
    source = {"name": request.source, "revision": request.revision, "config_sha256": config.sha256}
    return manifest_header(FAMILY, request.name, source) | {
        "licences": licences(config.decoder),
        "precision": request.precision.value,
        "device": request.device.value,
        # Pictures are resized like frames.
        "graphs": {"pixels": {"file": "frame.onnx"}} | {role: {"file": f"{role}.onnx"} for role in GRAPHS},
        "tokenizer": {"kind": TOKENIZER, "file": "tokenizer.json"},
        "kind": "joint",
        "image": {"size": config.sam.image, "tokens": parts.picture_tokens},
        "video": {"frames": FRAMES, "tokens": parts.clip_tokens},
        "decoder": manifest_section(config.decoder, request.precision, request.device),
        "prompts": manifest_prompts(),
        "sampling": config.sampling,
        sam2.FAMILY: sam2.section(config.sam),
    }
