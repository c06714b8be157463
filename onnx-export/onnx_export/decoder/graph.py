"""Builds decoder.onnx, embeddings in, logits of the last position out, cache updated in place; and its embeddings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from onnx import TensorProto

from onnx_export.core.graph import MICROSOFT, GraphWriter, as_half, real_dtype
from onnx_export.core.precision import Device, Precision, Zero
from onnx_export.decoder.parts import DecoderLayer, DecoderParts, DecoderShape, rotary_tables

_NAMES = ("q", "k", "v", "o", "gate", "up", "down")


def write_decoder(
    file: Path,
    parts: DecoderParts,
    precision: Precision,
    device: Device,
    per_token: frozenset[str] = frozenset(),
    tick: Callable[[str], None] = lambda _: None,
) -> None:
    """Writes the graph; docs/bundle.md describes its inputs and outputs.

    Attention is GroupQueryAttention with the rotary embedding inside, so sequences in one batch may have different
    lengths and the graph needs no shape arithmetic.

    Parameters
    ----------
    file
        The .onnx file; weights go beside it.
    per_token
        The products that are quantised per token, by their names in reference.decode. Products with the same input
        are fused here, and all of them must be named.
    tick
        Called after each layer.
    """
    d = parts.shape
    with GraphWriter(file, precision, device) as g:
        x = g.input("inputs_embeds", g.real_type, ["b", "s", d.hidden])
        g.input("seqlens_k", TensorProto.INT32, ["b"])
        g.input("total_sequence_length", TensorProto.INT32, [])
        cosines, sines = (g.reals(it) for it in rotary_tables(d.head_dim, d.rope_theta, d.context))
        branch = ""
        for index in range(d.layers):
            layer = parts.layer(index)
            x, normed = _norm(g, x, branch, layer.input_norm, d.eps)
            products = Products(g, layer, frozenset(it for it in _NAMES if f"layer {index} {it}" in per_token))
            attended = _attention(g, d, products, index, normed, cosines, sines)
            x, normed = _norm(g, x, attended, layer.post_norm, d.eps)
            branch = _mlp(g, products, normed)
            tick(f"layer {index}")
        _, normed = _norm(g, x, branch, parts.final_norm(), d.eps)
        last = g.node("Gather", normed, g.constant(np.array(-1, np.int64)), axis=1)
        logits = g.matmul(last, parts.head())
        if device is Device.CUDA:
            logits = g.cast(logits, TensorProto.FLOAT)
        g.output(logits, "logits", TensorProto.FLOAT, ["b", d.tokens])
        tick("head")
        for index in range(d.layers):
            for kind in ("key", "value"):
                dims: list[int | str] = ["b", d.kv_heads, "m", d.head_dim]
                g.input(f"past_{kind}.{index}", g.real_type, dims)
                g.output(f"present_{kind}.{index}", f"present_{kind}.{index}", g.real_type, dims)


def embedding_dtype(precision: Precision, device: Device) -> np.dtype[Any]:
    """Element type of the embedding table: that of the weights, with at least 16 bits."""
    if precision is Precision.FP32 and device is Device.CPU:
        return np.dtype(np.float32)
    return np.dtype(ml_dtypes.bfloat16 if precision is Precision.BF16 else np.float16)


def write_table(file: Path, parts: DecoderParts, dtype: np.dtype[Any]) -> None:
    """Writes the token embeddings, [tokens, hidden], little-endian."""
    table = parts.token_embeddings()
    stored = as_half(table) if dtype == np.float16 else table.astype(dtype)
    bits = stored.view(f"u{dtype.itemsize}")
    file.write_bytes(bits.astype(bits.dtype.newbyteorder("<")).data)


def manifest_section(d: DecoderShape, precision: Precision, device: Device) -> dict[str, Any]:
    """The manifest's ``decoder``."""
    return {
        "hidden_size": d.hidden,
        "layers": d.layers,
        "heads": d.heads,
        "kv_heads": d.kv_heads,
        "head_dim": d.head_dim,
        "vocab_size": d.tokens,
        "context": d.context,
        "dtype": str(real_dtype(precision, device)),
        "embedding_dtype": str(embedding_dtype(precision, device)),
        "bos_token_id": d.bos,
        "eos_token_ids": list(d.eos),
        "pad_token_id": d.pad,
    }


class Products:
    """The weights of one layer, each used once."""

    def __init__(self, g: GraphWriter, layer: DecoderLayer, per_token: frozenset[str]) -> None:
        self._g = g
        self.layer = layer
        self._per_token = per_token

    def __call__(self, value: str, *names: str) -> str:
        """value [..., in] times the named weights [out, in], stacked."""
        weight = np.concatenate([getattr(self.layer, it) for it in names])
        if self._per_token.issuperset(names):
            return self._g.shared_matmul_per_token(weight, Zero.MIDDLE)(value)
        return self._g.matmul(value, weight)


def _norm(g: GraphWriter, x: str, branch: str, weight: np.ndarray, eps: float) -> tuple[str, str]:
    """x + branch, and its RMS norm; without a branch x itself and its norm."""
    if not branch:
        normed = g.node("SimplifiedLayerNormalization", x, g.reals(weight), axis=-1, epsilon=eps, stash_type=1)
        return x, str(normed)
    normed, total = g.new_name("normed"), g.new_name("sum")
    g.add_node(
        "SkipSimplifiedLayerNormalization",
        [x, branch, g.reals(weight)],
        [normed, "", "", total],
        MICROSOFT,
        epsilon=eps,
    )
    return total, normed


def _attention(
    g: GraphWriter, d: DecoderShape, products: Products, index: int, normed: str, cosines: str, sines: str
) -> str:
    packed = products(normed, "q", "k", "v")
    if d.biased:
        packed = str(g.node("Add", packed, g.reals(products.layer.qkv_bias)))
    attended = f"attended.{index}"
    g.add_node(
        "GroupQueryAttention",
        [
            packed,
            "",
            "",
            f"past_key.{index}",
            f"past_value.{index}",
            "seqlens_k",
            "total_sequence_length",
            cosines,
            sines,
        ],
        [attended, f"present_key.{index}", f"present_value.{index}"],
        MICROSOFT,
        num_heads=d.heads,
        kv_num_heads=d.kv_heads,
        scale=float(d.head_dim**-0.5),
        do_rotary=1,
        rotary_interleaved=0,
    )
    return products(attended, "o")


def _mlp(g: GraphWriter, products: Products, normed: str) -> str:
    """down(silu(gate x) * up x), gate and up as one product."""
    both = products(normed, "gate", "up")
    gate, up = g.node("Split", both, outputs=2, axis=-1, num_outputs=2)
    silu = g.node("Mul", gate, g.node("Sigmoid", gate))
    return products(str(g.node("Mul", silu, up)), "down")
