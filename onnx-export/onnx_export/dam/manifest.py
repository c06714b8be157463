"""The manifest of a DAM bundle; writes no graph."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from onnx_export.core import sentencepiece
from onnx_export.core.bundle import manifest_header
from onnx_export.core.graph import real_dtype
from onnx_export.core.precision import Device, Precision
from onnx_export.dam.config import ModelConfig
from onnx_export.dam.prompts import FRAMES, SAMPLING, manifest_prompts
from onnx_export.dam.request import Request

FAMILY = "dam"
GRAPHS = ("picture", "region", "vision", "decoder")


def embedding_dtype(request: Request) -> np.dtype[Any]:
    """Element type of the embedding table: that of the weights, with at least 16 bits."""
    if request.precision is Precision.FP32 and request.device is Device.CPU:
        return np.dtype(np.float32)
    return np.dtype(ml_dtypes.bfloat16 if request.precision is Precision.BF16 else np.float16)


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
        "decoder": {
            "hidden_size": d.hidden,
            "layers": d.layers,
            "heads": d.heads,
            "kv_heads": d.kv_heads,
            "head_dim": d.head_dim,
            "vocab_size": d.tokens,
            "context": d.context,
            "dtype": str(real_dtype(request.precision, request.device)),
            "embedding_dtype": str(embedding_dtype(request)),
            "bos_token_id": d.bos,
            "eos_token_ids": list(d.eos),
            "pad_token_id": d.pad,
        },
        "prompts": manifest_prompts(request.joint),
        "sampling": SAMPLING | {"top_k": config.top_k},
        FAMILY: {"patch_size": v.patch, "expansion": 3, "minimum_box": 48},
    }
    if request.joint:
        manifest["video"] = {"frames": FRAMES}
    return manifest
