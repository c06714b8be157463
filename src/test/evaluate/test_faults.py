"""Servers that fail now and then cost time, not scores."""

import itertools
import json
import threading
import time

import pytest
from conftest import DLC, Reply, completion, evaluate, golden_captioner, golden_judge, prompt_of, resource

pytestmark = pytest.mark.usefixtures("quick")
FAULTS = [
    Reply(429, b'{"error": {"message": "slow down"}}', {"Retry-After": "0.01"}),
    Reply(500, b"oops"),
    Reply(200, completion("A")[:20]),
    Reply(200, completion("A")[:-5], cut=True),
    Reply(200, b""),
    Reply(200, b"<html>busy</html>"),
    Reply(200, b'{"choices": []}'),
    Reply(200, completion(None)),
    Reply(503, b"", {"Retry-After": "soon"}),
]


def faulty(answer, nonsense=()):
    """Each request fails once or twice, and some then get nonsense or wait, before they are answered right."""
    numbers, faults, said = itertools.count(1), itertools.cycle(FAULTS), itertools.cycle(nonsense)
    lock, planned = threading.Lock(), {}

    def plan():
        number = next(numbers)
        return [next(faults) for _ in range(1 + number % 2)] + [
            next(said) for _ in range(number % 3 if nonsense else 0)
        ]

    def reply(request):
        key = json.dumps(request, sort_keys=True)
        with lock:
            if key not in planned:
                planned[key] = plan()
            step = planned[key].pop(0) if planned[key] else None
            late = len(planned) % 7 == 0
        if late:
            time.sleep(0.1)
        if isinstance(step, Reply):
            raise step
        return answer(request) if step is None else step

    return reply


def test_a_faulty_captioner_and_a_faulty_judge_give_the_same_scores(serve, tmp_path, capsys):
    captioner = serve(faulty(golden_captioner(), nonsense=[""]))
    judge = serve(faulty(golden_judge(), nonsense=["", "%$#&", "§"]))
    arguments = ["--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--csv", "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments, "--strict") == 0
    assert capsys.readouterr().out == resource("dlc/expected.json")["csv"] + "\n"
    entries = json.loads((tmp_path / "describe_anything_model_eval.json").read_text())
    golden = resource("dlc/captions_eval.json")
    golden["7311"]["response"][1] = entries["7311"]["response"][1]  # fits no choice, so one of four answers is kept
    golden["7311"]["details_positives"][0]["pred_answer"] = entries["7311"]["details_positives"][0]["pred_answer"]
    assert entries == golden


def test_a_server_that_never_answers_is_given_up(serve, tmp_path, capsys):
    judge = serve(late)
    arguments = ["--data", DLC, "--captions", caption_file(tmp_path), "--judge-url", judge.url, "--timeout", 0.02]
    assert evaluate("dlc-bench", *arguments, "--parallel", 2, "--out", tmp_path / "out") == 1
    assert "5 failures in a row" in capsys.readouterr().err


def test_a_server_that_is_not_running_is_named_within_seconds(tmp_path, capsys):
    arguments = ["--data", DLC, "--url", "http://127.0.0.1:1/v1", "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 1
    assert "nothing answers at http://127.0.0.1:1/v1" in capsys.readouterr().err


def test_a_region_that_always_fails_does_not_stop_the_others(serve, tmp_path, capsys):
    golden = golden_captioner()

    def answer(request):
        text = golden(request)
        if text == "A shiny light bulb.":
            raise Reply(500, b"no")
        return text

    captioner = serve(answer)
    arguments = ["--data", DLC, "--url", captioner.url, "--judge-url", serve(golden_judge()).url, "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments) == 1
    assert "1 regions have no caption (56)" in capsys.readouterr().err
    assert len(captioner.answered) == 7


@pytest.mark.parametrize("status", [401, 404])
def test_a_wrong_key_or_model_ends_the_run_at_once(serve, tmp_path, capsys, status):
    def refuse(request):
        raise Reply(status, b'{"error": {"message": "no such thing"}}')

    judge = serve(refuse)
    arguments = ["--data", DLC, "--captions", caption_file(tmp_path), "--judge-url", judge.url, "--parallel", 2]
    assert evaluate("dlc-bench", *arguments, "--out", tmp_path / "out") == 1
    assert "no such thing" in capsys.readouterr().err and len(judge.requests) <= 2


@pytest.mark.parametrize("shape", ["{name}", "Unrecognized request argument supplied: {name}"])
def test_settings_that_a_server_refuses_are_left_out_and_named(serve, tmp_path, capsys, shape):
    golden = golden_captioner()

    def strict(request):
        if "top_k" in request:
            raise Reply(400, json.dumps({"error": {"message": shape.format(name="top_k")}}).encode())
        if "max_tokens" in request:
            text = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            raise Reply(400, json.dumps({"error": {"message": text, "param": "max_tokens"}}).encode())
        return golden(request)

    captioner, judge = serve(strict), serve(golden_judge())
    arguments = ["--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments) == 0
    assert "the server refused top_k" in capsys.readouterr().out
    assert captioner.answered[0]["max_completion_tokens"] == 512


def test_text_in_parts_is_joined(serve, tmp_path):
    golden = golden_captioner()

    def parts(request):
        text = golden(request)
        raise Reply(200, completion([{"type": "text", "text": text[:5]}, {"type": "text", "text": text[5:]}]))

    arguments = ["--data", DLC, "--url", serve(parts).url, "--judge-url", serve(golden_judge()).url, "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments) == 0
    assert json.loads((tmp_path / "describe_anything_model.json").read_text()) == resource("dlc/captions.json")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_addresses_of_every_form(serve, tmp_path, path):
    judge = serve(golden_judge())
    url = judge.url.removesuffix("/v1") + path
    arguments = ["--data", DLC, "--captions", caption_file(tmp_path), "--judge-url", url, "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 0
    assert set(judge.paths) == {"/v1/chat/completions"}
    assert prompt_of(judge.requests[0])


def late(request):
    time.sleep(1)
    return "A"


def caption_file(folder):
    file = folder / "mine.json"
    file.write_bytes((DLC / "captions.json").read_bytes())
    return file
