"""Writes a random Llama model with a bundle's dimensions: `python -m measure.llama.model BUNDLE INTERMEDIATE FILE`.

Runs in the environment with gguf that `command` makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np

_BLOCK = 32
_TYPES = {"int8": gguf.GGMLQuantizationType.Q8_0, "int4": gguf.GGMLQuantizationType.Q4_0}


def _blocks(random: np.random.Generator, rows: int, columns: int, precision: str) -> np.ndarray[Any, Any]:
    """Random rows of blocks of 32 weights: a float16 scale, then 8 or 4 bits for each weight."""
    quants = _BLOCK if precision == "int8" else _BLOCK // 2
    blocks = np.empty((rows, columns // _BLOCK, 2 + quants), np.uint8)
    spread = 74 if precision == "int8" else 4.6
    scale = np.array([1 / (spread * np.sqrt(columns))], np.float16).view(np.uint8)
    blocks[..., :2] = scale
    blocks[..., 2:] = random.integers(0, 256, (rows, columns // _BLOCK, quants), np.uint8)
    return blocks.reshape(rows, -1)


def write(file: Path, shape: dict[str, Any], intermediate: int, precision: str) -> None:
    """Writes the model; ``shape`` is the manifest's ``decoder``."""
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["hidden_size"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(intermediate)
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_key_length(shape["head_dim"])
    writer.add_value_length(shape["head_dim"])
    writer.add_rope_dimension_count(shape["head_dim"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape["vocab_size"])
    writer.add_tokenizer_model("no_vocab")

    def matrix(tensor: str, rows: int, columns: int) -> None:
        writer.add_tensor(f"{tensor}.weight", _blocks(random, rows, columns, precision), raw_dtype=_TYPES[precision])

    def norm(tensor: str) -> None:
        writer.add_tensor(f"{tensor}.weight", np.ones(hidden, np.float32))

    hidden, heads, kv = shape["hidden_size"], shape["heads"] * shape["head_dim"], shape["kv_heads"] * shape["head_dim"]
    matrix("token_embd", shape["vocab_size"], hidden)
    for layer in range(shape["layers"]):
        norm(f"blk.{layer}.attn_norm")
        for part, rows, columns in (
            ("attn_q", heads, hidden),
            ("attn_k", kv, hidden),
            ("attn_v", kv, hidden),
            ("attn_output", hidden, heads),
        ):
            matrix(f"blk.{layer}.{part}", rows, columns)
        norm(f"blk.{layer}.ffn_norm")
        for part, rows, columns in (
            ("ffn_gate", intermediate, hidden),
            ("ffn_up", intermediate, hidden),
            ("ffn_down", hidden, intermediate),
        ):
            matrix(f"blk.{layer}.{part}", rows, columns)
    norm("output_norm")
    matrix("output", shape["vocab_size"], hidden)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    manifest = json.loads(Path(sys.argv[1], "manifest.json").read_text("utf-8"))
    write(Path(sys.argv[3]), manifest["decoder"], int(sys.argv[2]), manifest["precision"])
