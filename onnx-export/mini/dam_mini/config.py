"""The sizes of a model, and the five config.json files of the published layout."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the four parts; `blocks` counts the vision blocks in use."""

    image_size: int = 128
    patch_size: int = 8
    vision_hidden: int = 192
    vision_heads: int = 3
    vision_intermediate: int = 576
    blocks: int = 4
    hidden: int = 192
    heads: int = 3
    layers: int = 3
    intermediate: int = 512
    vocabulary: int = 1024

    @property
    def grid(self) -> int:
        """Patches along one side of the picture."""
        return self.image_size // self.patch_size

    @property
    def image_tokens(self) -> int:
        """Decoder positions of one picture."""
        return ((self.grid + 1) // 2) ** 2

    @classmethod
    def read(cls, folder: Path) -> ModelConfig:
        root = json.loads((folder / "config.json").read_text())
        vision, text = root["vision_tower_cfg"], root["llm_cfg"]
        last = vision["num_hidden_layers"] + root["mm_vision_select_layer"]
        return cls(
            image_size=vision["image_size"],
            patch_size=vision["patch_size"],
            vision_hidden=vision["hidden_size"],
            vision_heads=vision["num_attention_heads"],
            vision_intermediate=vision["intermediate_size"],
            blocks=last + 1,
            hidden=text["hidden_size"],
            heads=text["num_attention_heads"],
            layers=text["num_hidden_layers"],
            intermediate=text["intermediate_size"],
            vocabulary=text["vocab_size"],
        )

    def vision_tower(self) -> dict[str, Any]:
        """Config of vision_tower/, with one unused block because of select layer -2."""
        return {
            "architectures": ["SiglipVisionModel"],
            "attention_dropout": 0.0,
            "dtype": "bfloat16",
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_size": self.vision_hidden,
            "image_size": self.image_size,
            "intermediate_size": self.vision_intermediate,
            "layer_norm_eps": 1e-06,
            "model_type": "siglip_vision_model",
            "num_attention_heads": self.vision_heads,
            "num_channels": 3,
            "num_hidden_layers": self.blocks + 1,
            "num_mask_channels": 1,
            "patch_size": self.patch_size,
        }

    def context_provider(self) -> dict[str, Any]:
        return self.vision_tower() | {
            "architectures": ["ContextProvider"],
            "context_image_as_queries": False,
            "context_provider_layer_indices": None,
            "context_provider_type": "cross_attn_end_to_all",
            "crop_embedding_mode": "add",
            "crop_position_single_embedding": False,
            "masked_cross_attn": False,
            "model_type": "context_provider",
            "residual_dropout": 0.0,
            "trainable_crop_position_embedding": True,
            "treat_image_as_cimage": False,
            "zero_init_output": True,
        }

    def mm_projector(self) -> dict[str, Any]:
        return {
            "architectures": ["MultimodalProjector"],
            "dtype": "bfloat16",
            "mm_projector_type": "mlp_downsample",
            "model_type": "v2l_projector",
        }

    def llm(self) -> dict[str, Any]:
        return {
            "architectures": ["LlamaForCausalLM"],
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": 1,
            "dtype": "bfloat16",
            "eos_token_id": 2,
            "head_dim": self.hidden // self.heads,
            "hidden_act": "silu",
            "hidden_size": self.hidden,
            "initializer_range": 0.02,
            "intermediate_size": self.intermediate,
            "max_position_embeddings": 4096,
            "mlp_bias": False,
            "model_type": "llama",
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "num_key_value_heads": self.heads,
            "pad_token_id": 0,
            "pretraining_tp": 1,
            "rms_norm_eps": 1e-05,
            "rope_scaling": None,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
            "tokenizer_model_max_length": 4096,
            "tokenizer_padding_side": "right",
            "use_cache": True,
            "vocab_size": self.vocabulary,
        }

    def root(self) -> dict[str, Any]:
        return {
            "architectures": ["LlavaLlamaModel"],
            "model_type": "llava_llama",
            "hidden_size": self.hidden,
            "mm_hidden_size": self.vision_hidden,
            "image_aspect_ratio": "resize",
            "mm_vision_select_layer": -2,
            "mm_vision_select_feature": "cls_patch",
            "mm_use_im_start_end": False,
            "mm_use_im_patch_token": False,
            "model_dtype": "torch.bfloat16",
            "resume_path": ".",
            "llm_cfg": self.llm(),
            "vision_tower_cfg": self.vision_tower(),
            "mm_projector_cfg": self.mm_projector(),
            "context_provider_cfg": self.context_provider(),
        }
