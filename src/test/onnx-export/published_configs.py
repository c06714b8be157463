"""The JSON files of a checkpoint in the published layout, for any dimensions; knows no tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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


def configs(d: Dimensions) -> dict[str, dict[str, Any]]:
    """Configs of the root and the four parts."""
    stored = {"dtype": "bfloat16", "transformers_version": "4.57.6"}
    vision = {
        "attention_dropout": 0.0,
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
            "architectures": ["LlamaForCausalLM"],
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
            "attention_dropout": 0.0,
            "initializer_range": 0.02,
            "mlp_bias": False,
            "pretraining_tp": 1,
            "rope_scaling": None,
            "tokenizer_model_max_length": d.context,
            "tokenizer_padding_side": "right",
            "use_cache": True,
            "tie_word_embeddings": d.tied,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
        },
        "vision_tower": {"architectures": ["SiglipVisionModel"], "model_type": "siglip_vision_model"} | vision,
        "mm_projector": {
            "architectures": ["MultimodalProjector"],
            "model_type": "v2l_projector",
            "mm_projector_type": "mlp_downsample",
        },
        "context_provider": {"architectures": ["ContextProvider"], "model_type": "context_provider"}
        | vision
        | {
            "context_provider_layer_indices": None,
            "crop_position_single_embedding": False,
            "residual_dropout": 0.0,
            "trainable_crop_position_embedding": True,
            "context_provider_type": "cross_attn_end_to_all",
            "masked_cross_attn": False,
            "zero_init_output": True,
            "treat_image_as_cimage": False,
            "context_image_as_queries": False,
            "crop_embedding_mode": "add",
        },
    }
    parts = {name: {**config, **stored} for name, config in parts.items()}
    root: dict[str, Any] = {
        "architectures": ["LlavaLlamaModel"],
        "model_type": "llava_llama",
        "model_dtype": "torch.bfloat16",
        "hidden_size": d.hidden,
        "mm_hidden_size": d.vision_hidden,
        "mm_use_im_patch_token": False,
        "mm_use_im_start_end": False,
        "resume_path": ".",
        "image_aspect_ratio": "resize",
        "mm_vision_select_layer": d.select,
        "mm_vision_select_feature": "cls_patch",
    }
    return {"root": root | {f"{name}_cfg": config for name, config in parts.items()}, **parts}


def beside_configs(d: Dimensions) -> dict[str, dict[str, Any]]:
    """The other JSON files that the published code needs to find its tokenizer and image processor."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<unk>"}
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {
        "llm/generation_config.json": {
            "_from_model_config": True,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
            "transformers_version": "4.57.6",
        },
        "llm/special_tokens_map.json": special,
        "llm/tokenizer_config.json": special
        | {
            "add_bos_token": True,
            "add_eos_token": False,
            "added_tokens_decoder": {str(i): {"content": it} | flags for i, it in enumerate(("<unk>", "<s>", "</s>"))},
            "clean_up_tokenization_spaces": False,
            "legacy": False,
            "model_max_length": d.context,
            "padding_side": "right",
            "sp_model_kwargs": {},
            "tokenizer_class": "LlamaTokenizer",
        },
        "vision_tower/preprocessor_config.json": {
            "do_convert_rgb": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_processor_type": "SiglipImageProcessor",
            "image_std": [0.5, 0.5, 0.5],
            "resample": 3,
            "rescale_factor": 1 / 255,
            "size": {"height": d.image, "width": d.image},
        },
    }
