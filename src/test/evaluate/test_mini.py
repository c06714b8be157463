"""The drawn benchmark and its judge of rules."""

import asyncio
import json
import time

import pytest
from conftest import evaluate, picture_of

from evaluate.dlc import benchmark, reading
from evaluate.dlc.rules import RulesJudge

DRAWN = benchmark.read(benchmark.DRAWN)
PLURAL = ("grapes", "scissors", "glasses")


def truth(region):
    """A description that says all that is asked for."""
    name = json.loads((benchmark.DRAWN / "class_names.json").read_text())[region]
    said = {}
    for question in DRAWN.questions[region][1:]:
        best = max(question["choices"], key=lambda choice: choice[1])[0]
        if question["type"] == "positive":
            attribute, value = best.removeprefix("The ").split(f" of the {name} is mentioned, as ")
            said[attribute] = value.rstrip(".")
    first = f"A {said.get('size', '')} {said.get('texture', '')} {name}, mainly {said.get('colour', 'something')}."
    where = f" It is at the {said['position']} of the picture." if "position" in said else ""
    return first + where + (f" Behind it is a {said['background']}." if "background" in said else "")


def judged(region, caption):
    picks = []
    for question in DRAWN.questions[region]:
        messages = [{"role": "user", "content": benchmark.prompt(caption, question)}]
        answer = asyncio.run(RulesJudge().answer(messages, {}))
        pick = reading.read(answer, benchmark.texts(question))
        picks.append(question["choices"][pick][1])
    return picks


@pytest.mark.parametrize("region", DRAWN.questions)
def test_the_truth_gets_full_marks(region):
    recognised, *scores = judged(region, truth(region))
    assert recognised == "correct" and set(scores) == {1}


def test_silence_gets_nothing_for_what_should_be_said():
    for region, questions in DRAWN.questions.items():
        recognised, *scores = judged(region, "Something.")
        assert recognised == "incorrect"
        kinds = {question["type"]: score for question, score in zip(questions[1:], scores, strict=True)}
        assert kinds["positive"] == 0.5 and kinds["negative"] == 1


def question(choices, kind="positive"):
    return {"question": "Which of these is true of the description?", "choices": choices, "type": kind}


COLOUR = question(
    [
        ["The colour of the star is mentioned, as something other than red.", -1],
        ["The colour of the star is mentioned, as red.", 1],
        ["The star is mentioned, its colour is not.", 0.5],
        ["The star is not mentioned.", 0],
    ]
)


@pytest.mark.parametrize(
    ("caption", "score"),
    [
        ("A small red star.", 1),
        ("A star, mainly red, on a blue card.", 1),
        ("A blue star. Beside it is something red.", -1),
        ("A star of several colours.", -1),
        ("A small star.", 0.5),
    ],
)
def test_a_colour_counts_where_it_is_said_of_the_thing(caption, score):
    messages = [{"role": "user", "content": benchmark.prompt(caption, COLOUR)}]
    answer = asyncio.run(RulesJudge().answer(messages, {}))
    assert COLOUR["choices"][reading.read(answer, benchmark.texts(COLOUR))][1] == score


@pytest.mark.parametrize(("caption", "score"), [("Two dogs run.", -1), ("A dog.", -1), ("A dogma.", 1), ("A cat.", 1)])
def test_what_should_not_be_mentioned(caption, score):
    asked = question([["No dog is mentioned.", 1], ["A dog is mentioned.", -1]], "negative")
    messages = [{"role": "user", "content": benchmark.prompt(caption, asked)}]
    answer = asyncio.run(RulesJudge().answer(messages, {}))
    assert asked["choices"][reading.read(answer, benchmark.texts(asked))][1] == score


def test_a_run_needs_nothing_but_a_captioner(serve, tmp_path, capsys):
    captioner = serve(lambda request: f"A red star at the top of the picture, {picture_of(request).size}.")
    begin = time.monotonic()
    assert evaluate("dlc-bench", "--data", "mini", "--url", captioner.url, "--out", tmp_path) == 0
    assert time.monotonic() - begin < 60
    out = capsys.readouterr().out
    assert "rules (drawn pictures only)" in out and "DAM-3B, paper" not in out
    report = json.loads((tmp_path / "dlc-bench-mini.json").read_text())
    assert report["ours"][0]["regions"] == len(captioner.requests) == 32
