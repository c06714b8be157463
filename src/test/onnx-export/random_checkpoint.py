"""Writes a checkpoint of random weights in the published layout, in dimensions that no published one has."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

CORPUS = (
    "A chat between a curious user and an artificial intelligence assistant. USER: ASSISTANT: Image: Video:\n"
    "The assistant gives helpful, detailed, and polite answers to the user's questions.\n"
    "Describe the masked region in detail. What colour is it? A red hat, two blue cups and a small green tree.\n"
)


@dataclass(frozen=True)
class Dimensions:
    """Sizes of a checkpoint."""

    image: int = 104
    patch: int = 8
    vision_hidden: int = 48
    vision_intermediate: int = 80
    vision_layers: int = 3
    vision_heads: int = 3
    hidden: int = 64
    intermediate: int = 96
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 16
    vocab: int = 400
    context: int = 1024
    select: int = -2
    tied: bool = False


KINDS = {
    "odd": Dimensions(),
    "even": Dimensions(
        image=96,
        vision_hidden=64,
        vision_heads=4,
        vision_layers=4,
        hidden=96,
        heads=3,
        kv_heads=3,
        head_dim=32,
        vocab=420,
        layers=3,
        select=-1,
    ),
}


class RandomCheckpoint:
    """Tensors by part and name, to be changed before they are written."""

    def __init__(self, dims: Dimensions, seed: int = 0) -> None:
        self.dims = dims
        self._random = np.random.default_rng(seed)
        self.parts: dict[str, dict[str, np.ndarray[Any, Any]]] = {
            "llm": {},
            "vision_tower": {},
            "mm_projector": {},
            "context_provider": {},
        }
        self.configs = configs(dims)
        self._fill()

    def _add(self, part: str, name: str, *shape: int, scale: float = 0.0, mean: float = 0.0) -> None:
        spread = scale or 1 / np.sqrt(max(1, int(np.prod(shape[1:]))))
        self.parts[part][name] = self._random.normal(mean, spread, shape).astype(np.float32)

    def _norm(self, part: str, name: str, size: int, bias: bool = True) -> None:
        self._add(part, f"{name}.weight", size, scale=0.1, mean=1)
        if bias:
            self._add(part, f"{name}.bias", size, scale=0.1)

    def _linear(self, part: str, name: str, out: int, into: int) -> None:
        self._add(part, f"{name}.weight", out, into)
        self._add(part, f"{name}.bias", out, scale=0.1)

    def _fill(self) -> None:
        d = self.dims
        tower = "vision_model"
        for kind, channels in (("patch", 3), ("mask_patch", 1)):
            self._add(
                "vision_tower",
                f"{tower}.embeddings.{kind}_embedding.weight",
                d.vision_hidden,
                channels,
                d.patch,
                d.patch,
            )
            self._add("vision_tower", f"{tower}.embeddings.{kind}_embedding.bias", d.vision_hidden, scale=0.1)
        self._add(
            "vision_tower",
            f"{tower}.embeddings.position_embedding.weight",
            (d.image // d.patch) ** 2,
            d.vision_hidden,
            scale=0.5,
        )
        for layer in range(d.vision_layers):
            self._block("vision_tower", f"{tower}.encoder.layers.{layer}", "self_attn")
            name = f"context_provider_module.layers.{layer}"
            self._block("context_provider", name, "cross_attn")
            for factor in ("attn_factor", "mlp_factor"):
                self._add("context_provider", f"{name}.{factor}", 1, scale=0.3, mean=0.7)
        self._norm("vision_tower", f"{tower}.post_layernorm", d.vision_hidden)
        self._norm("mm_projector", "layers.1", 4 * d.vision_hidden)
        self._linear("mm_projector", "layers.2", d.hidden, 4 * d.vision_hidden)
        self._linear("mm_projector", "layers.4", d.hidden, d.hidden)
        self._add("llm", "model.embed_tokens.weight", d.vocab, d.hidden, scale=1)
        for layer in range(d.layers):
            name = f"model.layers.{layer}"
            wide, narrow = d.heads * d.head_dim, d.kv_heads * d.head_dim
            for projection, out, into in (
                ("q", wide, d.hidden),
                ("k", narrow, d.hidden),
                ("v", narrow, d.hidden),
                ("o", d.hidden, wide),
            ):
                self._add("llm", f"{name}.self_attn.{projection}_proj.weight", out, into)
            for projection, out, into in (
                ("gate", d.intermediate, d.hidden),
                ("up", d.intermediate, d.hidden),
                ("down", d.hidden, d.intermediate),
            ):
                self._add("llm", f"{name}.mlp.{projection}_proj.weight", out, into)
            self._norm("llm", f"{name}.input_layernorm", d.hidden, bias=False)
            self._norm("llm", f"{name}.post_attention_layernorm", d.hidden, bias=False)
        self._norm("llm", "model.norm", d.hidden, bias=False)
        if not d.tied:
            self._add("llm", "lm_head.weight", d.vocab, d.hidden, scale=0.5)

    def _block(self, part: str, name: str, attention: str) -> None:
        d = self.dims
        self._norm(part, f"{name}.layer_norm1", d.vision_hidden)
        self._norm(part, f"{name}.layer_norm2", d.vision_hidden)
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self._linear(part, f"{name}.{attention}.{projection}", d.vision_hidden, d.vision_hidden)
        self._linear(part, f"{name}.mlp.fc1", d.vision_intermediate, d.vision_hidden)
        self._linear(part, f"{name}.mlp.fc2", d.vision_hidden, d.vision_intermediate)

    def write(self, folder: Path) -> None:
        """Writes configs, tensors in bfloat16, and a tokenizer trained on a few lines."""
        for part, config in self.configs.items():
            file = folder / ("config.json" if part == "root" else f"{part}/config.json")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(config))
        for part, tensors in self.parts.items():
            rounded = {name: value.astype(ml_dtypes.bfloat16) for name, value in tensors.items()}
            save_file(rounded, str(folder / part / "model.safetensors"))
        train_tokenizer(folder / "llm" / "tokenizer.model", self.dims.vocab - 8)


def configs(d: Dimensions) -> dict[str, dict[str, Any]]:
    """Configs of the root and the four parts, with the keys of the published ones that matter."""
    vision = {
        "hidden_size": d.vision_hidden,
        "intermediate_size": d.vision_intermediate,
        "num_hidden_layers": d.vision_layers,
        "num_attention_heads": d.vision_heads,
        "image_size": d.image,
        "patch_size": d.patch,
        "num_channels": 3,
        "num_mask_channels": 1,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-6,
    }
    parts: dict[str, dict[str, Any]] = {
        "llm": {
            "model_type": "llama",
            "hidden_size": d.hidden,
            "intermediate_size": d.intermediate,
            "num_hidden_layers": d.layers,
            "num_attention_heads": d.heads,
            "num_key_value_heads": d.kv_heads,
            "head_dim": d.head_dim,
            "vocab_size": d.vocab,
            "max_position_embeddings": d.context,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "hidden_act": "silu",
            "attention_bias": False,
            "tie_word_embeddings": d.tied,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
        },
        "vision_tower": vision,
        "mm_projector": {"mm_projector_type": "mlp_downsample"},
        "context_provider": vision
        | {
            "context_provider_type": "cross_attn_end_to_all",
            "masked_cross_attn": False,
            "zero_init_output": True,
            "treat_image_as_cimage": False,
            "context_image_as_queries": False,
            "crop_embedding_mode": "add",
        },
    }
    root = {
        "image_aspect_ratio": "resize",
        "mm_vision_select_layer": d.select,
        "mm_vision_select_feature": "cls_patch",
    }
    return {"root": root | {f"{name}_cfg": config for name, config in parts.items()}, **parts}


def train_tokenizer(file: Path, pieces: int) -> None:
    """A SentencePiece BPE model with byte fallback, as Llama's."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.splitlines()),
        model_prefix=str(file.with_suffix("")),
        model_type="bpe",
        vocab_size=pieces,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
    )
    file.with_suffix(".vocab").unlink()


if __name__ == "__main__":
    RandomCheckpoint(KINDS[sys.argv[1]]).write(Path(sys.argv[2]))
