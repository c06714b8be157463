"""tokenizer.json against SentencePiece itself."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from random_checkpoint import train_tokenizer
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

from dam_export import ExportError
from dam_export.config import DecoderShape
from dam_export.tokenizer import convert_tokenizer, write_tokenizer

TEXTS = (
    "Describe the masked region in detail.",
    " leading",
    "trailing ",
    "  two  spaces   three    four",
    "\n",
    "\nDescribe",
    "a\nb\r\nc\td",
    "1234567890 3.14159",
    "naïve café œuvre Straße",
    "世界你好 こんにちは 안녕하세요",
    "🙂👩‍🚀🏳️‍🌈",
    "\x00\x01\x1f\x7f\u200b\ufeff",
    "▁literal▁mark",
    "</s> <s> <unk> <pad> <image> <0x41>",
    "a" * 500,
    "e\u0301 \u0130 \ud7a3",
)


def _random_texts(count: int) -> list[str]:
    generator = random.Random(11)
    ranges = [(32, 126), (32, 126), (160, 591), (0x400, 0x4FF), (0x4E00, 0x9FFF), (0x1F300, 0x1F6FF), (0, 31)]
    texts = []
    for _ in range(count):
        low, high = generator.choice(ranges)
        texts.append("".join(chr(generator.randint(low, high)) for _ in range(generator.randint(1, 60))))
        words = generator.choices(["the", "red", " ", "hat", "\n", "masked", "12", "assistant", "'s"], k=20)
        texts.append(generator.choice(["", " "]).join(words))
    return texts


def shape(vocab: int) -> DecoderShape:
    """A decoder of so many tokens, 1 and 2 of which begin and end a text."""
    return DecoderShape(64, 128, 1, 4, 4, 16, vocab, 512, 1e-6, 1e4, False, bos=1, eos=(2,), pad=-1)


@pytest.fixture(scope="module", params=["golden", "trained"])
def model(request: pytest.FixtureRequest, golden_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "golden":
        return golden_checkpoint / "llm" / "tokenizer.model"
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    train_tokenizer(file, 380)
    return file


def test_ids_are_sentencepieces(model: Path, tmp_path: Path) -> None:
    write_tokenizer(model, shape(32000), tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    original = sentencepiece.SentencePieceProcessor(model_file=str(model))
    for text in (*TEXTS, *_random_texts(1000)):
        assert converted.encode(text, add_special_tokens=False).ids == original.encode(text), repr(text)


def test_text_that_spells_a_special_token_never_becomes_it(model: Path, tmp_path: Path) -> None:
    write_tokenizer(model, shape(32000), tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in ("</s>", "<s>", "<unk>", "a</s>b", "<s></s>"):
        assert not {0, 1, 2} & set(converted.encode(text, add_special_tokens=False).ids)


def test_more_pieces_than_embeddings_are_refused(model: Path) -> None:
    with pytest.raises(ExportError, match="vocab_size"):
        convert_tokenizer(model, shape(100))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(b"no model" * 100)
    with pytest.raises(ExportError, match=r"tokenizer\.model"):
        convert_tokenizer(tmp_path / "tokenizer.model", shape(100))


@pytest.mark.parametrize(("kind", "name"), [(4, "user-defined"), (5, "unused")])
def test_pieces_that_would_give_other_ids_are_refused(model: Path, tmp_path: Path, kind: int, name: str) -> None:
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes())
    proto.pieces[300].type = kind
    (tmp_path / "tokenizer.model").write_bytes(proto.SerializeToString())
    with pytest.raises(ExportError, match=f"{name} pieces are not supported"):
        convert_tokenizer(tmp_path / "tokenizer.model", shape(32000))


def _changed(model: Path, file: Path, change: Callable[[Any], None]) -> Path:
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes())
    change(proto)
    file.write_bytes(proto.SerializeToString())
    return file


def test_special_pieces_must_be_those_of_the_config(model: Path, tmp_path: Path) -> None:
    def control(proto: Any) -> None:
        proto.pieces[300].type = 3

    def other_bos(proto: Any) -> None:
        proto.trainer_spec.bos_id = 5

    def twice(proto: Any) -> None:
        proto.pieces[300].piece = proto.pieces[301].piece

    def no_byte(proto: Any) -> None:
        next(it for it in proto.pieces if it.type == 6).piece = "<0xQQ>"

    for change, words in ((control, "control pieces"), (other_bos, "bos_id"), (twice, "twice"), (no_byte, "byte")):
        file = _changed(model, tmp_path / "tokenizer.model", change)
        with pytest.raises(ExportError, match=words):
            convert_tokenizer(file, shape(32000))


def _with_added(model: Path, folder: Path, name: str, value: object) -> Path:
    (folder / name).write_text(json.dumps(value), "utf-8")
    return _changed(model, folder / "tokenizer.model", lambda proto: None)


PUBLISHED = {"0": "<unk>", "1": "<s>", "2": "</s>", "32000": "[PAD]", "32001": "<pad>"}


def test_special_tokens_beside_the_pieces_are_none_of_a_texts(model: Path, tmp_path: Path) -> None:
    decoder = {number: {"content": text, "special": True} for number, text in PUBLISHED.items()}
    _with_added(model, tmp_path, "added_tokens.json", {text: int(number) for number, text in PUBLISHED.items()})
    file = _with_added(model, tmp_path, "tokenizer_config.json", {"added_tokens_decoder": decoder})
    assert convert_tokenizer(file, shape(32000)) == convert_tokenizer(model, shape(32000))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("added_tokens.json", {"hat": 32000}),
        ("added_tokens.json", {"▁": 5}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"32000": {"content": "hat", "special": False}}}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"32000": {"content": "<hat>"}}}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"x": {"content": "hat", "special": True}}}),
    ],
)
def test_added_tokens_that_text_may_become_are_refused(model: Path, tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ExportError, match=rf"llm/{name}: .*(hat|▁).* is not supported"):
        convert_tokenizer(_with_added(model, tmp_path, name, value), shape(32000))
