"""The config keys of a decoder: which are read, their defaults, and what is refused; knows no tensors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from onnx_export.core.config import Config
from onnx_export.decoder.parts import DecoderShape

_MOST_POSITIONS = 1 << 20
_SILU = ("silu", "swish")


@dataclass(frozen=True)
class Kind:
    """What a published config class implies: its defaults, and whether q, k and v have biases."""

    hidden: int
    intermediate: int
    vocab: int
    context: int
    biased: bool


LLAMA = Kind(hidden=4096, intermediate=11008, vocab=32000, context=2048, biased=False)
QWEN2 = Kind(hidden=4096, intermediate=22016, vocab=151936, context=32768, biased=True)


def decoder_shape(config: Config, kind: Kind, tokens: int, bos: int, eos: tuple[int, ...]) -> DecoderShape:
    """The dimensions of a decoder whose tokenizer has ``tokens`` entries.

    Raises
    ------
    ExportError
        Naming the key and value that is missing or not supported.
    """
    config.expect("hidden_act", *_SILU, default=_SILU[0])
    config.expect("partial_rotary_factor", 1, default=1)
    hidden, heads = config.count("hidden_size", kind.hidden), config.count("num_attention_heads", 32)
    head_dim = config.count("head_dim", hidden // heads)
    if head_dim % 16:
        raise config.refuse("head_dim", head_dim, "multiples of 16")
    kv_heads = config.count("num_key_value_heads", 32 if kind.biased else heads)
    if heads % kv_heads:
        raise config.refuse("num_key_value_heads", kv_heads, f"divisors of the {heads} heads")
    context = config.count("max_position_embeddings", kind.context)
    if context > _MOST_POSITIONS:
        raise config.refuse("max_position_embeddings", context, f"up to {_MOST_POSITIONS}")
    pad = config.get("pad_token_id")
    return DecoderShape(
        hidden=hidden,
        intermediate=config.count("intermediate_size", kind.intermediate),
        layers=config.count("num_hidden_layers", 32),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocab=config.count("vocab_size", kind.vocab),
        context=context,
        eps=config.number("rms_norm_eps", 1e-6),
        rope_theta=_rope_theta(config),
        tied=config.flag("tie_word_embeddings"),
        biased=kind.biased,
        tokens=tokens,
        bos=bos,
        eos=eos,
        pad=pad if is_token(pad, tokens) else -1,
    )


def _rope_theta(config: Config) -> float:
    """The base of the rotary embedding, of which only the plain kind is supported."""
    thetas = {config.number("rope_theta")} if config.get("rope_theta") is not None else set()
    for key in ("rope_scaling", "rope_parameters"):
        value = config.get(key)
        if value in (None, {}):
            continue
        if not isinstance(value, dict):
            raise config.refuse(key, value, "None")
        kinds = {value.get(name) for name in ("rope_type", "type")} - {None}
        plain = kinds == {"default"} or (kinds <= {"linear"} and value.get("factor", 1) == 1)
        if not plain or value.get("partial_rotary_factor") not in (None, 1):
            raise config.refuse(key, value, "kinds that scale nothing")
        if value.get("rope_theta") is not None:
            thetas.add(Config(f"{config.name}: {key}", value).number("rope_theta"))
    if len(thetas) > 1 or 0 in thetas:
        raise config.refuse("rope_theta", " and ".join(map(str, sorted(thetas))), "one positive number")
    return thetas.pop() if thetas else 10000.0


def is_token(value: object, tokens: int) -> bool:
    """Whether a value is the id of one of ``tokens`` tokens."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < tokens


def ends(config: Config, generation: Config, tokens: int, *more: int) -> tuple[int, ...]:
    """The end tokens: those of generation_config.json, else of config.json, and ``more``."""
    named = generation.get("eos_token_id", config.get("eos_token_id", 2))
    candidates: Iterable[Any] = [*(named if isinstance(named, list) else [named]), *more]
    found = tuple(dict.fromkeys(it for it in candidates if is_token(it, tokens)))
    if not found:
        raise config.refuse("eos_token_id", named, f"0 to {tokens - 1}")
    return found
