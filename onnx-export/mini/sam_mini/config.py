"""The dimensions of a model, and the ``config.json`` of the published layout that holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STRIDE = 16
"""Pixels along one side of a cell of the embedding."""


@dataclass(frozen=True)
class ModelConfig:
    """Names as in the published ``config.json`` where it has one; the defaults are those of the built-in model."""

    image: int = 256
    channels: int = 128
    widths: tuple[int, ...] = (32, 64, 128, 256)
    heads: tuple[int, ...] = (1, 2, 4, 8)
    blocks: tuple[int, ...] = (1, 2, 4, 2)
    windows: tuple[int, ...] = (8, 8, 16, 8)
    global_blocks: tuple[int, ...] = ()
    background: int = 8
    decoder_heads: int = 4
    decoder_mlp: int = 256
    iou_hidden: int = 128
    memory: int = 64
    memory_layers: int = 2
    memory_mlp: int = 256
    memory_frames: int = 7
    pointers: int = 16
    mask_levels: tuple[int, ...] = field(default=(4, 16, 64, 256))
    max_sprinkle_area: int = 64
    """Of the published image predictor: pieces of a mask of up to this many of its 64 x 64 logits are removed."""

    @property
    def grid(self) -> int:
        """Cells of the embedding along one side."""
        return self.image // STRIDE

    @staticmethod
    def read(folder: Path) -> ModelConfig:
        """The dimensions of a checkpoint."""
        root: dict[str, Any] = json.loads((folder / "config.json").read_text())
        vision, decoder = root["vision_config"], root["mask_decoder_config"]
        trunk = vision["backbone_config"]
        return ModelConfig(
            image=root["image_size"],
            channels=vision["fpn_hidden_size"],
            widths=tuple(trunk["embed_dim_per_stage"]),
            heads=tuple(trunk["num_attention_heads_per_stage"]),
            blocks=tuple(trunk["blocks_per_stage"]),
            windows=tuple(trunk["window_size_per_stage"]),
            global_blocks=tuple(trunk["global_attention_blocks"]),
            background=trunk["window_positional_embedding_background_size"][0],
            decoder_heads=decoder["num_attention_heads"],
            decoder_mlp=decoder["mlp_dim"],
            iou_hidden=decoder["iou_head_hidden_dim"],
            memory=root["memory_encoder_output_channels"],
            memory_layers=root["memory_attention_num_layers"],
            memory_mlp=root["memory_attention_feed_forward_hidden_size"],
            memory_frames=root["num_maskmem"],
            pointers=root["max_object_pointers_in_encoder"],
            max_sprinkle_area=root.get("max_sprinkle_area", 0),
        )

    def published(self) -> dict[str, Any]:
        """The contents of ``config.json``."""
        c, side = self.channels, self.image
        return {
            "architectures": ["Sam2VideoModel"],
            "model_type": "sam2_video",
            "dtype": "float32",
            "image_size": side,
            "enable_occlusion_spatial_embedding": True,
            "enable_temporal_pos_encoding_for_object_pointers": True,
            "num_maskmem": self.memory_frames,
            "max_object_pointers_in_encoder": self.pointers,
            "max_sprinkle_area": self.max_sprinkle_area,
            "multimask_min_pt_num": 0,
            "multimask_max_pt_num": 1,
            "multimask_output_for_tracking": True,
            "multimask_output_in_sam": True,
            "sigmoid_scale_for_mem_enc": 20.0,
            "sigmoid_bias_for_mem_enc": -10.0,
            "mask_downsampler_embed_dim": c,
            "mask_downsampler_hidden_act": "gelu",
            "mask_downsampler_kernel_size": 3,
            "mask_downsampler_padding": 1,
            "mask_downsampler_stride": 2,
            "mask_downsampler_total_stride": STRIDE,
            "memory_attention_downsample_rate": 1,
            "memory_attention_dropout": 0.0,
            "memory_attention_feed_forward_hidden_act": "relu",
            "memory_attention_feed_forward_hidden_size": self.memory_mlp,
            "memory_attention_hidden_size": c,
            "memory_attention_num_attention_heads": 1,
            "memory_attention_num_layers": self.memory_layers,
            "memory_attention_rope_dropout": 0.0,
            "memory_attention_rope_feat_sizes": [self.grid, self.grid],
            "memory_attention_rope_theta": 10000,
            "memory_encoder_hidden_size": c,
            "memory_encoder_output_channels": self.memory,
            "memory_fuser_embed_dim": c,
            "memory_fuser_hidden_act": "gelu",
            "memory_fuser_intermediate_dim": 4 * c,
            "memory_fuser_kernel_size": 7,
            "memory_fuser_layer_scale_init_value": 1e-06,
            "memory_fuser_num_layers": 2,
            "memory_fuser_padding": 3,
            "mask_decoder_config": {
                "attention_downsample_rate": 2,
                "dynamic_multimask_stability_delta": 0.05,
                "dynamic_multimask_stability_thresh": 0.98,
                "dynamic_multimask_via_stability": True,
                "hidden_act": "gelu",
                "hidden_size": c,
                "iou_head_depth": 3,
                "iou_head_hidden_dim": self.iou_hidden,
                "mlp_dim": self.decoder_mlp,
                "num_attention_heads": self.decoder_heads,
                "num_hidden_layers": 2,
                "num_multimask_outputs": 3,
            },
            "prompt_encoder_config": {
                "hidden_act": "gelu",
                "hidden_size": c,
                "image_size": side,
                "layer_norm_eps": 1e-06,
                "mask_input_channels": 16,
                "num_point_embeddings": 4,
                "patch_size": STRIDE,
                "scale": 1,
            },
            "vision_config": {
                "model_type": "sam2_vision_model",
                "backbone_channel_list": list(self.widths[::-1]),
                "backbone_feature_sizes": [[side // 4] * 2, [side // 8] * 2, [side // 16] * 2],
                "fpn_hidden_size": c,
                "fpn_kernel_size": 1,
                "fpn_padding": 0,
                "fpn_stride": 1,
                "fpn_top_down_levels": [2, 3],
                "hidden_act": "gelu",
                "layer_norm_eps": 1e-06,
                "num_feature_levels": 3,
                "backbone_config": {
                    "model_type": "sam2_hiera_det_model",
                    "blocks_per_stage": list(self.blocks),
                    "embed_dim_per_stage": list(self.widths),
                    "global_attention_blocks": list(self.global_blocks),
                    "hidden_act": "gelu",
                    "hidden_size": self.widths[0],
                    "image_size": [side, side],
                    "layer_norm_eps": 1e-06,
                    "mlp_ratio": 4.0,
                    "num_attention_heads": self.heads[0],
                    "num_attention_heads_per_stage": list(self.heads),
                    "num_channels": 3,
                    "num_query_pool_stages": 3,
                    "patch_kernel_size": [7, 7],
                    "patch_padding": [3, 3],
                    "patch_stride": [4, 4],
                    "query_stride": [2, 2],
                    "window_positional_embedding_background_size": [self.background] * 2,
                    "window_size_per_stage": list(self.windows),
                },
            },
        }
