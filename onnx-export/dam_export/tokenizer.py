"""Turns a SentencePiece BPE model into a Hugging Face tokenizer.json without special tokens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

from dam_export import ExportError
from dam_export.config import DecoderShape, read_json, unreadable
from dam_export.probes import MARK, probes

_BPE = 2
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
_BRACKETED = re.compile(r"<.*>|\[.*\]", re.DOTALL)


def convert_tokenizer(model: Path, decoder: DecoderShape) -> dict[str, Any]:
    """The tokenizer.json of a SentencePiece model.

    Encoding a text gives the ids of SentencePiece with its dummy space in front; a text that spells a control token
    such as ``</s>`` stays text, since no added token is declared and no merge leads to one.

    Parameters
    ----------
    model
        ``tokenizer.model``.
    decoder
        Its vocabulary must cover every piece, and its special tokens must be the pieces that are control tokens.

    Raises
    ------
    ExportError
        If the model is of a kind that would encode differently.
    """
    if not model.exists():
        raise ExportError(f"{model} is missing")
    proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    try:
        proto.ParseFromString(model.read_bytes())
    except Exception as e:
        raise unreadable(model, f"not a SentencePiece model, {e}") from None
    trainer, normaliser = proto.trainer_spec, proto.normalizer_spec
    for name, value, wanted in (
        ("model_type", trainer.model_type, _BPE),
        ("byte_fallback", trainer.byte_fallback, True),
        ("normalizer", normaliser.name, "identity"),
        ("add_dummy_prefix", normaliser.add_dummy_prefix, True),
        ("remove_extra_whitespaces", normaliser.remove_extra_whitespaces, False),
        ("treat_whitespace_as_suffix", trainer.treat_whitespace_as_suffix, False),
    ):
        if value != wanted:
            raise ExportError(f"tokenizer.model: {name} = {value!r} is not supported, only {wanted!r}")
    if len(proto.pieces) > decoder.vocab:
        raise ExportError(
            f"tokenizer.model has {len(proto.pieces)} pieces, llm/config.json vocab_size = {decoder.vocab}"
        )
    for name, value, known in (
        ("bos", trainer.bos_id, (decoder.bos,)),
        ("eos", trainer.eos_id, decoder.eos),
    ):
        if value >= 0 and value not in known:
            raise ExportError(
                f"tokenizer.model: {name}_id = {value}, but the configs in llm/ have {name}_token_id {known}"
            )
    special = {decoder.bos, *decoder.eos, decoder.pad}
    others = [it.piece for i, it in enumerate(proto.pieces) if it.type == _CONTROL and i not in special]
    if others:
        raise ExportError(f"tokenizer.model: control pieces that llm/config.json does not name: {others[:5]}")
    if len({it.piece for it in proto.pieces}) < len(proto.pieces):
        raise ExportError("tokenizer.model: a piece stands there twice")
    bytes_ = {it.piece for it in proto.pieces if it.type == _BYTE}
    if bytes_ != {f"<0x{i:02X}>" for i in range(256)}:
        raise ExportError("tokenizer.model: its byte pieces are not the 256 from <0x00> to <0xFF>")
    for kind, name in ((_USER_DEFINED, "user-defined"), (_UNUSED, "unused")):
        pieces = [it.piece for it in proto.pieces if it.type == kind]
        if pieces:
            raise ExportError(f"tokenizer.model: {name} pieces are not supported: {pieces[:5]}")
    ids = {it.piece: i for i, it in enumerate(proto.pieces)}
    _check_added(model.parent, ids)
    unknown = next((it.piece for it in proto.pieces if it.type == _UNKNOWN), None)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": MARK},
                {"type": "Replace", "pattern": {"String": " "}, "content": MARK},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": MARK}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": unknown,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": ids,
            "merges": _merges(_scores(proto), ids),
        },
    }


def _check_added(folder: Path, ids: dict[str, int]) -> None:
    """Refuses tokens beside the model's that ordinary text may become, since tokenizer.json declares none.

    ``added_tokens.json`` does not say which are special: those are taken to be that are written in brackets.
    """

    def check(where: str, text: Any, number: Any, special: bool) -> None:
        if not special and ids.get(text) != number:
            raise ExportError(f"{where}: {text!r} = {number!r} is not supported, only special tokens and known pieces")

    file = folder / "added_tokens.json"
    for text, number in (read_json(file) if file.exists() else {}).items():
        check("llm/added_tokens.json", text, number, _BRACKETED.fullmatch(text) is not None)
    file = folder / "tokenizer_config.json"
    where = "llm/tokenizer_config.json: added_tokens_decoder"
    added = read_json(file).get("added_tokens_decoder") if file.exists() else None
    if not (added is None or isinstance(added, dict)):
        raise ExportError(f"{where} = {added!r} is not supported, only tokens by their ids")
    for number, token in (added or {}).items():
        if not (number.isdecimal() and isinstance(token, dict) and isinstance(token.get("content"), str)):
            raise ExportError(f"{where}: {number} = {token!r} is not supported, only a token by its id")
        check(where, token["content"], int(number), token.get("special") is True)


def _merges(scores: dict[str, float], ids: dict[str, int]) -> list[list[str]]:
    """Every way to make a piece of two, best score first.

    Of merges that share a score SentencePiece applies the leftmost in the text, which extends what it has begun: a run
    of spaces becomes one long piece and a rest. Ranking the longest result and then the longest left part first
    gives the same ids for runs of one character; :func:`verify_tokenizer` checks the others.
    """
    ranked = []
    for piece, score in scores.items():
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if left in scores and right in scores:
                ranked.append((-score, -len(piece), -cut, ids[left], ids[right], left, right))
    ranked.sort()
    return [[left, right] for *_, left, right in ranked]


def _scores(proto: Any) -> dict[str, float]:
    """The pieces that text can become, with their scores."""
    return {it.piece: it.score for it in proto.pieces if it.type == _NORMAL}


def write_tokenizer(model: Path, decoder: DecoderShape, file: Path) -> None:
    """Writes tokenizer.json and checks that it gives SentencePiece's ids."""
    converted = convert_tokenizer(model, decoder)
    file.write_text(json.dumps(converted, ensure_ascii=False), encoding="utf-8")
    verify_tokenizer(model, file)


PROOF = (
    "Describe the masked region in detail.",
    "  two  spaces, 12345 digits\n\nand lines\t",
    "naïve café – 世界 🙂👩‍🚀 \u0000\u0007 </s> <s> <unk> <image> ▁",
    "\n",
    " ",
)


def verify_tokenizer(model: Path, file: Path) -> None:
    """Compares the ids of both tokenizers on a few ordinary texts and on all that exercise pieces of one score.

    Raises
    ------
    ExportError
        Naming the shortest text whose ids differ from SentencePiece's.
    """
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes())  # type: ignore[attr-defined]
    processor = sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())
    tokenizer = Tokenizer.from_file(str(file))
    # Every text is encoded once, and the library never frees what its cache holds.
    tokenizer.model._resize_cache(0)
    texts = [*PROOF, *probes(_scores(proto))]
    expected = processor.encode(texts)
    actual = [it.ids for it in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    different = [it for it in zip(texts, expected, actual, strict=True) if it[1] != it[2]]
    if different:
        text, wanted, got = min(different, key=lambda it: len(it[0]))
        raise ExportError(
            f"tokenizer.model cannot be converted exactly: it gives {wanted} for {text!r}, tokenizer.json gives {got}"
        )
