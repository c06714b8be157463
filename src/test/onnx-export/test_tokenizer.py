"""Compares tokenizer.json with SentencePiece."""

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

from onnx_export import ExportError
from onnx_export.core.sentencepiece import SentencePieceModel

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


@pytest.fixture(scope="module", params=["golden", "trained"])
def model(request: pytest.FixtureRequest, golden_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "golden":
        return golden_checkpoint / "llm" / "tokenizer.model"
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    train_tokenizer(file, 380)
    return file


def test_ids_match_sentencepiece(model: Path, tmp_path: Path) -> None:
    SentencePieceModel(model).write(tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    original = sentencepiece.SentencePieceProcessor(model_file=str(model))
    for text in (*TEXTS, *_random_texts(1000)):
        assert converted.encode(text, add_special_tokens=False).ids == original.encode(text), repr(text)


def test_text_that_spells_a_special_token_never_becomes_it(model: Path, tmp_path: Path) -> None:
    SentencePieceModel(model).write(tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in ("</s>", "<s>", "<unk>", "a</s>b", "<s></s>"):
        assert not {0, 1, 2} & set(converted.encode(text, add_special_tokens=False).ids)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"tokenizer\.model is missing$"):
        SentencePieceModel(tmp_path / "tokenizer.model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ExportError, match=r"tokenizer\.model is missing, tokenizer\.json is not read in its place"):
        SentencePieceModel(tmp_path / "tokenizer.model")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(b"no model" * 100)
    with pytest.raises(ExportError, match=r"tokenizer\.model"):
        SentencePieceModel(tmp_path / "tokenizer.model")


def _changed(model: Path, file: Path, change: Callable[[Any], None]) -> Path:
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes())
    change(proto)
    file.write_bytes(proto.SerializeToString())
    return file


def _set(path: str, value: object) -> Callable[[Any], None]:
    """Sets "normalizer_spec.name" and the like."""
    spec, name = path.split(".")
    return lambda proto: setattr(getattr(proto, spec), name, value)


def _kind(kind: int, piece: int = 300) -> Callable[[Any], None]:
    return lambda proto: setattr(proto.pieces[piece], "type", kind)


@pytest.mark.parametrize(
    ("change", "words", "text"),
    [
        (_kind(4), "user-defined pieces", None),
        (_set("normalizer_spec.add_dummy_prefix", False), "add_dummy_prefix = False", "a"),
        (_set("normalizer_spec.remove_extra_whitespaces", True), "remove_extra_whitespaces = True", "a  b"),
        (_set("trainer_spec.treat_whitespace_as_suffix", True), "treat_whitespace_as_suffix = True", "a"),
        (_set("trainer_spec.model_type", 1), "model_type = 1", "Describe the masked region"),
    ],
)
def test_models_that_encode_differently_are_refused(
    model: Path,
    tmp_path: Path,
    change: Callable[[Any], None],
    words: str,
    text: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each would change the ids of the text, which by default is the changed piece."""
    file = _changed(model, tmp_path / "tokenizer.model", change)
    with pytest.raises(ExportError, match=words):
        SentencePieceModel(file)
    monkeypatch.setattr(SentencePieceModel, "_expect_supported", lambda self: None)
    converted = Tokenizer.from_str(json.dumps(SentencePieceModel(file).convert()))
    original = sentencepiece.SentencePieceProcessor(model_file=str(file))
    piece = original.id_to_piece(300).replace("▁", " ").lstrip()
    texts = [text] if text else [f"{a}{piece}{b}" for a in ("", "e", "t ") for b in ("", "e", " t")]
    assert any(converted.encode(it, add_special_tokens=False).ids != original.encode(it) for it in texts)


def test_unused_pieces_are_exact_or_refused(model: Path, tmp_path: Path) -> None:
    """SentencePiece merges through them and splits them again, which matters if a longer piece is built on one."""
    original = sentencepiece.SentencePieceProcessor(model_file=str(model))
    for number in range(262, 300, 4):
        file = _changed(model, tmp_path / "tokenizer.model", _kind(5, number))
        changed = sentencepiece.SentencePieceProcessor(model_file=str(file))
        texts = [original.id_to_piece(it).replace("▁", " ") for it in range(259, original.get_piece_size())]
        texts += _random_texts(100)
        try:
            SentencePieceModel(file).write(tmp_path / "tokenizer.json")
        except ExportError as e:
            assert "cannot be converted exactly" in str(e)
            continue
        converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
        for text in texts:
            assert converted.encode(text, add_special_tokens=False).ids == changed.encode(text), (number, text)


def test_a_model_without_byte_pieces_is_exact(tmp_path: Path) -> None:
    train_tokenizer(tmp_path / "tokenizer.model", 120, byte_fallback=False)
    SentencePieceModel(tmp_path / "tokenizer.model").write(tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    original = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    for text in (*TEXTS, *_random_texts(100)):
        assert converted.encode(text, add_special_tokens=False).ids == original.encode(text), repr(text)


def test_a_normaliser_that_changes_characters_is_refused(tmp_path: Path) -> None:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a red hat and a blue cup"] * 3), model_prefix=str(tmp_path / "tokenizer"),
        model_type="bpe", vocab_size=300, byte_fallback=True, remove_extra_whitespaces=False, minloglevel=2,
        normalization_rule_name="nmt_nfkc", hard_vocab_limit=False,
    )  # fmt: skip
    with pytest.raises(ExportError, match="normalizer = 'nmt_nfkc'"):
        SentencePieceModel(tmp_path / "tokenizer.model")


@pytest.mark.parametrize("name", ["twice", "no_byte"])
def test_a_model_that_sentencepiece_cannot_load_is_refused(model: Path, tmp_path: Path, name: str) -> None:
    def change(proto: Any) -> None:
        if name == "twice":
            proto.pieces[300].piece = proto.pieces[301].piece
        else:
            next(it for it in proto.pieces if it.type == 6).piece = "<0xQQ>"

    with pytest.raises(ExportError, match=r"tokenizer\.model cannot be read"):
        SentencePieceModel(_changed(model, tmp_path / "tokenizer.model", change))


def test_begin_and_end_tokens_match_sentencepiece(model: Path, tmp_path: Path) -> None:
    """Not the ids in the training options, which become stale when pieces are changed by hand."""
    file = _changed(model, tmp_path / "tokenizer.model", _set("trainer_spec.bos_id", 5))
    read = SentencePieceModel(file)
    assert (read.bos, read.eos) == (1, 2)


def test_control_pieces_have_no_text(model: Path, tmp_path: Path) -> None:
    def change(proto: Any) -> None:
        proto.pieces.add(piece="<pad>", score=0, type=3)

    read = SentencePieceModel(_changed(model, tmp_path / "tokenizer.model", change))
    read.write(tmp_path / "tokenizer.json")
    converted = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert read.size - 1 not in converted.encode("<pad>", add_special_tokens=False).ids
    assert converted.decode([1, read.size - 1, 2]) == ""


def _with_added(model: Path, folder: Path, name: str, value: object) -> Path:
    (folder / name).write_text(json.dumps(value), "utf-8")
    return _changed(model, folder / "tokenizer.model", lambda proto: None)


PUBLISHED = {"0": "<unk>", "1": "<s>", "2": "</s>", "32000": "[PAD]", "32001": "<pad>"}


def test_added_special_tokens_do_not_occur_in_text(model: Path, tmp_path: Path) -> None:
    decoder = {number: {"content": text, "special": True} for number, text in PUBLISHED.items()}
    _with_added(model, tmp_path, "added_tokens.json", {text: int(number) for number, text in PUBLISHED.items()})
    file = _with_added(model, tmp_path, "tokenizer_config.json", {"added_tokens_decoder": decoder})
    assert SentencePieceModel(file).convert() == SentencePieceModel(model).convert()
    assert SentencePieceModel(file).size_with_added == 32002


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
def test_added_tokens_that_may_occur_in_text_are_refused(model: Path, tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ExportError, match=rf"llm/{name}: .*(hat|▁).* is not supported"):
        SentencePieceModel(_with_added(model, tmp_path, name, value))
