"""The config keys of a DAM checkpoint: which are read, their defaults, and what is refused; knows no tensors.

The defaults are those of the published classes. A value is refused only if the published code would compute something
that the graphs do not; keys that the published code never reads are ignored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onnx_export.core.config import Config
from onnx_export.core.sentencepiece import SentencePieceModel
from onnx_export.decoder.config import LLAMA, decoder_shape, ends, is_token
from onnx_export.decoder.parts import DecoderShape

PARTS = ("llm", "vision_tower", "mm_projector", "context_provider")

_GELU_TANH = ("gelu_pytorch_tanh", "gelu_new", "gelu_fast")


@dataclass(frozen=True)
class VisionShape:
    """Dimensions of the SigLIP encoder; ``used_layers`` is how many of its blocks run."""

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
        """Embeddings of a picture after 2x2 downsampling of the grid, which is padded to an even size."""
        return ((self.grid + 1) // 2) ** 2


@dataclass(frozen=True)
class ContextShape:
    """Dimensions of the context provider; ``gated`` says whether its layers have factors."""

    intermediate: int
    heads: int
    eps: float
    gated: bool


@dataclass(frozen=True)
class ModelConfig:
    """All dimensions of the graphs.

    ``top_k`` is the checkpoint's sampling default; ``notes`` are lines to print.
    """

    vision: VisionShape
    context: ContextShape
    decoder: DecoderShape
    top_k: int
    notes: tuple[str, ...]
    sha256: str


def load_config(folder: Path) -> ModelConfig:
    """Reads and checks every config of a checkpoint.

    Parameters
    ----------
    folder
        ``config.json`` and the folders of the four parts.

    Raises
    ------
    ExportError
        Naming the file, key and value that is missing or not supported.
    """
    root = Config.read(folder, "config.json")
    if not any(f"{name}_cfg" in root.values for name in PARTS):
        kinds = "Describe Anything (with llm_cfg), 'llava_qwen' (Perceive Anything) or 'sam2_video' (SAM 2.1)"
        raise root.refuse("model_type", root.get("model_type"), kinds)
    for name in PARTS:
        nested = root.get(f"{name}_cfg")
        # A string is the path that the part was saved to, possibly on another machine.
        if not (isinstance(nested, dict) or (isinstance(nested, str) and Path(nested).name == name)):
            raise root.refuse(f"{name}_cfg", nested, f"the part in {name}/")
    llm, tower, projector, context = (Config.read(folder, f"{name}/config.json") for name in PARTS)
    ratio = root.get("image_aspect_ratio")
    if ratio == "pad":
        raise root.refuse("image_aspect_ratio", ratio, "values that resize pictures without padding")
    root.expect("mm_vision_select_feature", "cls_patch", default="cls_patch")
    projector.expect("mm_projector_type", "mlp_downsample")
    vision = _vision(tower, root)
    _preprocessor(Config.read(folder, "vision_tower/preprocessor_config.json", optional=True), vision, ratio)
    generation = Config.read(folder, "llm/generation_config.json", optional=True)
    digest = hashlib.sha256()
    for file in ("config.json", *(f"{name}/config.json" for name in PARTS)):
        digest.update((folder / file).read_bytes())
    return ModelConfig(
        vision=vision,
        context=_context(context, vision),
        decoder=_decoder(llm, generation, folder),
        top_k=generation.count("top_k", 50) if generation.get("top_k") != 0 else 0,
        notes=tuple(_unused(generation)),
        sha256=digest.hexdigest(),
    )


def _vision(config: Config, root: Config) -> VisionShape:
    config.expect("hidden_act", *_GELU_TANH, default=_GELU_TANH[0])
    config.expect("num_mask_channels", 1, default=0)
    layers = config.count("num_hidden_layers", 12)
    select = root.get("mm_vision_select_layer")
    # hidden_states[select]: 0 is the embedding, so -2 leaves out the last block.
    used = 0 if isinstance(select, bool) or not isinstance(select, int) else select + (layers + 1) * (select < 0)
    if not 1 <= used <= layers:
        raise root.refuse("mm_vision_select_layer", select, f"-{layers} to -1 and 1 to {layers}")
    shape = VisionShape(
        hidden=config.count("hidden_size", 768),
        intermediate=config.count("intermediate_size", 3072),
        heads=config.count("num_attention_heads", 12),
        used_layers=used,
        image=config.count("image_size", 224),
        patch=config.count("patch_size", 16),
        eps=config.number("layer_norm_eps", 1e-6),
    )
    _expect_divisor(config, shape.heads, shape.hidden)
    return shape


def _expect_divisor(config: Config, heads: int, hidden: int) -> None:
    if hidden % heads:
        raise config.refuse("num_attention_heads", heads, f"divisors of hidden_size, which is {hidden}")


def _preprocessor(config: Config, shape: VisionShape, ratio: object) -> None:
    half = [0.5, 0.5, 0.5]
    for key in ("image_mean", "image_std"):
        config.expect(key, half, 0.5, default=half)
    config.expect("rescale_factor", 1 / 255, default=1 / 255)
    size = {"height": shape.image, "width": shape.image}
    config.expect("size", size, default=size)
    for key in ("do_rescale", "do_normalize"):
        config.expect(key, True, default=True)
    if ratio != "resize":  # otherwise pictures are resized earlier
        config.expect("do_resize", True, default=True)
        config.expect("resample", 3, default=3)


def _context(config: Config, vision: VisionShape) -> ContextShape:
    config.expect("context_provider_type", "cross_attn_end_to_all")
    config.expect("hidden_act", *_GELU_TANH, default=_GELU_TANH[0])
    for key in ("masked_cross_attn", "treat_image_as_cimage", "context_image_as_queries"):
        config.expect(key, False, default=False)
    config.expect("context_provider_layer_indices", None)
    heads = config.count("num_attention_heads", 12)
    _expect_divisor(config, heads, vision.hidden)
    return ContextShape(
        intermediate=config.count("intermediate_size", 3072),
        heads=heads,
        eps=config.number("layer_norm_eps", 1e-6),
        gated=config.flag("zero_init_output", True),
    )


def _decoder(config: Config, generation: Config, folder: Path) -> DecoderShape:
    config.expect("model_type", "llama", default="llama")
    for key in ("attention_bias", "mlp_bias"):
        config.expect(key, False, default=False)
    tokenizer = SentencePieceModel.read(folder / "llm")
    vocab = config.count("vocab_size", LLAMA.vocab)
    if tokenizer.size > vocab:
        raise config.refuse("vocab_size", vocab, f"{tokenizer.size} and more, the pieces in tokenizer.model")
    tokens = min(vocab, tokenizer.size_with_added)
    _tokenizer(Config.read(folder, "llm/tokenizer_config.json", optional=True))
    bos = tokenizer.bos if tokenizer.bos >= 0 else config.get("bos_token_id", 1)
    if not is_token(bos, tokens):
        raise config.refuse("bos_token_id", bos, f"0 to {tokens - 1}")
    eos = ends(config, generation, tokens, tokenizer.eos)
    return decoder_shape(config, LLAMA, tokens, bos, eos)


def _tokenizer(config: Config) -> None:
    config.expect("add_bos_token", True, default=True)
    config.expect("add_eos_token", False, default=False)
    config.expect("add_prefix_space", True, default=True)


def _unused(generation: Config) -> Iterable[str]:
    """A line for each key of generation_config.json that affects the published code but not this server."""
    for key, neutral in (("repetition_penalty", 1), ("no_repeat_ngram_size", 0), ("min_p", 0), ("typical_p", 1)):
        value = generation.get(key, neutral)
        if value != neutral:
            yield f"{generation.name}: {key} = {value!r} is not applied; send it with each request"
    for key in ("suppress_tokens", "bad_words_ids", "begin_suppress_tokens"):
        if generation.get(key):
            yield f"{generation.name}: {key} is not applied"
