"""Pieces of equal score: the exported tokenizer gives SentencePiece's ids, or the export is refused."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from conftest import GOLDEN
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

from onnx_export import ExportError
from onnx_export.core.sentencepiece import SentencePieceModel

TIED = ("tokenizer-llama-like", "tokenizer-ambiguous")


def _different(model: Path, converted: Path, texts: Iterable[str]) -> list[str]:
    """The texts whose ids differ from SentencePiece's."""
    all_ = list(texts)
    expected = sentencepiece.SentencePieceProcessor(model_file=str(model)).encode(all_)
    tokenizer = Tokenizer.from_file(str(converted))
    tokenizer.model._resize_cache(0)
    actual = tokenizer.encode_batch_fast(all_, add_special_tokens=False)
    return [text for text, ids, it in zip(all_, expected, actual, strict=True) if ids != it.ids]


def _vocabulary(file: Path, scores: dict[str, float]) -> Path:
    """A model of the three special pieces, the bytes, and the given pieces."""
    model = (GOLDEN / TIED[1] / "tokenizer.model").read_bytes()
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)  # type: ignore[attr-defined]
    del proto.pieces[3 + 256 :]
    for piece, score in scores.items():
        proto.pieces.add(piece=piece, score=score, type=1)
    file.write_bytes(proto.SerializeToString())
    return file


@pytest.mark.parametrize("name", TIED)
def test_runs_of_spaces_that_share_a_score_are_exact(tmp_path: Path, name: str) -> None:
    model, cases = GOLDEN / name / "tokenizer.model", json.loads((GOLDEN / name / "cases.json").read_text("utf-8"))
    SentencePieceModel(model).write(tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert len(cases) == 478
    for case in cases:
        assert converted.encode(case["text"], add_special_tokens=False).ids == case["ids"], repr(case["text"])


def test_cyclic_merges_are_refused(tmp_path: Path) -> None:
    """SentencePiece merges the leftmost of ab, bc and ca; ranking them would need a cycle."""
    letters = dict.fromkeys("▁abc", -9.0)
    model = _vocabulary(tmp_path / "tokenizer.model", letters | {"ab": -1, "bc": -1, "ca": -1})
    with pytest.raises(
        ExportError, match=r"tokenizer\.model cannot be converted exactly: it gives \[.*\] for '[abc ]+'"
    ):
        SentencePieceModel(model).write(tmp_path / "tokenizer.json")
    model = _vocabulary(tmp_path / "tokenizer.model", letters | {"ab": -1, "ca": -2, "bc": -3})
    SentencePieceModel(model).write(tmp_path / "tokenizer.json")


def test_many_words_added_with_one_score_are_refused(tmp_path: Path) -> None:
    """Like vocabularies extended by hand: thousands of words with score 0 that overlap in text."""
    letters = [chr(0x4E00 + i) for i in range(60)]
    words = {"".join(it): 0.0 for it in product(letters, repeat=2)}
    model = _vocabulary(tmp_path / "tokenizer.model", dict.fromkeys(["▁", *letters], -9.0) | words)
    with pytest.raises(ExportError, match="cannot be converted exactly"):
        SentencePieceModel(model).write(tmp_path / "tokenizer.json")


def _random_scores(draw: random.Random) -> dict[str, float]:
    """A few pieces over a small alphabet, built from each other, many with equal scores."""
    alphabet = "▁abc"[: draw.randint(2, 4)]
    pieces = set(alphabet)
    for _ in range(draw.randint(2, 14)):
        piece = draw.choice(sorted(pieces)) + draw.choice(sorted(pieces))
        if len(piece) <= 6:
            pieces.add(piece)
    tied, scores = draw.random(), draw.randint(1, 4)
    order = draw.sample(sorted(pieces), len(pieces))
    return {it: -float(draw.randint(1, scores)) if draw.random() < tied else -10.0 - i for i, it in enumerate(order)}


def test_accepted_models_are_exact_on_every_short_text(tmp_path: Path) -> None:
    outcomes = {"taken": 0, "refused": 0}
    for seed in range(60):
        scores = _random_scores(random.Random(seed))
        model = _vocabulary(tmp_path / "tokenizer.model", scores)
        texts = ["".join(it) for n in range(1, 8) for it in product({it[0] for it in scores}, repeat=n)]
        converted = tmp_path / "tokenizer.json"
        try:
            SentencePieceModel(model).write(converted)
        except ExportError:
            outcomes["refused"] += 1
            continue
        outcomes["taken"] += 1
        assert not _different(model, converted, (it.replace("▁", " ") for it in texts)), scores
    assert min(outcomes.values()) > 5, outcomes


def _large(file: Path, spaces: float) -> Path:
    """32,000 pieces: syllables, words of two syllables, and runs of spaces that all have the score ``spaces``."""
    syllables = [a + b for a in "bcdfghjklmnprstvwz" for b in "aeiou"]
    words = [a + b for a, b in product(["▁", *syllables], syllables)]
    longer = [a + b for a, b in product(words[:300], syllables)]
    pieces: dict[str, Any] = dict.fromkeys("▁abcdefghijklmnoprstuvwz", -1e6)
    pieces |= {"▁" * n: spaces for n in range(2, 17)}
    for i, piece in enumerate([*syllables, *words, *longer]):
        pieces.setdefault(piece, -float(i))
    return _vocabulary(file, dict(list(pieces.items())[: 32000 - 259]))


def test_a_vocabulary_of_the_published_size_is_checked_in_seconds(tmp_path: Path) -> None:
    model = _large(tmp_path / "tokenizer.model", -1e9)
    started = time.process_time()
    SentencePieceModel(model).write(tmp_path / "tokenizer.json")
    assert time.process_time() - started < 30
    texts = [" " * n + word for n in range(40) for word in ("", "b", "bada", "bada ")]
    assert not _different(model, tmp_path / "tokenizer.json", texts)
