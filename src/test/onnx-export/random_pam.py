"""Writes a PAM checkpoint of random weights in the published layout, with SAM 2.1 beside it or inside.

python random_pam.py KIND FOLDER
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import yaml
from random_sam2 import KINDS as SAM_KINDS
from random_sam2 import RandomSam2, Sam2Dimensions
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from onnx_export.pam.names import POINT_TABLE, original

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEXTS = (
    "You are a helpful assistant.",
    "Provide a concise caption for this subject.",
    "Classify this subject and provide the label and its definition.",
    "对该目标对象进行分类并提供标签和名词功能解释",
)


@dataclass(frozen=True)
class PamDimensions:
    """A small model unlike the golden one: heads, widths, layers, semantic tokens, and a head of its own.

    ``inside`` puts SAM's weights into the checkpoint, under the names of its own repository.
    """

    sam: str = "other"
    hidden: int = 96
    intermediate: int = 112
    layers: int = 2
    heads: int = 6
    kv_heads: int = 3
    sem_tokens: int = 5
    perceiver_layers: int = 3
    perceiver_mlp: int = 80
    vocab: int = 420
    tied: bool = False
    inside: bool = False


KINDS = {
    "other": PamDimensions(),
    "other-inside": PamDimensions(sam="other-in-yaml", tied=True, inside=True),
    "1.5B": PamDimensions(
        sam="large",
        hidden=1536,
        intermediate=8960,
        layers=28,
        heads=12,
        kv_heads=2,
        sem_tokens=16,
        perceiver_layers=2,
        perceiver_mlp=2048,
        vocab=151936,
        tied=True,
    ),
}


class RandomPam:
    """Writes one checkpoint, a layer of the decoder a shard."""

    def __init__(self, dims: PamDimensions, seed: int = 0) -> None:
        self.dims = dims
        self._random = np.random.default_rng(seed)
        self._tensors: dict[str, np.ndarray[Any, Any]] = {}

    def _add(self, name: str, *shape: int, scale: float = 0.0, mean: float = 0.0) -> None:
        spread = scale or 1 / np.sqrt(max(1, int(np.prod(shape[1:]))))
        values = self._random.standard_normal(shape, dtype=np.float32) * np.float32(spread) + np.float32(mean)
        self._tensors[name] = values.astype(ml_dtypes.bfloat16)

    def _layer(self, name: str, out: int, into: int) -> None:
        self._add(f"{name}.weight", out, into)
        self._add(f"{name}.bias", out, scale=0.1)

    def _norm(self, name: str, size: int) -> None:
        self._add(f"{name}.weight", size, scale=0.1, mean=1)
        self._add(f"{name}.bias", size, scale=0.1)

    def _decoder_layer(self, number: int) -> None:
        d, name = self.dims, f"model.layers.{number}"
        narrow = d.hidden // d.heads * d.kv_heads
        for it, out in (("q", d.hidden), ("k", narrow), ("v", narrow)):
            self._layer(f"{name}.self_attn.{it}_proj", out, d.hidden)
        self._add(f"{name}.self_attn.o_proj.weight", d.hidden, d.hidden)
        self._add(f"{name}.mlp.gate_proj.weight", d.intermediate, d.hidden)
        self._add(f"{name}.mlp.up_proj.weight", d.intermediate, d.hidden)
        self._add(f"{name}.mlp.down_proj.weight", d.hidden, d.intermediate)
        for it in ("input_layernorm", "post_attention_layernorm"):
            self._add(f"{name}.{it}.weight", d.hidden, scale=0.1, mean=1)

    def _attention(self, name: str, width: int, inner: int) -> None:
        for it in "qkv":
            self._layer(f"{name}.{it}_proj", inner, width)
        self._layer(f"{name}.out_proj", width, inner)

    def _perceiver(self) -> None:
        d, c, name = self.dims, SAM_KINDS[self.dims.sam].channels, "model.vision_resampler"
        self._add(f"{name}.sem_tokens.weight", d.sem_tokens, c, scale=1)
        self._add(f"{name}.pe_layer.positional_encoding_gaussian_matrix", 2, c // 2, scale=1)
        for i in range(d.perceiver_layers):
            layer = f"{name}.layers.{i}"
            self._attention(f"{layer}.self_attn", c, c)
            for it in ("cross_attn_token_to_image", "cross_attn_image_to_token"):
                self._attention(f"{layer}.{it}", c, c // 2)
            for j in range(1, 5):
                self._norm(f"{layer}.norm{j}", c)
            self._layer(f"{layer}.mlp.layers.0", d.perceiver_mlp, c)
            self._layer(f"{layer}.mlp.layers.1", c, d.perceiver_mlp)
        self._attention(f"{name}.final_attn_token_to_image", c, c // 2)
        self._norm(f"{name}.norm_final_attn", c)
        self._layer(f"{name}.proj", 4 * c, 16 * c)
        for kind, width in (("img", 4 * c), ("semT", c)):
            self._layer(f"model.mm_projector_{kind}.0", d.hidden, width)
            self._layer(f"model.mm_projector_{kind}.2", d.hidden, d.hidden)
        for it in ("image", "semT", "frame"):
            self._add(f"model.{it}_newline", d.hidden, scale=1)

    def write(self, folder: Path) -> Path:
        """Writes the checkpoint into a subfolder, as the published repositories do, and SAM beside it unless inside."""
        inner = folder / "PAM"
        inner.mkdir(parents=True, exist_ok=True)
        shards: dict[str, str] = {}
        for number in range(-1, self.dims.layers):
            if number < 0:
                self._perceiver()
                if self.dims.inside:
                    self._sam()
                self._add("model.embed_tokens.weight", self.dims.vocab, self.dims.hidden, scale=1)
                self._add("model.norm.weight", self.dims.hidden, scale=0.1, mean=1)
                if not self.dims.tied:
                    self._add("lm_head.weight", self.dims.vocab, self.dims.hidden)
            else:
                self._decoder_layer(number)
            name = f"model-{number + 2:05}-of-{self.dims.layers + 1:05}.safetensors"
            save_file(self._tensors, inner / name)
            shards |= dict.fromkeys(self._tensors, name)
            self._tensors.clear()
        (inner / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": shards}))
        self._write_configs(inner)
        if self.dims.sam != "large":
            (inner / "sam2.yaml").write_text(yaml.safe_dump({"model": _sam_yaml(SAM_KINDS[self.dims.sam])}))
        if not self.dims.inside:
            RandomSam2(SAM_KINDS[self.dims.sam]).write(folder / "sam")
        return folder

    def _sam(self) -> None:
        prefix = "model.vision_tower.sam2_model_predictor."
        for name, values in RandomSam2(SAM_KINDS[self.dims.sam]).tensors.items():
            rounded = values.astype(ml_dtypes.bfloat16)
            if name == POINT_TABLE:
                for i, row in enumerate(rounded):
                    self._tensors[f"{prefix}sam_prompt_encoder.point_embeddings.{i}.weight"] = row[None]
            else:
                self._tensors[prefix + original(name)] = rounded

    def _write_configs(self, folder: Path) -> None:
        d = self.dims
        tokenizer = trained_tokenizer(min(d.vocab - 8, 151665))
        tokenizer.save(str(folder / "tokenizer.json"))
        ends = [tokenizer.token_to_id(it) for it in ("<|im_end|>", "<|endoftext|>")]
        config = {
            "model_type": "llava_qwen",
            "mm_projector_type": "mlp2x_gelu",
            "mm_hidden_size": SAM_KINDS[d.sam].channels,
            "hidden_size": d.hidden,
            "intermediate_size": d.intermediate,
            "num_hidden_layers": d.layers,
            "num_attention_heads": d.heads,
            "num_key_value_heads": d.kv_heads,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1000000.0,
            "vocab_size": d.vocab,
            "max_position_embeddings": 32768,
            "tokenizer_model_max_length": 12288,
            "tie_word_embeddings": d.tied,
        }
        (folder / "config.json").write_text(json.dumps(config))
        generation = {"eos_token_id": ends, "pad_token_id": ends[1], "top_k": 20, "repetition_penalty": 1.1}
        (folder / "generation_config.json").write_text(json.dumps(generation))


def _sam_yaml(d: Sam2Dimensions) -> dict[str, Any]:
    """The keys of the repository's config that the exporter reads."""
    return {
        "image_size": d.image,
        "num_maskmem": 7,
        "image_encoder": {
            "trunk": {
                "embed_dim": d.widths[0],
                "num_heads": d.heads[0],
                "stages": list(d.blocks),
                "global_att_blocks": list(d.whole),
                "window_spec": list(d.windows),
                "window_pos_embed_bkg_spatial_size": [d.background, d.background],
            },
            "neck": {"d_model": d.channels},
        },
        "memory_attention": {
            "num_layers": d.memory_layers,
            "layer": {"dim_feedforward": d.memory_feed_forward, "self_attention": {"rope_theta": 10000.0}},
        },
        "memory_encoder": {"out_dim": d.memory, "fuser": {"num_layers": 2}},
    }


def trained_tokenizer(size: int) -> Tokenizer:
    """A byte-level BPE of ``size`` entries as Qwen2.5's is made; rare pieces fill a large one."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.NFC()
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=min(size, 400) - len(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    trained.train_from_iterator(_TEXTS * 2, trainer)
    values = json.loads(trained.to_str())
    vocab = values["model"]["vocab"]
    for i in range(len(vocab), size - len(SPECIAL)):
        vocab[f"Ġfiller{i}"] = i
    result = Tokenizer.from_str(json.dumps(values))
    result.add_special_tokens([AddedToken(it, special=True, normalized=False) for it in SPECIAL])
    return result


if __name__ == "__main__":
    RandomPam(KINDS[sys.argv[1]]).write(Path(sys.argv[2]))
