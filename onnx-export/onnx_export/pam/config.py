"""The config keys of a PAM checkpoint: which are read, their defaults, and what is refused; knows no tensors.

The published ``config.json`` is flat: keys of Qwen2's decoder beside those of LLaVA. It says nothing of SAM 2.1,
which is the large model, unless a ``sam2.yaml`` in the repository's own form lies beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer

from onnx_export import ExportError
from onnx_export.core.config import Config, model_type, read_json, unreadable
from onnx_export.decoder.config import QWEN2, decoder_shape, ends
from onnx_export.decoder.parts import DecoderShape
from onnx_export.sam2 import config as sam2

MODEL_TYPE = "llava_qwen"
SAM_FILE = "sam2.yaml"
_LARGE = {
    "embed_dim_per_stage": [144, 288, 576, 1152],
    "num_attention_heads_per_stage": [2, 4, 8, 16],
    "blocks_per_stage": [2, 6, 36, 4],
    "global_attention_blocks": [23, 33, 43],
    "window_size_per_stage": [8, 4, 16, 8],
    "window_positional_embedding_background_size": [7, 7],
}


@dataclass(frozen=True)
class ModelConfig:
    """All dimensions of the graphs but the perceiver's, which only its tensors tell.

    ``sam`` is that of weights inside the checkpoint; ``channels`` is the width of the perceiver; ``sampling`` the
    checkpoint's defaults; ``notes`` are lines to print.
    """

    decoder: DecoderShape
    sam: sam2.ModelConfig
    channels: int
    sampling: dict[str, float]
    notes: tuple[str, ...]
    sha256: str


def find(folder: Path) -> Path | None:
    """The checkpoint in a folder: the folder itself, or, as in the published repositories, one in it."""
    # Training leaves earlier states in subfolders.
    if model_type(folder) == MODEL_TYPE:
        return folder
    found = sorted(it for it in folder.iterdir() if model_type(it) == MODEL_TYPE)
    if len(found) > 1:
        names = ", ".join(it.name for it in found)
        raise ExportError(f"{folder} holds several checkpoints: name one of {names}")
    return found[0] if found else None


def load_config(folder: Path) -> ModelConfig:
    """Reads and checks every config of a checkpoint.

    Raises
    ------
    ExportError
        Naming the file, key and value that is missing or not supported.
    """
    root = Config.read(folder, "config.json")
    root.expect("model_type", MODEL_TYPE)
    root.expect("mm_projector_type", "mlp2x_gelu")
    for key in ("mm_use_im_start_end", "mm_use_im_patch_token", "use_sliding_window"):
        root.expect(key, False, default=False)
    generation = Config.read(folder, "generation_config.json", optional=True)
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    if (folder / SAM_FILE).exists():
        digest.update((folder / SAM_FILE).read_bytes())
    return ModelConfig(
        decoder=_decoder(root, generation, folder),
        sam=sam_config(folder),
        channels=root.count("mm_hidden_size", 256),
        sampling=_sampling(generation),
        notes=tuple(_unused(generation)),
        sha256=digest.hexdigest(),
    )


def _decoder(root: Config, generation: Config, folder: Path) -> DecoderShape:
    tokens = tokenizer_size(folder)
    vocab = root.count("vocab_size", QWEN2.vocab)
    if tokens > vocab:
        raise root.refuse("vocab_size", vocab, f"{tokens} and more, the entries of tokenizer.json")
    # Qwen's prompts have no token at the start.
    shape = decoder_shape(root, QWEN2, tokens, -1, ends(root, generation, tokens))
    # The published code cuts longer prompts.
    longest = root.count("tokenizer_model_max_length", shape.context)
    pad = generation.get("pad_token_id")
    return replace(
        shape, context=min(shape.context, longest), pad=pad if isinstance(pad, int) and pad < tokens else shape.pad
    )


def tokenizer_size(folder: Path) -> int:
    """Entries of ``tokenizer.json``, added ones included.

    Raises
    ------
    ExportError
        If it is no byte-level BPE, which the server's detokenizer expects.
    """
    file = folder / "tokenizer.json"
    values = Config("tokenizer.json", read_json(file))
    kind = values.get("model", {}).get("type")
    if kind != "BPE":
        raise values.refuse("model.type", kind, "'BPE'")
    decoder = values.get("decoder", {}).get("type")
    if decoder != "ByteLevel":
        raise values.refuse("decoder.type", decoder, "'ByteLevel'")
    try:
        return int(Tokenizer.from_file(str(file)).get_vocab_size(with_added_tokens=True))
    except Exception as e:  # tokenizers raises its own class
        raise unreadable(file, e) from None


def _sampling(generation: Config) -> dict[str, float]:
    """The published demo's parameters; it leaves open what generation_config.json says."""
    penalty = generation.number("repetition_penalty", 1.0)
    if not 0 < penalty <= 10:
        raise generation.refuse("repetition_penalty", penalty, "numbers above 0 and up to 10")
    return {
        "temperature": 0.1,
        "top_p": 1.0,
        "top_k": generation.count("top_k", 50) if generation.get("top_k") != 0 else 0,
        "repetition_penalty": penalty,
        "max_tokens": 512,
    }


