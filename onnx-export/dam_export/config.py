"""Knows the configuration keys of a checkpoint, which values are supported, and nothing of tensors."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dam_export import ExportError

PARTS = ("llm", "vision_tower", "mm_projector", "context_provider")


@dataclass(frozen=True)
class VisionShape:
    """SigLIP encoder; ``used_layers`` is how many blocks run: the last one is the selected layer."""

    hidden: int
    intermediate: int
    heads: int
    used_layers: int
    image: int
    patch: int
    eps: float

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image // self.patch

    @property
    def tokens(self) -> int:
        """Embeddings per picture after the 2x2 downsampling of the grid padded to even."""
        return ((self.grid + 1) // 2) ** 2


@dataclass(frozen=True)
class DecoderShape:
    """Llama decoder."""

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
    bos: int
    eos: tuple[int, ...]
    pad: int


@dataclass(frozen=True)
class ModelConfig:
    """Everything the graphs are sized by."""

    vision: VisionShape
    context_eps: float
    context_heads: int
    context_intermediate: int
    decoder: DecoderShape
    sha256: str


def _read(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExportError(f"{file} is missing: this is not a checkpoint in the published layout") from None
    except ValueError as e:
        raise ExportError(f"{file} is not JSON: {e}") from None
    if not isinstance(value, dict):
        raise ExportError(f"{file} holds no JSON object")
    return value


class _Part:
    """One part's config, which remembers its name for error messages."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        self.values = values

    def expect(self, key: str, *supported: Any, default: Any = None) -> None:
        value = self.values.get(key, default)
        if value not in supported:
            known = " or ".join(repr(it) for it in supported)
            raise ExportError(f"{self.name}: {key} = {value!r} is not supported, only {known}")

    def integer(self, key: str, default: int | None = None) -> int:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ExportError(f"{self.name}: {key} = {value!r} is not a count")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExportError(f"{self.name}: {key} = {value!r} is not a number")
        return float(value)


def load_config(folder: Path) -> ModelConfig:
    """Reads and checks every config of a checkpoint.

    Parameters
    ----------
    folder
        The checkpoint: ``config.json`` and the folders of the four parts.

    Raises
    ------
    ExportError
        Naming the part, key and value that is missing or not supported.
    """
    root = _Part("config.json", _read(folder / "config.json"))
    parts = {}
    for name in PARTS:
        nested = root.values.get(f"{name}_cfg")
        if not isinstance(nested, dict | str):
            raise ExportError(f"config.json: {name}_cfg = {nested!r} names no part")
        parts[name] = _Part(f"{name}/config.json", _read(folder / name / "config.json"))
    root.expect("image_aspect_ratio", "resize")
    root.expect("mm_vision_select_feature", "cls_patch", default="cls_patch")
    root.expect("mm_use_im_start_end", False, default=False)
    root.expect("mm_use_im_patch_token", False, default=False)
    select = root.values.get("mm_vision_select_layer")
    if isinstance(select, bool) or not isinstance(select, int):
        raise ExportError(f"config.json: mm_vision_select_layer = {select!r} is not a layer")
    vision = _vision(parts["vision_tower"], select, folder)
    _context(parts["context_provider"], vision)
    parts["mm_projector"].expect("mm_projector_type", "mlp_downsample")
    context = parts["context_provider"]
    digest = hashlib.sha256()
    for file in ("config.json", *(f"{name}/config.json" for name in PARTS)):
        digest.update((folder / file).read_bytes())
    return ModelConfig(
        vision=vision,
        context_eps=context.number("layer_norm_eps", 1e-6),
        context_heads=context.integer("num_attention_heads"),
        context_intermediate=context.integer("intermediate_size"),
        decoder=_decoder(parts["llm"]),
        sha256=digest.hexdigest(),
    )


