"""Writes a SAM 2.1 checkpoint of random weights in the published layout, video parts included; any dimensions.

python random_sam2.py KIND FOLDER
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file


@dataclass(frozen=True)
class Sam2Dimensions:
    """A small model unlike the golden one: other side, width, heads, windows; the last global block pools."""

    image: int = 192
    channels: int = 64
    memory: int = 32
    widths: tuple[int, ...] = (16, 32, 64, 128)
    heads: tuple[int, ...] = (2, 2, 4, 4)
    blocks: tuple[int, ...] = (2, 1, 3, 1)
    windows: tuple[int, ...] = (12, 6, 8, 5)
    whole: tuple[int, ...] = (3, 5)
    background: int = 5
    decoder_heads: int = 4
    decoder_mlp: int = 96
    iou_hidden: int = 40
    memory_layers: int = 1
    memory_feed_forward: int = 96


KINDS = {
    "other": Sam2Dimensions(),
    # The repository's configs do not name these; they are those of its code.
    "other-in-yaml": Sam2Dimensions(decoder_heads=8, decoder_mlp=2048, iou_hidden=256),
    "tiny": Sam2Dimensions(
        image=1024,
        channels=256,
        memory=64,
        widths=(96, 192, 384, 768),
        heads=(1, 2, 4, 8),
        blocks=(1, 2, 7, 2),
        windows=(8, 4, 14, 7),
        whole=(5, 7, 9),
        background=7,
        decoder_heads=8,
        decoder_mlp=2048,
        iou_hidden=256,
        memory_layers=4,
        memory_feed_forward=2048,
    ),
    "large": Sam2Dimensions(
        image=1024,
        channels=256,
        memory=64,
        widths=(144, 288, 576, 1152),
        heads=(2, 4, 8, 16),
        blocks=(2, 6, 36, 4),
        windows=(8, 4, 16, 8),
        whole=(23, 33, 43),
        background=7,
        decoder_heads=8,
        decoder_mlp=2048,
        iou_hidden=256,
        memory_layers=4,
        memory_feed_forward=2048,
    ),
}


class RandomSam2:
    """Tensors by name and a config, to be changed before they are written."""

    def __init__(self, dims: Sam2Dimensions, seed: int = 0) -> None:
        self.dims = dims
        self.tensors: dict[str, np.ndarray[Any, Any]] = {}
        self._random = np.random.default_rng(seed)
        self.config = _config(dims)
        self._encoder()
        self._prompts()
        self._decoder()
        self._memory()

    def _add(self, name: str, *shape: int, scale: float = 0.0, mean: float = 0.0) -> None:
        spread = scale or 1 / np.sqrt(max(1, int(np.prod(shape[1:]))))
        self.tensors[name] = self._random.normal(mean, spread, shape).astype(np.float32)

    def _layer(self, name: str, *shape: int, bias: int = 0) -> None:
        self._add(f"{name}.weight", *shape)
        self._add(f"{name}.bias", bias or shape[0], scale=0.1)

    def _norm(self, name: str, size: int) -> None:
        self._add(f"{name}.weight", size, scale=0.1, mean=1)
        self._add(f"{name}.bias", size, scale=0.1)

    def _mlp(self, name: str, into: int, hidden: int, out: int) -> None:
        self._layer(f"{name}.proj_in", hidden, into)
        self._layer(f"{name}.layers.0", hidden, hidden)
        self._layer(f"{name}.proj_out", out, hidden)

    def _encoder(self) -> None:
        d, trunk = self.dims, "vision_encoder.backbone"
        self._layer(f"{trunk}.patch_embed.projection", d.widths[0], 3, 7, 7)
        self._add(f"{trunk}.pos_embed", 1, d.widths[0], d.background, d.background, scale=0.1)
        self._add(f"{trunk}.pos_embed_window", 1, d.widths[0], d.windows[0], d.windows[0], scale=0.1)
        before, number = d.widths[0], 0
        for width, count in zip(d.widths, d.blocks, strict=True):
            for _ in range(count):
                name = f"{trunk}.blocks.{number}"
                self._norm(f"{name}.layer_norm1", before)
                self._layer(f"{name}.attn.qkv", 3 * width, before)
                self._layer(f"{name}.attn.proj", width, width)
                self._norm(f"{name}.layer_norm2", width)
                self._layer(f"{name}.mlp.proj_in", 4 * width, width)
                self._layer(f"{name}.mlp.proj_out", width, 4 * width)
                if before != width:
                    self._layer(f"{name}.proj", width, before)
                before, number = width, number + 1
        for k, width in enumerate(reversed(d.widths)):
            self._layer(f"vision_encoder.neck.convs.{k}", d.channels, width, 1, 1)

    def _prompts(self) -> None:
        c, name = self.dims.channels, "prompt_encoder"
        self._add("shared_image_embedding.positional_embedding", 2, c // 2, scale=1)
        self._add(f"{name}.point_embed.weight", 4, c, scale=1)
        for it in ("not_a_point_embed", "no_mask_embed"):
            self._add(f"{name}.{it}.weight", 1, c, scale=1)
        self._layer(f"{name}.mask_embed.conv1", 4, 1, 2, 2)
        self._norm(f"{name}.mask_embed.layer_norm1", 4)
        self._layer(f"{name}.mask_embed.conv2", 16, 4, 2, 2)
        self._norm(f"{name}.mask_embed.layer_norm2", 16)
        self._layer(f"{name}.mask_embed.conv3", c, 16, 1, 1)

    def _attention(self, name: str, width: int, inner: int, key: int | None = None) -> None:
        self._layer(f"{name}.q_proj", inner, width)
        self._layer(f"{name}.k_proj", inner, key or width)
        self._layer(f"{name}.v_proj", inner, key or width)
        self._layer(f"{name}.o_proj", width, inner)

    def _decoder(self) -> None:
        d, c, name = self.dims, self.dims.channels, "mask_decoder"
        for it, rows in (("obj_score_token", 1), ("iou_token", 1), ("mask_tokens", 4)):
            self._add(f"{name}.{it}.weight", rows, c, scale=1)
        for i in range(2):
            layer = f"{name}.transformer.layers.{i}"
            self._attention(f"{layer}.self_attn", c, c)
            self._attention(f"{layer}.cross_attn_token_to_image", c, c // 2)
            self._attention(f"{layer}.cross_attn_image_to_token", c, c // 2)
            for j in range(1, 5):
                self._norm(f"{layer}.layer_norm{j}", c)
            self._layer(f"{layer}.mlp.proj_in", d.decoder_mlp, c)
            self._layer(f"{layer}.mlp.proj_out", c, d.decoder_mlp)
        self._attention(f"{name}.transformer.final_attn_token_to_image", c, c // 2)
        self._norm(f"{name}.transformer.layer_norm_final_attn", c)
        self._layer(f"{name}.upscale_conv1", c, c // 4, 2, 2, bias=c // 4)
        self._norm(f"{name}.upscale_layer_norm", c // 4)
        self._layer(f"{name}.upscale_conv2", c // 4, c // 8, 2, 2, bias=c // 8)
        self._layer(f"{name}.conv_s0", c // 8, c, 1, 1)
        self._layer(f"{name}.conv_s1", c // 4, c, 1, 1)
        for i in range(4):
            self._mlp(f"{name}.output_hypernetworks_mlps.{i}", c, c, c // 8)
        self._mlp(f"{name}.iou_prediction_head", c, d.iou_hidden, 4)
        self._mlp(f"{name}.pred_obj_score_head", c, c, 1)
        self._mlp("object_pointer_proj", c, c, c)

    def _memory(self) -> None:
        d, c, m = self.dims, self.dims.channels, self.dims.memory
        self._add("no_memory_embedding", 1, 1, c, scale=0.1)
        self._add("no_memory_positional_encoding", 1, 1, c, scale=0.1)
        self._add("no_object_pointer", 1, c, scale=0.1)
        self._add("memory_temporal_positional_encoding", 7, 1, 1, m, scale=0.1)
        self._add("occlusion_spatial_embedding_parameter", 1, m, scale=0.1)
        self._layer("mask_downsample", 1, 1, 4, 4)
        self._layer("temporal_positional_encoding_projection_layer", m, c)
        for i in range(d.memory_layers):
            name = f"memory_attention.layers.{i}"
            self._attention(f"{name}.self_attn", c, c)
            self._attention(f"{name}.cross_attn_image", c, c, m)
            for j in range(1, 4):
                self._norm(f"{name}.layer_norm{j}", c)
            self._layer(f"{name}.linear1", d.memory_feed_forward, c)
            self._layer(f"{name}.linear2", c, d.memory_feed_forward)
        self._norm("memory_attention.layer_norm", c)
        for k in range(4):
            self._layer(f"memory_encoder.mask_downsampler.layers.{k}.conv", 4 ** (k + 1), 4**k, 3, 3)
            self._norm(f"memory_encoder.mask_downsampler.layers.{k}.layer_norm", 4 ** (k + 1))
        self._layer("memory_encoder.mask_downsampler.final_conv", c, 256, 1, 1)
        self._layer("memory_encoder.feature_projection", c, c, 1, 1)
        for k in range(2):
            name = f"memory_encoder.memory_fuser.layers.{k}"
            self._layer(f"{name}.depthwise_conv", c, 1, 7, 7)
            self._norm(f"{name}.layer_norm", c)
            self._layer(f"{name}.pointwise_conv1", 4 * c, c)
            self._layer(f"{name}.pointwise_conv2", c, 4 * c)
            self._add(f"{name}.scale", c, scale=0.1)
        self._layer("memory_encoder.projection", m, c, 1, 1)

    def write(self, folder: Path) -> Path:
        """Writes the checkpoint and returns its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config))
        save_file(self.tensors, folder / "model.safetensors")
        return folder


def _config(d: Sam2Dimensions) -> dict[str, Any]:
    return {
        "model_type": "sam2_video",
        "image_size": d.image,
        "memory_encoder_output_channels": d.memory,
        "memory_attention_num_layers": d.memory_layers,
        "memory_attention_feed_forward_hidden_size": d.memory_feed_forward,
        "mask_decoder_config": {
            "hidden_size": d.channels,
            "num_attention_heads": d.decoder_heads,
            "mlp_dim": d.decoder_mlp,
            "iou_head_hidden_dim": d.iou_hidden,
        },
        "prompt_encoder_config": {"hidden_size": d.channels, "image_size": d.image},
        "vision_config": {
            "fpn_hidden_size": d.channels,
            "backbone_config": {
                "image_size": [d.image, d.image],
                "embed_dim_per_stage": list(d.widths),
                "num_attention_heads_per_stage": list(d.heads),
                "blocks_per_stage": list(d.blocks),
                "window_size_per_stage": list(d.windows),
                "global_attention_blocks": list(d.whole),
                "window_positional_embedding_background_size": [d.background, d.background],
            },
        },
    }


if __name__ == "__main__":
    RandomSam2(KINDS[sys.argv[1]]).write(Path(sys.argv[2]))
