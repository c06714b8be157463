"""Converts a SentencePiece BPE model to a Hugging Face tokenizer.json and checks that both give the same ids.

Knows the files of a tokenizer's folder, not the model that uses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

from onnx_export import ExportError
from onnx_export.core.config import read_json, unreadable
from onnx_export.core.probes import MARK, probes, separator

KIND = "sentencepiece"

_BPE = 2
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED = 1, 2, 3, 4, 5
_BATCH = 32
_BRACKETED = re.compile(r"<.*>|\[.*\]", re.DOTALL)
_TEXTS = (
    "Describe the masked region in detail.",
    "  two  spaces, 12345 digits\n\nand lines\t",
    "naïve café – 世界 🙂👩‍🚀 \u0000\u0007 </s> <s> <unk> <image> ▁",
    "ﬁ Ａ ① e\u0301 \u00a0\u2003\u200b\ufeff",
    "\n",
    " ",
)


class SentencePieceModel:
    """``tokenizer.model`` and the tokens that other files add. Immutable.

    Raises
    ------
    ExportError
        If the file is not a SentencePiece model, or of a kind that tokenizer.json would encode differently.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            instead = file.with_name("tokenizer.json").exists()
            raise ExportError(f"{file} is missing" + (", tokenizer.json is not read in its place" if instead else ""))
        self._proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
        try:
            self._proto.ParseFromString(file.read_bytes())
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=self._proto.SerializeToString())
        except Exception as e:
            raise unreadable(file, f"it is not a SentencePiece model ({str(e).splitlines()[0]})") from None
        self._ids = {it.piece: i for i, it in enumerate(self._proto.pieces)}
        self._added = dict(_added_tokens(file.parent))
        self._expect_supported()

    @staticmethod
    def read(folder: Path) -> SentencePieceModel:
        """Reads the model in a folder."""
        return SentencePieceModel(folder / "tokenizer.model")

    @property
    def size(self) -> int:
        """Number of pieces."""
        return len(self._ids)

    @property
    def size_with_added(self) -> int:
        """The highest id plus one, added tokens included."""
        return max([self.size, *(it + 1 for it in self._added.values())])

    @property
    def bos(self) -> int:
        """Id of the token that begins a text; -1 if there is none."""
        return int(self._processor.bos_id())

    @property
    def eos(self) -> int:
        """Id of the token that ends a text; -1 if there is none."""
        return int(self._processor.eos_id())

    def _expect_supported(self) -> None:
        trainer, normaliser = self._proto.trainer_spec, self._proto.normalizer_spec
        for name, value, wanted in (
            ("model_type", trainer.model_type, _BPE),
            ("add_dummy_prefix", normaliser.add_dummy_prefix, True),
            ("remove_extra_whitespaces", normaliser.remove_extra_whitespaces, False),
            ("treat_whitespace_as_suffix", trainer.treat_whitespace_as_suffix, False),
        ):
            if value != wanted:
                raise ExportError(f"tokenizer.model: {name} = {value!r} is not supported, only {wanted!r}")
        if normaliser.precompiled_charsmap:
            raise ExportError(f"tokenizer.model: normalizer = {normaliser.name!r} is not supported, only 'identity'")
        # They are cut out of the text before merging.
        whole = [it.piece for it in self._proto.pieces if it.type == _USER_DEFINED]
        if whole:
            raise ExportError(f"tokenizer.model: user-defined pieces are not supported: {whole[:5]}")

    def _scores(self, *kinds: int) -> dict[str, float]:
        return {it.piece: it.score for it in self._proto.pieces if it.type in kinds}

    def convert(self) -> dict[str, Any]:
        """The tokenizer.json.

        Encoding a text gives SentencePiece's ids, dummy space included. Control pieces such as ``</s>`` are not in
        the vocabulary: a text that spells one stays text, and they have no text of their own.
        """
        unknown = next((it.piece for it in self._proto.pieces if it.type == _UNKNOWN), None)
        control = {it.piece for it in self._proto.pieces if it.type == _CONTROL}
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
                "byte_fallback": bool(self._proto.trainer_spec.byte_fallback),
                "ignore_merges": False,
                "vocab": {piece: i for piece, i in self._ids.items() if piece not in control},
                "merges": _merges(self._scores(_NORMAL), self._ids),
            },
        }

    def write(self, file: Path) -> None:
        """Writes tokenizer.json.

        Raises
        ------
        ExportError
            Naming the shortest text whose ids differ from SentencePiece's, among ordinary texts and probes for
            pieces of equal score.
        """
        file.write_text(json.dumps(self.convert(), ensure_ascii=False), encoding="utf-8")
        tokenizer = Tokenizer.from_file(str(file))
        # Every text is encoded once, and the library never frees its cache.
        tokenizer.model._resize_cache(0)
        # SentencePiece merges through unused pieces, too, and splits them again at the end.
        scores = self._scores(_NORMAL, _UNUSED)
        texts, end = [*_TEXTS, *probes(scores)], separator(scores)
        different = self._different(tokenizer, texts)
        for joined, *_ in self._different(tokenizer, [end.join(["", *it, ""]) for it in _batches(texts)]):
            different += self._different(tokenizer, [end + it + end for it in joined.split(end)])
        if different:
            text, wanted, got = min(different, key=lambda it: len(it[0]))
            raise ExportError(
                f"tokenizer.model cannot be converted exactly: it gives {wanted} for {text!r}, "
                f"tokenizer.json gives {got}"
            )

    def _different(self, tokenizer: Tokenizer, texts: list[str]) -> list[tuple[str, list[int], list[int]]]:
        """The texts whose ids differ, with the ids of both."""
        expected = self._processor.encode(texts)
        actual = [it.ids for it in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        return [it for it in zip(texts, expected, actual, strict=True) if it[1] != it[2]]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH))


