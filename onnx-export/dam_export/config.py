"""Knows the configuration keys of a checkpoint, which values are supported, and nothing of tensors."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dam_export import ExportError

PARTS = ("llm", "vision_tower", "mm_projector", "context_provider")

_MOST_POSITIONS = 1 << 20
_LFS_POINTER = b"version https://git-lfs"


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


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object that a file holds.

    Raises
    ------
    ExportError
        If there is no such file, or something else is in it.
    """
    try:
        # Some editors begin a file with a byte order mark.
        value = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ExportError(f"{file} is missing: this is not a checkpoint in the published layout") from None
    except ValueError as e:
        raise ExportError(f"{file} is not JSON: {e}") from None
    except RecursionError:
        raise ExportError(f"{file} is nested too deeply") from None
    if not isinstance(value, dict):
        raise ExportError(f"{file} holds no JSON object")
    return value


def unreadable(file: Path, reason: object) -> ExportError:
    """The error for a file of weights that is not what it should be."""
    try:
        with file.open("rb") as start:
            pointer = start.read(len(_LFS_POINTER)) == _LFS_POINTER
    except OSError as e:
        return ExportError(f"{file} cannot be read: {e.strerror}")
    if pointer:
        return ExportError(f"{file} is a pointer of Git LFS, not the file itself: fetch it with git lfs pull")
    return ExportError(f"{file} cannot be read: {reason}")


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
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ExportError(f"{self.name}: {key} = {value!r} is not a count")
        return value

    def token(self, key: str, value: Any, vocab: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < vocab:
            raise ExportError(f"{self.name}: {key} = {value!r} is not supported, only 0 to {vocab - 1}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExportError(f"{self.name}: {key} = {value!r} is not a number")
        if not 0 <= value <= sys.float_info.max:
            raise ExportError(f"{self.name}: {key} = {value!r} is not supported, only finite numbers from 0 on")
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
    root = _Part("config.json", read_json(folder / "config.json"))
    parts = {}
    for name in PARTS:
        nested = root.values.get(f"{name}_cfg")
        # Saved as a text it is the place that the part is loaded from.
        here = isinstance(nested, str) and (folder / nested).resolve() == (folder / name).resolve()
        if not (isinstance(nested, dict) or here):
            raise ExportError(f"config.json: {name}_cfg = {nested!r} is not the part in {name}/")
        parts[name] = _Part(f"{name}/config.json", read_json(folder / name / "config.json"))
    if root.values.get("image_aspect_ratio") == "pad":
        raise ExportError("config.json: image_aspect_ratio = 'pad' is not supported: it pads pictures to squares")
    root.expect("mm_vision_select_feature", "cls_patch", default="cls_patch")
    for part in parts.values():
        part.expect("quantization_config", None)
    select = root.values.get("mm_vision_select_layer")
    if isinstance(select, bool) or not isinstance(select, int):
        raise ExportError(f"config.json: mm_vision_select_layer = {select!r} is not a layer")
    vision = _vision(parts["vision_tower"], select, folder)
    _context(parts["context_provider"], vision)
    parts["mm_projector"].expect("mm_projector_type", "mlp_downsample")
    _tokenizer(folder)
    context = parts["context_provider"]
    digest = hashlib.sha256()
    for file in ("config.json", *(f"{name}/config.json" for name in PARTS)):
        digest.update((folder / file).read_bytes())
    return ModelConfig(
        vision=vision,
        context_eps=context.number("layer_norm_eps", 1e-6),
        context_heads=context.integer("num_attention_heads"),
        context_intermediate=context.integer("intermediate_size"),
        decoder=_generation(_decoder(parts["llm"]), folder),
        sha256=digest.hexdigest(),
    )


def _vision(part: _Part, select: int, folder: Path) -> VisionShape:
    part.expect("hidden_act", "gelu_pytorch_tanh", default="gelu_pytorch_tanh")
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
        pixels = _Part("vision_tower/preprocessor_config.json", read_json(preprocessor))
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
    part.expect("hidden_act", "gelu_pytorch_tanh", default="gelu_pytorch_tanh")
    part.expect("masked_cross_attn", False, default=False)
    part.expect("treat_image_as_cimage", False, default=False)
    part.expect("zero_init_output", True, default=True)
    part.expect("context_image_as_queries", False, default=False)
    part.expect("crop_embedding_mode", "add", default="add")
    part.expect("crop_position_single_embedding", False, default=False)
    part.expect("context_provider_layer_indices", None)
    part.expect("num_mask_channels", 1, default=1)
    part.expect("hidden_size", vision.hidden)
    part.expect("image_size", vision.image, default=vision.image)
    part.expect("patch_size", vision.patch, default=vision.patch)
    if vision.hidden % part.integer("num_attention_heads"):
        raise ExportError(f"{part.name}: num_attention_heads does not divide hidden_size {vision.hidden}")
    if part.integer("num_hidden_layers") < vision.used_layers:
        raise ExportError(f"{part.name}: num_hidden_layers is below the {vision.used_layers} blocks used")


def _rope_theta(part: _Part) -> float:
    """The base of the rotary embedding, of which only the plain kind is supported."""
    thetas = [part.number("rope_theta")] if part.values.get("rope_theta") is not None else []
    for key in ("rope_scaling", "rope_parameters"):
        value = part.values.get(key)
        if value is None or value == {}:
            continue
        known = {"rope_type", "type", "rope_theta"}
        plain = isinstance(value, dict) and all(name in known or it is None for name, it in value.items())
        if not plain or {value.get("rope_type"), value.get("type")} - {None, "default"}:
            raise ExportError(f"{part.name}: {key} = {value!r} is not supported, only none")
        if value.get("rope_theta") is not None:
            thetas.append(_Part(f"{part.name}: {key}", value).number("rope_theta"))
    if len(set(thetas)) > 1 or 0 in thetas:
        raise ExportError(f"{part.name}: rope_theta = {' and '.join(map(str, thetas))} is not supported")
    return thetas[0] if thetas else 10000.0


def _decoder(part: _Part) -> DecoderShape:
    part.expect("model_type", "llama", default="llama")
    part.expect("hidden_act", "silu", default="silu")
    part.expect("attention_bias", False, None)
    part.expect("mlp_bias", False, None)
    part.expect("partial_rotary_factor", 1, None)
    for key in ("logits_scaling", "residual_multiplier", "embedding_multiplier", "attention_multiplier"):
        part.expect(key, 1, None)
    if part.values.get("use_sliding_window") is not False:
        part.expect("sliding_window", None)
    hidden = part.integer("hidden_size")
    heads = part.integer("num_attention_heads")
    head_dim = part.integer("head_dim", hidden // heads) if part.values.get("head_dim") is not None else hidden // heads
    if head_dim == 0 or head_dim % 16:
        raise ExportError(f"{part.name}: head_dim = {head_dim} is not supported, only multiples of 16")
    kv_heads = part.integer("num_key_value_heads") if part.values.get("num_key_value_heads") is not None else heads
    if heads % kv_heads:
        raise ExportError(f"{part.name}: {heads} heads cannot share {kv_heads} key-value heads")
    tied = part.values.get("tie_word_embeddings")
    if not (tied is None or isinstance(tied, bool)):
        raise ExportError(f"{part.name}: tie_word_embeddings = {tied!r} is not supported, only True or False")
    vocab = part.integer("vocab_size")
    context = part.integer("max_position_embeddings")
    if context > _MOST_POSITIONS:
        raise ExportError(
            f"{part.name}: max_position_embeddings = {context} is not supported, only up to {_MOST_POSITIONS}"
        )
    pad = part.values.get("pad_token_id")
    return DecoderShape(
        hidden=hidden,
        intermediate=part.integer("intermediate_size"),
        layers=part.integer("num_hidden_layers"),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocab=vocab,
        context=context,
        eps=part.number("rms_norm_eps", 1e-6),
        rope_theta=_rope_theta(part),
        tied=tied is True,
        bos=part.token("bos_token_id", part.values.get("bos_token_id", 1), vocab),
        eos=_ends(part, part.values.get("eos_token_id", 2), vocab),
        pad=-1 if pad in (None, -1) else part.token("pad_token_id", pad, vocab),
    )


def _ends(part: _Part, eos: Any, vocab: int) -> tuple[int, ...]:
    ends = eos if isinstance(eos, list) else [eos]
    if not ends:
        raise ExportError(f"{part.name}: eos_token_id = {eos!r} is not supported, only a number or a list of them")
    return tuple(part.token("eos_token_id", it, vocab) for it in ends)


def _generation(shape: DecoderShape, folder: Path) -> DecoderShape:
    """The shape with the end tokens of ``generation_config.json``, which count wherever it names some."""
    file = folder / "llm" / "generation_config.json"
    if not file.exists():
        return shape
    part = _Part("llm/generation_config.json", read_json(file))
    part.expect("bos_token_id", shape.bos, None)
    if shape.pad >= 0:
        part.expect("pad_token_id", shape.pad, None)
    eos = part.values.get("eos_token_id")
    return shape if eos is None else replace(shape, eos=_ends(part, eos, shape.vocab))


def _tokenizer(folder: Path) -> None:
    file = folder / "llm" / "tokenizer_config.json"
    if file.exists():
        part = _Part("llm/tokenizer_config.json", read_json(file))
        part.expect("add_bos_token", True, None)
        part.expect("add_eos_token", False, None)
        part.expect("add_prefix_space", True, None)
