"""The tokenizer keeps Llama's conventions, and the prompt is split as in the published code."""

import random
from pathlib import Path

import pytest
import sentencepiece

from dam_mini import answers, language, prompt, tokenizer


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> sentencepiece.SentencePieceProcessor:
    file: Path = tmp_path_factory.mktemp("text") / "tokenizer.model"
    tokenizer.train(file)
    return sentencepiece.SentencePieceProcessor(model_file=str(file))


def test_special_ids_are_llamas(text: sentencepiece.SentencePieceProcessor) -> None:
    assert (text.unk_id(), text.bos_id(), text.eos_id(), text.pad_id()) == (0, 1, 2, -1)
    assert text.id_to_piece(13) == "<0x0A>"


def test_any_text_survives(text: sentencepiece.SentencePieceProcessor) -> None:
    for line in ("A large red apple.", "naïve 猫 🙂", "two\nlines  and   spaces", "12345"):
        assert text.decode(text.encode(line)) == line


def test_digits_are_split(text: sentencepiece.SentencePieceProcessor) -> None:
    assert len(text.encode("2048")) >= 4


def test_the_prompt_is_cut_at_the_pictures(text: sentencepiece.SentencePieceProcessor) -> None:
    ids = prompt.encode(text, language.DEFAULT_IMAGE)
    assert ids[0] == 1 and ids.count(prompt.IMAGE) == 1 and 1 not in ids[1:]
    space = text.piece_to_id("▁")
    at = ids.index(prompt.IMAGE)
    assert ids[at - 1] == space and ids[at + 1 : at + 3] == [space, 13]
    video = prompt.encode(text, language.DEFAULT_VIDEO, 8)
    first = video.index(prompt.IMAGE)
    assert video[first : first + 8] == [prompt.IMAGE] * 8


def test_the_generators_words_are_short(text: sentencepiece.SentencePieceProcessor) -> None:
    rng = random.Random(1)
    f = tokenizer.imagined(rng)
    assert len(text.encode(answers.detail(f, rng))) < 50