def _added_tokens(folder: Path) -> Iterator[tuple[str, int]]:
    """Tokens beside the model's, from ``added_tokens.json`` and ``tokenizer_config.json``.

    Special ones never occur in text. Any other would split texts wherever it occurs, which tokenizer.json does not
    do. ``added_tokens.json`` does not say which are special: those written in brackets are.
    """
    file = folder / "added_tokens.json"
    for text, number in (read_json(file) if file.exists() else {}).items():
        yield _special("llm/added_tokens.json", text, number, _BRACKETED.fullmatch(text) is not None)
    file = folder / "tokenizer_config.json"
    where = "llm/tokenizer_config.json: added_tokens_decoder"
    added = (read_json(file).get("added_tokens_decoder") if file.exists() else None) or {}
    if not isinstance(added, dict):
        raise ExportError(f"{where} = {added!r} is not supported, only tokens by their ids")
    for number, token in added.items():
        if not (number.isdecimal() and isinstance(token, dict) and isinstance(token.get("content"), str)):
            raise ExportError(f"{where}: {number} = {token!r} is not supported, only tokens by their ids")
        yield _special(where, token["content"], int(number), token.get("special") is True)


def _special(where: str, text: str, number: object, special: bool) -> tuple[str, int]:
    if not isinstance(number, int):
        raise ExportError(f"{where}: {text!r} = {number!r} is not supported, only integers")
    if not special:
        raise ExportError(f"{where}: {text!r} = {number} is not supported, only special tokens")
    return text, number


def _merges(scores: dict[str, float], ids: dict[str, int]) -> list[list[str]]:
    """Every pair of pieces that merges into a piece, best score first.

    Among merges of equal score SentencePiece applies the leftmost, which extends the piece it has begun: a run
    of spaces becomes one long piece and a remainder. Ranking by longest result and then by longest left part
    gives the same ids for runs of one character; :meth:`SentencePieceModel.write` checks the others.
    """
    ranked = []
    for piece, score in scores.items():
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if left in scores and right in scores:
                ranked.append((-score, -len(piece), -cut, ids[left], ids[right], left, right))
    ranked.sort()
    return [[left, right] for *_, left, right in ranked]
