"""Writes a checkpoint of random weights in the published layout, as the published code loads it; any dimensions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from published_configs import Dimensions, beside_configs, configs
from safetensors.numpy import save_file

CORPUS = (
    "A chat between a curious user and an artificial intelligence assistant. USER: ASSISTANT: Image: Video:\n"
    "The assistant gives helpful, detailed, and polite answers to the user's questions.\n"
    "Describe the masked region in detail. What colour is it? A red hat, two blue cups and a small green tree.\n"
)


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
    """Tensors by part and name, which tests may change before they are written."""

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
        self._pooling_head(f"{tower}.head")
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

    def _pooling_head(self, name: str) -> None:
        """SigLIP's head, which is stored but not used."""
        d = self.dims
        self._add("vision_tower", f"{name}.probe", 1, 1, d.vision_hidden)
        self._add("vision_tower", f"{name}.attention.in_proj_weight", 3 * d.vision_hidden, d.vision_hidden)
        self._add("vision_tower", f"{name}.attention.in_proj_bias", 3 * d.vision_hidden, scale=0.1)
        self._linear("vision_tower", f"{name}.attention.out_proj", d.vision_hidden, d.vision_hidden)
        self._norm("vision_tower", f"{name}.layernorm", d.vision_hidden)
        self._linear("vision_tower", f"{name}.mlp.fc1", d.vision_intermediate, d.vision_hidden)
        self._linear("vision_tower", f"{name}.mlp.fc2", d.vision_hidden, d.vision_intermediate)

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
        self.write_configs(folder)
        for part, tensors in self.parts.items():
            rounded = {name: value.astype(ml_dtypes.bfloat16) for name, value in tensors.items()}
            # transformers refuses files without this metadata.
            save_file(rounded, str(folder / part / "model.safetensors"), metadata={"format": "pt"})
        train_tokenizer(folder / "llm" / "tokenizer.model", self.dims.vocab - 8)

    def write_configs(self, folder: Path) -> None:
        """Writes every JSON file except the indices of shards."""
        files = {("config.json" if part == "root" else f"{part}/config.json"): it for part, it in self.configs.items()}
        for name, content in (files | beside_configs(self.dims)).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content, indent=1))


def train_tokenizer(file: Path, pieces: int, byte_fallback: bool = True) -> None:
    """A SentencePiece BPE model with byte fallback, like Llama's."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.splitlines()),
        model_prefix=str(file.with_suffix("")),
        model_type="bpe",
        vocab_size=pieces,
        byte_fallback=byte_fallback,
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