def _unused(generation: Config) -> list[str]:
    """A line for each key of generation_config.json that affects the published code but not this server."""
    neutral = {"no_repeat_ngram_size": 0, "min_p": 0, "typical_p": 1}
    return [
        f"{generation.name}: {key} = {generation.get(key)!r} is not applied"
        for key, value in neutral.items()
        if generation.get(key, value) != value
    ]


def sam_config(folder: Path) -> sam2.ModelConfig:
    """The dimensions of SAM 2.1: those of the large model, or those that ``sam2.yaml`` gives."""
    file = folder / SAM_FILE
    values: dict[str, Any] = {"model_type": sam2.MODEL_TYPE, "vision_config": {"backbone_config": _LARGE}}
    text = b""
    if file.exists():
        text = file.read_bytes()
        try:
            values = _transformers_keys(yaml.safe_load(text)["model"])
        except (yaml.YAMLError, KeyError, TypeError, IndexError) as e:
            raise ExportError(f"{file.name} is not a config of SAM 2.1: {e!r} is missing or of another kind") from None
    return sam2.model_config(Config(SAM_FILE if text else "SAM 2.1 large", values), hashlib.sha256(text).hexdigest())


def _transformers_keys(model: dict[str, Any]) -> dict[str, Any]:
    """The keys that sam2.config reads, from those of the repository's yaml."""
    trunk, neck = model["image_encoder"]["trunk"], model["image_encoder"]["neck"]
    attention, memory = model["memory_attention"], model["memory_encoder"]
    channels, image, stages = neck["d_model"], model["image_size"], range(len(trunk["stages"]))
    backbone = {
        "embed_dim_per_stage": [trunk["embed_dim"] << i for i in stages],
        "num_attention_heads_per_stage": [trunk["num_heads"] << i for i in stages],
        "blocks_per_stage": trunk["stages"],
        "global_attention_blocks": trunk["global_att_blocks"],
        "window_size_per_stage": trunk["window_spec"],
        "window_positional_embedding_background_size": trunk["window_pos_embed_bkg_spatial_size"],
        "image_size": [image, image],
    }
    return {
        "model_type": sam2.MODEL_TYPE,
        "image_size": image,
        "num_maskmem": model["num_maskmem"],
        "memory_attention_num_layers": attention["num_layers"],
        "memory_attention_feed_forward_hidden_size": attention["layer"]["dim_feedforward"],
        "memory_attention_rope_theta": attention["layer"]["self_attention"]["rope_theta"],
        "memory_attention_rope_feat_sizes": [image // sam2.STRIDE] * 2,
        "memory_attention_hidden_size": channels,
        "memory_encoder_output_channels": memory["out_dim"],
        "memory_encoder_hidden_size": channels,
        "mask_downsampler_embed_dim": channels,
        "memory_fuser_embed_dim": channels,
        "memory_fuser_intermediate_dim": 4 * channels,
        "memory_fuser_num_layers": memory["fuser"]["num_layers"],
        "vision_config": {"fpn_hidden_size": channels, "backbone_config": backbone},
        "prompt_encoder_config": {"hidden_size": channels, "image_size": image},
        "mask_decoder_config": {"hidden_size": channels},
    }
