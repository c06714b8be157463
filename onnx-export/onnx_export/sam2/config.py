"""The config keys of a SAM 2.1 checkpoint: which are read, their defaults, and what is refused; knows no tensors.

The layout is that of transformers' ``Sam2VideoModel``, in which Meta publishes ``model.safetensors`` beside the pickle.
A missing key has the value of the tiny model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from onnx_export import ExportError
from onnx_export.core.config import Config

MODEL_TYPE = "sam2_video"
STRIDE = 16
"""Pixels along one side of a cell of the embedding."""


@dataclass(frozen=True)
class Stage:
    """One of the four stages of the trunk: width, heads, blocks, side of its windows."""

    width: int
    heads: int
    blocks: int
    window: int


@dataclass(frozen=True)
class Block:
    """Where a block of the trunk is and what it attends to.

    ``side`` is that of the map that comes in, ``window`` that of its windows; ``pools`` says that it halves the map and
    changes its width from ``before`` to ``width``.
    """

    before: int
    width: int
    heads: int
    side: int
    window: int
    pools: bool
    ends_stage: bool


@dataclass(frozen=True)
class TrunkShape:
    """Dimensions of the image encoder. ``background`` is the side of the stored position map."""

    stages: tuple[Stage, ...]
    global_blocks: frozenset[int]
    background: int

    def blocks(self, image: int) -> list[Block]:
        """Every block for pictures of side ``image``, in order."""
        found: list[Block] = []
        side, before, window = image // 4, self.stages[0].width, self.stages[0].window
        ends = set(accumulate(it.blocks for it in self.stages))
        for number, stage in enumerate(self.stages):
            for i in range(stage.blocks):
                pools = number > 0 and i == 0
                # The first block of a stage still cuts the map as the stage before did.
                own = side if len(found) in self.global_blocks else window if pools else stage.window
                last = len(found) + 1 in ends
                found.append(Block(before, stage.width, stage.heads, side, own, pools, last))
                side, before = side // 2 if pools else side, stage.width
            window = stage.window
        return found


@dataclass(frozen=True)
class DecoderShape:
    """Dimensions of the mask decoder; ``inner`` is the width inside its cross-attentions."""

    heads: int
    inner: int
    mlp: int
    layers: int
    iou_hidden: int


@dataclass(frozen=True)
class MemoryShape:
    """Dimensions of the video part.

    ``channels`` is the width of a memory. A frame reads ``frames - 1`` memories of frames before it, and pointers of
    frames up to ``pointers - 1`` away. ``layers``, ``feed_forward`` and ``theta`` belong to the memory attention.
    """

    channels: int
    frames: int
    pointers: int
    layers: int
    feed_forward: int
    theta: float
    fuser_layers: int


@dataclass(frozen=True)
class ModelConfig:
    """Everything the graphs are sized by: ``channels`` wide embeddings of pictures of side ``image``.

    ``max_sprinkle_area`` is the published image predictor's: pieces of a picture's mask of up to this many logits are
    removed. Published checkpoints do not have it, and none are.
    """

    image: int
    channels: int
    trunk: TrunkShape
    decoder: DecoderShape
    memory: MemoryShape
    stability_delta: float
    stability_threshold: float
    max_sprinkle_area: int
    sha256: str

    @property
    def grid(self) -> int:
        """Cells of the embedding along one side."""
        return self.image // STRIDE


def is_sam2(folder: Path) -> bool:
    """Whether a checkpoint is of this family."""
    if not (folder / "config.json").exists():
        refuse_pickle(folder)
    config = Config.read(folder, "config.json")
    kind = config.get("model_type")
    if kind == "sam2":
        raise config.refuse("model_type", kind, f"{MODEL_TYPE!r}: transformers' Sam2Model saves no video part")
    return bool(kind == MODEL_TYPE)


def refuse_pickle(folder: Path) -> None:
    """Raises ExportError if a folder has its weights only as SAM 2's own repository publishes them."""
    if not any(folder.glob("model*.safetensors*")) and any(folder.glob("*.pt")):
        raise ExportError(
            f"{folder} has its weights in a pickle file (.pt), which can run code when it is read: export "
            "facebook/sam2.1-hiera-tiny, -small, -base-plus or -large, which have model.safetensors beside it"
        )


