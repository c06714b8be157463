"""Answers parse back into the facts they were made from."""

import dataclasses
import random

from dam_mini import answers, disclosure, facts, judge, language, palette, parse, thing as things, tokenizer


def test_descriptions_claim_their_facts() -> None:
    rng = random.Random(1)
    for _ in range(500):
        f = tokenizer.imagined(rng)
        text = answers.detail(f, rng, disclosure.EVERYTHING)
        assert parse.background(text) == f.background
        assert parse.size(text) == f.size
        assert parse.colour(text) == f.colour
        assert parse.position(text) == f.position or not f.position
        assert parse.motion(text) == disclosure.told_motion(f.motion)
        assert parse.letter(text) == (f.letter if disclosure.LETTERS else "")
        assert (" letter" in text) == bool(f.letter)
        if f.kind == "unknown":
            assert parse.name(text) == things.UNKNOWN_NAME and parse.is_unknown(text)
        elif f.name in parse.NAMES:
            assert parse.name(text) == f.name
        if f.kind == "shape":
            assert parse.texture(text) == f.texture


def test_short_answers_claim_their_facts() -> None:
    rng = random.Random(2)
    for _ in range(300):
        f = tokenizer.imagined(rng)
        for turn in language.turns(f, rng):
            if turn.fact == "count":
                assert parse.count(turn.answer) == f.count
            if turn.fact == "position":
                assert parse.position(turn.answer) == f.position
            if turn.fact == "neighbour" and turn.form in ("", "sentence"):
                assert parse.neighbour(turn.answer) == (f.neighbour_said, f.relation)
            if turn.fact in ("cannot know", "other language"):
                assert parse.refuses(turn.answer) and judge.sentences(turn.answer) == 1
            if turn.fact == "colour":
                assert parse.colour(turn.answer) == f.colour


def test_length_follows_the_wish() -> None:
    rng = random.Random(3)
    for _ in range(100):
        f = tokenizer.imagined(rng)
        detail, brief = answers.detail(f, rng, disclosure.EVERYTHING), answers.brief(f)
        assert len(brief.split()) < len(detail.split())


def test_a_centre_near_a_grid_line_has_no_position() -> None:
    assert (
        facts.position((100, 100), (300, 300)) == ("top left", False) or not facts.position((100, 100), (300, 300))[1]
    )
    assert facts.position((150, 150), (300, 300)) == ("centre", True)
    assert facts.position((290, 10), (300, 300)) == ("top right", True)


def test_another_models_wording_is_understood() -> None:
    text = "In the mask there is a large, bright gray cat sitting on a beach."
    assert (parse.name(text), parse.size(text), parse.background(text)) == ("cat", "large", "beach")


def test_what_is_not_disclosed_is_not_said() -> None:
    rng = random.Random(4)
    for _ in range(100):
        f = tokenizer.imagined(rng)
        text = answers.detail(f, rng, frozenset({"colour", "background"}))
        assert not parse.size(text) and " of the picture" not in text and not parse.letter(text)


def test_an_unknown_ground_is_left_out_and_said_when_asked_for() -> None:
    rng = random.Random(5)
    f = dataclasses.replace(tokenizer.imagined(rng), background="", motion="", position="top", position_is_sharp=True)
    for form in ("", "sentence", "brief", "no colour"):
        assert not parse.background(answers.described(f, form, rng)), form
    assert answers.reply(f, "background", "") == answers.NO_GROUND
    assert answers.reply(f, "background", "word") == "Unknown."


def test_every_answer_has_the_form_that_was_wished_for() -> None:
    rng = random.Random(6)
    seen = set()
    for _ in range(300):
        f = tokenizer.imagined(rng)
        for turn in language.turns(f, rng):
            seen.add(turn.form)
            for form in turn.form.split("+"):
                assert judge.formed(form, turn.answer), turn
    assert {"", "word", "few", "brief", "sentence", "detail", "name only", "no colour", "letter only"} <= seen


def test_a_description_without_the_colour_names_none() -> None:
    rng = random.Random(7)
    for _ in range(200):
        f = tokenizer.imagined(rng)
        text = answers.described(f, "no colour", rng)
        assert not parse.first_of(palette.NAMES, text.lower()) and palette.MIXED not in text
        assert parse.name(text) == (things.UNKNOWN_NAME if f.kind == "unknown" else f.name)
