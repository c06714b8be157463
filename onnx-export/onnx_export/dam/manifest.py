"""The manifest of a DAM bundle; writes no graph."""

from __future__ import annotations

from typing import Any

from onnx_export.core import sentencepiece
from onnx_export.core.bundle import manifest_header
from onnx_export.dam.config import ModelConfig
from onnx_export.dam.prompts import FRAMES, SAMPLING, manifest_prompts
from onnx_export.dam.request import Request
from onnx_export.decoder.graph import manifest_section

FAMILY = "dam"
GRAPHS = ("picture", "region", "vision", "decoder")


def manifest_of(config: ModelConfig, request: Request) -> dict[str, Any]:
    """The manifest before the graphs are written and checked."""
    v, d = config.vision, config.decoder
    source = {"name": request.source, "revision": request.revision, "config_sha256": config.sha256}
    manifest = manifest_header(FAMILY, request.name, source) | {
        "precision": request.precision.value,
        "device": request.device.value,
        "graphs": {role: {"file": f"{role}.onnx"} for role in GRAPHS},
        "tokenizer": {"kind": sentencepiece.KIND, "file": "tokenizer.json"},
        "kind": "joint" if request.joint else "image",
        "image": {"size": v.image, "tokens": v.tokens},
        "decoder": manifest_section(d, request.precision, request.device),
        "prompts": manifest_prompts(request.joint),
        "sampling": SAMPLING | {"top_k": config.top_k},
        FAMILY: {"patch_size": v.patch, "expansion": 3, "minimum_box": 48},
    }
    if request.joint:
        manifest["video"] = {"frames": FRAMES}
    return manifest