def load_config(folder: Path) -> ModelConfig:
    """Reads and checks ``config.json``.

    Raises
    ------
    ExportError
        Naming the key and value that is missing or not supported.
    """
    root = Config.read(folder, "config.json")
    return model_config(root, hashlib.sha256((folder / "config.json").read_bytes()).hexdigest())


def model_config(root: Config, sha256: str) -> ModelConfig:
    """The same from a config that was read, with the digest of its file."""
    root.expect("model_type", MODEL_TYPE)
    root = Config(root.name, root.values | {"image_size": _side(root.get("image_size", 1024))})
    # SAM 2.0 has both false, and lacks their tensors.
    root.expect("enable_occlusion_spatial_embedding", True, default=True)
    root.expect("enable_temporal_pos_encoding_for_object_pointers", True, default=True)
    vision, prompts = _nested(root, "vision_config"), _nested(root, "prompt_encoder_config")
    backbone, decoder = _nested(vision, "backbone_config"), _nested(root, "mask_decoder_config")
    image = root.count("image_size", 1024)
    if image % 32:
        raise root.refuse("image_size", image, "multiples of 32")
    channels = vision.count("fpn_hidden_size", 256)
    if channels % 8:
        raise vision.refuse("fpn_hidden_size", channels, "multiples of 8")
    _expect(vision, fpn_top_down_levels=[2, 3], fpn_kernel_size=1, fpn_padding=0, fpn_stride=1, layer_norm_eps=1e-6)
    vision.expect("num_feature_levels", 3, default=3)
    for config in (prompts, decoder):
        config.expect("hidden_size", channels, default=channels)
    _expect(prompts, mask_input_channels=16, patch_size=STRIDE, num_point_embeddings=4, image_size=image)
    _expect(prompts, hidden_act="gelu", layer_norm_eps=1e-6)
    return ModelConfig(
        image=image,
        channels=channels,
        trunk=_trunk(backbone, image),
        decoder=_decoder(decoder, channels),
        memory=_memory(root, channels, image // STRIDE),
        stability_delta=decoder.number("dynamic_multimask_stability_delta", 0.05),
        stability_threshold=decoder.number("dynamic_multimask_stability_thresh", 0.98),
        max_sprinkle_area=int(root.number("max_sprinkle_area", 0)),
        sha256=sha256,
    )


def _nested(config: Config, key: str) -> Config:
    value = config.get(key, {})
    if not isinstance(value, dict):
        raise config.refuse(key, value, "an object")
    return Config(config.name + (": " if config.name.endswith(".json") else ".") + key, value)


def _expect(config: Config, **wanted: Any) -> None:
    for key, value in wanted.items():
        found = config.get(key, value)
        if _side(found) != _side(value):
            raise config.refuse(key, found, repr(value))


def _side(value: Any) -> Any:
    """What a config says of a square, whose side it may name once or twice."""
    return value[0] if isinstance(value, list) and len(value) == 2 and value[0] == value[1] else value


def _theta(config: Config) -> float:
    """The base of the memory attention's rotary embedding; transformers 5 has it in ``rope_parameters``."""
    rope = _nested(config, "rope_parameters")
    rope.expect("rope_type", "axial", "default", default="axial")
    return rope.number("rope_theta", config.number("memory_attention_rope_theta", 10000))


def _trunk(config: Config, image: int) -> TrunkShape:
    _expect(config, patch_kernel_size=[7, 7], patch_stride=[4, 4], patch_padding=[3, 3], query_stride=[2, 2])
    _expect(config, num_query_pool_stages=3, mlp_ratio=4, num_channels=3, hidden_act="gelu", layer_norm_eps=1e-6)
    _expect(config, image_size=[image, image])
    widths = _counts(config, "embed_dim_per_stage", [96, 192, 384, 768])
    heads = _counts(config, "num_attention_heads_per_stage", [1, 2, 4, 8])
    blocks = _counts(config, "blocks_per_stage", [1, 2, 7, 2])
    windows = _counts(config, "window_size_per_stage", [8, 4, 14, 7])
    for width, count in zip(widths, heads, strict=True):
        if width % count:
            raise config.refuse("num_attention_heads_per_stage", heads, "divisors of embed_dim_per_stage")
    for window in windows[:-1]:
        if window % 2:  # queries are pooled two by two inside the window
            raise config.refuse("window_size_per_stage", windows, "even sizes before the last stage")
    whole = config.get("global_attention_blocks", [5, 7, 9])
    if not (isinstance(whole, list) and all(isinstance(it, int) and 0 <= it < sum(blocks) for it in whole)):
        raise config.refuse("global_attention_blocks", whole, f"numbers of blocks from 0 to {sum(blocks) - 1}")
    background = _counts(config, "window_positional_embedding_background_size", [7, 7], 2)
    if background[0] != background[1]:
        raise config.refuse("window_positional_embedding_background_size", background, "squares")
    if image // 4 % windows[0]:
        raise config.refuse("window_size_per_stage", windows, "a first size that divides image_size / 4")
    stages = tuple(Stage(*it) for it in zip(widths, heads, blocks, windows, strict=True))
    return TrunkShape(stages, frozenset(whole), background[0])


def _counts(config: Config, key: str, default: list[int], length: int = 4) -> list[int]:
    value = config.get(key, default)
    if not (isinstance(value, list) and len(value) == length and all(type(it) is int and it > 0 for it in value)):
        raise config.refuse(key, value, f"lists of {length} whole numbers from 1")
    return value


def _decoder(config: Config, channels: int) -> DecoderShape:
    _expect(config, num_hidden_layers=2, num_multimask_outputs=3, iou_head_depth=3)
    _expect(config, dynamic_multimask_via_stability=True)
    heads, rate = config.count("num_attention_heads", 8), config.count("attention_downsample_rate", 2)
    if channels % rate or channels // rate % heads:
        raise config.refuse("num_attention_heads", heads, f"divisors of {channels} / attention_downsample_rate")
    return DecoderShape(
        heads=heads,
        inner=channels // rate,
        mlp=config.count("mlp_dim", 2048),
        layers=2,
        iou_hidden=config.count("iou_head_hidden_dim", 256),
    )


def _memory(config: Config, channels: int, grid: int) -> MemoryShape:
    _expect(config, sigmoid_scale_for_mem_enc=20, sigmoid_bias_for_mem_enc=-10)
    _expect(config, multimask_output_in_sam=True, multimask_output_for_tracking=True)
    _expect(config, multimask_min_pt_num=0, multimask_max_pt_num=1)
    _expect(config, mask_downsampler_kernel_size=3, mask_downsampler_stride=2, mask_downsampler_padding=1)
    _expect(config, mask_downsampler_total_stride=STRIDE, mask_downsampler_hidden_act="gelu")
    _expect(config, memory_fuser_kernel_size=7, memory_fuser_padding=3, memory_fuser_hidden_act="gelu")
    _expect(config, memory_attention_num_attention_heads=1, memory_attention_downsample_rate=1)
    _expect(config, memory_attention_feed_forward_hidden_act="relu", memory_attention_rope_feat_sizes=[grid, grid])
    for key in ("mask_downsampler_embed_dim", "memory_encoder_hidden_size", "memory_attention_hidden_size"):
        config.expect(key, channels, default=channels)
    config.expect("memory_fuser_embed_dim", channels, default=channels)
    config.expect("memory_fuser_intermediate_dim", 4 * channels, default=4 * channels)
    width = config.count("memory_encoder_output_channels", 64)
    if channels % width or width % 4:
        raise config.refuse("memory_encoder_output_channels", width, f"multiples of 4 that divide {channels}")
    return MemoryShape(
        channels=width,
        frames=config.count("num_maskmem", 7),
        pointers=config.count("max_object_pointers_in_encoder", 16),
        layers=config.count("memory_attention_num_layers", 4),
        feed_forward=config.count("memory_attention_feed_forward_hidden_size", 2048),
        theta=_theta(config),
        fuser_layers=config.count("memory_fuser_num_layers", 2),
    )