def _vision(part: _Part, select: int, folder: Path) -> VisionShape:
    part.expect("hidden_act", "gelu_pytorch_tanh")
    part.expect("num_channels", 3, default=3)
    part.expect("num_mask_channels", 1)
    layers = part.integer("num_hidden_layers")
    # hidden_states[select]: 0 is the embedding, so -2 leaves out the last block.
    used = layers + 1 + select if select < 0 else select
    if not 1 <= used <= layers:
        raise ExportError(f"config.json: mm_vision_select_layer = {select} is outside {layers} layers")
    shape = VisionShape(
        hidden=part.integer("hidden_size"),
        intermediate=part.integer("intermediate_size"),
        heads=part.integer("num_attention_heads"),
        used_layers=used,
        image=part.integer("image_size"),
        patch=part.integer("patch_size"),
        eps=part.number("layer_norm_eps", 1e-6),
    )
    if shape.hidden % shape.heads:
        raise ExportError(f"{part.name}: hidden_size {shape.hidden} is not divisible by {shape.heads} heads")
    preprocessor = folder / "vision_tower" / "preprocessor_config.json"
    if preprocessor.exists():
        pixels = _Part("vision_tower/preprocessor_config.json", _read(preprocessor))
        pixels.expect("resample", 3)
        pixels.expect("image_mean", [0.5, 0.5, 0.5])
        pixels.expect("image_std", [0.5, 0.5, 0.5])
        pixels.expect("rescale_factor", 1 / 255, default=1 / 255)
        pixels.expect("size", {"height": shape.image, "width": shape.image})
        for key in ("do_resize", "do_rescale", "do_normalize"):
            pixels.expect(key, True, default=True)
    return shape


def _context(part: _Part, vision: VisionShape) -> None:
    part.expect("context_provider_type", "cross_attn_end_to_all")
    part.expect("hidden_act", "gelu_pytorch_tanh")
    part.expect("masked_cross_attn", False)
    part.expect("treat_image_as_cimage", False)
    part.expect("context_image_as_queries", False)
    part.expect("crop_embedding_mode", "add")
    part.expect("crop_position_single_embedding", False, default=False)
    part.expect("context_provider_layer_indices", None)
    part.expect("num_mask_channels", 1, default=1)
    part.expect("hidden_size", vision.hidden)
    if vision.hidden % part.integer("num_attention_heads"):
        raise ExportError(f"{part.name}: num_attention_heads does not divide hidden_size {vision.hidden}")
    if part.integer("num_hidden_layers") < vision.used_layers:
        raise ExportError(f"{part.name}: num_hidden_layers is below the {vision.used_layers} blocks used")


def _decoder(part: _Part) -> DecoderShape:
    part.expect("model_type", "llama", default="llama")
    part.expect("hidden_act", "silu")
    part.expect("attention_bias", False, default=False)
    part.expect("mlp_bias", False, default=False)
    theta = part.values.get("rope_theta")
    scaling = part.values.get("rope_scaling") or part.values.get("rope_parameters")
    if isinstance(scaling, dict):
        kind = scaling.get("rope_type", scaling.get("type", "default"))
        if kind != "default":
            raise ExportError(f"{part.name}: rope_scaling = {scaling!r} is not supported, only none")
        theta = theta if theta is not None else scaling.get("rope_theta")
    hidden = part.integer("hidden_size")
    heads = part.integer("num_attention_heads")
    head_dim = part.integer("head_dim", hidden // heads) if part.values.get("head_dim") else hidden // heads
    if head_dim == 0 or head_dim % 16:
        raise ExportError(f"{part.name}: head_dim = {head_dim} is not supported, only multiples of 16")
    kv_heads = part.integer("num_key_value_heads") if part.values.get("num_key_value_heads") is not None else heads
    if heads == 0 or kv_heads == 0 or heads % kv_heads:
        raise ExportError(f"{part.name}: {heads} heads cannot share {kv_heads} key-value heads")
    eos = part.values.get("eos_token_id", 2)
    ends = eos if isinstance(eos, list) else [eos]
    if not ends or not all(isinstance(it, int) for it in ends):
        raise ExportError(f"{part.name}: eos_token_id = {eos!r} is not supported, only a number or a list of them")
    return DecoderShape(
        hidden=hidden,
        intermediate=part.integer("intermediate_size"),
        layers=part.integer("num_hidden_layers"),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocab=part.integer("vocab_size"),
        context=part.integer("max_position_embeddings"),
        eps=part.number("rms_norm_eps", 1e-6),
        rope_theta=float(theta if theta is not None else 10000.0),
        tied=bool(part.values.get("tie_word_embeddings", False)),
        bos=part.integer("bos_token_id", 1),
        eos=tuple(ends),
        pad=part.integer("pad_token_id") if part.values.get("pad_token_id") is not None else -1,
    )
