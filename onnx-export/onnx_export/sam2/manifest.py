"""What the manifest of a SAM 2.1 bundle says; writes no graph."""

from __future__ import annotations

from typing import Any

from onnx_export.core.bundle import manifest_header
from onnx_export.sam2.config import ModelConfig
from onnx_export.sam2.request import Request

FAMILY = "sam2"
GRAPHS = ("pixels", "frame", "picture", "mask", "mask_prompt", "memory", "attention")


def manifest_of(config: ModelConfig, request: Request) -> dict[str, Any]:
    """The manifest, as far as it is known before the graphs are written and checked."""
    source = {"name": request.source, "revision": request.revision, "config_sha256": config.sha256}
    return manifest_header(FAMILY, request.name, source) | {
        "precision": request.precision.value,
        "device": request.device.value,
        "graphs": {role: {"file": f"{role}.onnx"} for role in GRAPHS},
        FAMILY: section(config),
    }


def section(config: ModelConfig) -> dict[str, Any]:
    """The manifest's ``sam2``."""
    return {
        "image_size": config.image,
        "channels": config.channels,
        "stability_delta": config.stability_delta,
        "stability_threshold": config.stability_threshold,
        "memory_channels": config.memory.channels,
        "num_maskmem": config.memory.frames,
        "max_object_pointers": config.memory.pointers,
        "max_sprinkle_area": config.max_sprinkle_area,
    }
