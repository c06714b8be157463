"""The tensor names of a Llama-shaped decoder: reads it layer by layer as float32 arrays; knows no file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from onnx_export.core.layers import Floats

Read = Callable[[str, Sequence[int]], Floats]
"""Reads a tensor by its name, and checks its shape."""


@dataclass(frozen=True)
class DecoderShape:
    """Dimensions of the decoder.

    ``vocab`` rows of embeddings are stored and the first ``tokens`` are used: the published code drops rows without a
    token. ``biased`` says whether q, k and v have biases, as in Qwen2. ``bos`` and ``pad`` are -1 if there is none.
    """

    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    context: int
    eps: float
    rope_theta: float
    tied: bool
    biased: bool
    tokens: int
    bos: int
    eos: tuple[int, ...]
    pad: int


@dataclass(frozen=True)
class DecoderLayer:
    """One layer; linear weights [out, in], norms [hidden]. ``qkv_bias`` joins the three biases, empty without them."""

    input_norm: Floats
    q: Floats
    k: Floats
    v: Floats
    qkv_bias: Floats
    o: Floats
    post_norm: Floats
    gate: Floats
    up: Floats
    down: Floats


class DecoderParts:
    """Reads one decoder.

    Parameters
    ----------
    read
        Reads a tensor by its name in the published layout, such as ``model.norm.weight``.
    """

    def __init__(self, shape: DecoderShape, read: Read) -> None:
        self.shape = shape
        self._read = read

    def token_embeddings(self) -> Floats:
        """[tokens, hidden]."""
        d = self.shape
        return self._read("model.embed_tokens.weight", (d.vocab, d.hidden))[: d.tokens]

    def layer(self, number: int) -> DecoderLayer:
        """One layer."""
        d = self.shape
        wide, narrow = d.heads * d.head_dim, d.kv_heads * d.head_dim

        def read(name: str, *shape: int) -> Floats:
            return self._read(f"model.layers.{number}.{name}", shape)

        biases = [read(f"self_attn.{it}_proj.bias", wide if it == "q" else narrow) for it in "qkv" if d.biased]
        return DecoderLayer(
            input_norm=read("input_layernorm.weight", d.hidden),
            q=read("self_attn.q_proj.weight", wide, d.hidden),
            k=read("self_attn.k_proj.weight", narrow, d.hidden),
            v=read("self_attn.v_proj.weight", narrow, d.hidden),
            qkv_bias=np.concatenate([np.empty(0, np.float32), *biases]),
            o=read("self_attn.o_proj.weight", d.hidden, wide),
            post_norm=read("post_attention_layernorm.weight", d.hidden),
            gate=read("mlp.gate_proj.weight", d.intermediate, d.hidden),
            up=read("mlp.up_proj.weight", d.intermediate, d.hidden),
            down=read("mlp.down_proj.weight", d.hidden, d.intermediate),
        )

    def final_norm(self) -> Floats:
        """[hidden]."""
        return self._read("model.norm.weight", (self.shape.hidden,))

    def head(self) -> Floats:
        """[tokens, hidden]; the embeddings if the two are tied."""
        d = self.shape
        if d.tied:
            return self.token_embeddings()
        return self._read("lm_head.weight", (d.vocab, d.hidden))[: d.tokens]


def rotary_tables(head_dim: int, theta: float, positions: int) -> tuple[Floats, Floats]:
    """Cosines and sines, both [positions, head_dim/2], computed in float32 like the published code."""
    exponents = np.arange(0, head_dim, 2, dtype=np.float32) / np.float32(head_dim)
    inverse = (np.float32(1) / np.power(np.float32(theta), exponents)).astype(np.float32)
    angles = np.arange(positions, dtype=np.float32)[:, None] * inverse[None, :]
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
