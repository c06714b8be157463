"""VideoRefer-Bench-D: scores out of a judge's text."""

import json

import pytest
from conftest import evaluate, prompt_of, resource

from evaluate import prompts, videorefer

WHOLE = resource("judge-cases.json")["videorefer_d"][0]["response"]


@pytest.mark.parametrize("case", resource("judge-cases.json")["videorefer_d"])
def test_every_golden_answer(case):
    assert videorefer.read(case["response"]) == case["scores"]


def test_means_are_over_the_items_that_have_a_score():
    found = [{"Subject Correspondence": 4.0}, {"Subject Correspondence": 5.0, "Appearance Description": 1.0}]
    assert videorefer.means(found) == {"SC": 4.5, "AD": 1.0, "TD": None, "HD": None, "avg": None}


def test_predictions_are_judged_once(serve, tmp_path, capsys):
    judge = serve(lambda request: WHOLE)
    file = tmp_path / "mine.json"
    file.write_text(json.dumps([{"prediction": "a {dog} runs", "answer": "a dog runs"}]))
    arguments = ["--predictions", file, "--judge-url", judge.url, "--judge-model", "gpt-4o", "--out", tmp_path / "out"]
    for _ in range(2):
        assert evaluate("videorefer", *arguments) == 0
    assert len(judge.requests) == 1
    assert prompt_of(judge.requests[0]) == "##Correct answer: a dog runs\n##Predicted answer: a {dog} runs\n"
    assert judge.requests[0]["messages"][0]["content"] == prompts.VIDEOREFER_D_SYSTEM
    out = capsys.readouterr().out
    assert (
        "| **mine** | gpt-4o | 5.00 | 4.00 | 3.50 | 2.00 | 3.62 |" in out and "zero-shot, paper | GPT-4o | 4.45" in out
    )


def test_a_judge_is_needed(tmp_path, capsys):
    assert evaluate("videorefer", "--predictions", tmp_path / "p.json", "--out", tmp_path) == 2
    assert "--judge-url" in capsys.readouterr().err
