"""The trials: true answers score full marks, and each fault costs only its own mark."""

import dataclasses
import random
from collections.abc import Iterable, Iterator

import pytest
from conftest import needs_art

from dam_mini import answers, art, judge, language, tokenizer, trials, vocabulary
from dam_mini.case import Case


class Truth:
    """Answers every question correctly."""

    def answers(self, asked: Iterable[Case]) -> Iterator[tuple[Case, str]]:
        for case in asked:
            assert case.turn is not None
            yield case, case.turn.answer


class Same:
    """Gives one answer to everything."""

    def answers(self, asked: Iterable[Case]) -> Iterator[tuple[Case, str]]:
        for case in asked:
            yield case, "A red circle."


@needs_art
def test_the_truth_is_right_in_every_wording() -> None:
    found = trials.run(Truth(), "phrasings", 120, 1)
    assert found["all"]["right and in the form"]["percent"] == 100 and not found["wrong"]
    assert found["all"]["right and in the form"]["of"] >= 120
    assert trials.run(Same(), "phrasings", 60, 1)["all"]["right and in the form"]["percent"] < 20


@needs_art
def test_preambles_are_counted_in_pairs() -> None:
    found = trials.run(Truth(), "preambles", 18, 1)
    assert found["the same answer"]["of"] == 18 and found["the same answer"]["percent"] == 100
    words = [len(c.question.split()) for c in trials.preambles(18, 1) if c.group != "alone"]
    assert all(100 <= n <= 290 for n in words)


@needs_art
def test_the_design_for_evaluation_is_counted_apart() -> None:
    found = trials.run(Truth(), "styles", 1, 1)
    assert found[art.EVALUATION_DESIGN]["right"]["percent"] == 100 and found[art.EVALUATION_DESIGN]["right"]["of"] > 40
    assert set(art.DESIGNS) < set(found) and art.EVALUATION_DESIGN not in art.DESIGNS
    assert not any("openmoji" in d for d in (*art.DESIGNS, art.EVALUATION_DESIGN))


@needs_art
def test_one_design_of_each_thing_is_seen_in_training_at_least_twice() -> None:
    assert len(vocabulary.FIRST | vocabulary.MORE) >= 100
    assert all(len(art.sprites(code)) >= 4 for code in (vocabulary.FIRST | vocabulary.MORE).values())


def turn_and_facts(fact: str, form: str = "") -> tuple[language.Turn, language.Facts]:
    rng = random.Random(3)
    f = dataclasses.replace(
        tokenizer.imagined(rng), kind="emoji", name="cat", said="cat", phrase="cat", colour="brown", size="large"
    )
    f = dataclasses.replace(
        f, background="beach", position="top", position_is_sharp=True, count=3, motion="", texture="", letter=""
    )
    answer = answers.described(f, form, rng) if fact == "describe" else answers.reply(f, fact, form)
    return language.Turn(fact, "", answer, form), f


@pytest.mark.parametrize(
    ("fact", "form", "answer", "right", "formed"),
    [
        ("colour", "", "Mainly brown.", True, True),
        ("colour", "", "It is brown.", True, True),
        ("colour", "word", "It is brown.", True, False),
        ("colour", "word", "Red.", False, True),
        ("name", "sentence", "Cat.", True, False),
        ("name", "sentence", "This is a cat.", True, True),
        ("name", "name only", "A dog.", False, True),
        ("name", "name only", "A cat.", True, True),
        ("name", "word", "A cat.", True, False),
        ("count", "", "There are 3.", True, True),
        ("count", "", "Four.", False, True),
        ("position", "word", "Top", True, True),
        ("position", "", "At the bottom of the picture.", False, True),
        ("background", "", "I don't recognise the background.", False, True),
        ("background", "sentence", "It is on a beach.", True, True),
        ("describe", "detail", "A large cat, mainly brown. It is on a beach, at the top of the picture.", True, True),
        ("describe", "detail", "A large cat, mainly brown. It is in a desert, at the top of the picture.", False, True),
        ("describe", "no colour", "A large cat. It is on a beach.", True, True),
        ("describe", "no colour", "A large brown cat. It is on a beach.", True, False),
        ("describe", "brief", "A large cat, mainly brown. It is on a beach, at the top of the picture.", True, False),
    ],
)
def test_verdicts(fact: str, form: str, answer: str, right: bool, formed: bool) -> None:
    turn, f = turn_and_facts(fact, form)
    assert judge.judge(turn, f, answer) == judge.Verdict(right, formed)


def test_yes_and_no_are_judged_with_what_is_said_besides() -> None:
    _, f = turn_and_facts("name")
    no = language.Turn("yes or no, colour", "Is it red?", "No, it is mainly brown.")
    assert judge.judge(no, f, "No.").right and judge.judge(no, f, "No, it is brown.").right
    assert not judge.judge(no, f, "No, it is blue.").right and not judge.judge(no, f, "Yes.").right


def test_a_list_needs_its_facts_in_the_order_asked_for() -> None:
    _, f = turn_and_facts("name")
    turn = language.Turn("list", "Its size, place and colour?", "Large, at the top, mainly brown.")
    for answer in ("It is large, at the top and mainly brown.", "Large, at the top and mainly brown"):
        assert judge.judge(turn, f, answer).right
    for answer in ("At the top, large, mainly brown.", "Large, at the top.", "Large, at the top, mainly brown, a cat."):
        assert not judge.judge(turn, f, answer).right


def test_a_letter_answers_a_lettered_choice() -> None:
    _, f = turn_and_facts("name")
    turn = language.Turn("choice of size", "How big is it? A) small B) large C) medium-sized", "B) large")
    assert all(judge.judge(turn, f, answer).right for answer in ("B.", "(B)", "B) large", "Large."))
    assert not any(judge.judge(turn, f, answer).right for answer in ("C.", "C) medium-sized", "Small."))
    plain = language.Turn("choice of size", "How big is it? small, large or medium-sized?", "Large.")
    assert not judge.judge(plain, f, "B.").right


def test_photographs_count_what_is_invented() -> None:
    _, f = turn_and_facts("name")
    case = Case("cat 1", language.DEFAULT_IMAGE, language.DEFAULT_IMAGE, (), (), f)
    modest = "An object I don't recognise, mainly brown. It is at the top of the picture."
    assert trials.count_photographs([(case, modest)])["ground invented"] == []
    bold = trials.count_photographs([(case, "A large dog, mainly brown. It is on a wooden table.")])
    assert bold["ground invented"] == ["cat 1"] and bold["thing named"] == ["cat 1"]
