"""A killed run continues: no answer is lost, and nothing that was answered is asked again."""

import json
import signal
import time
from collections import Counter
from functools import partial

import pytest
from conftest import DLC, evaluate, golden_captioner, golden_judge, picture_of, prompt_of, resource, start, wait_for

from evaluate.journal import Journal
from evaluate.problem import Problem


def has_answered(stub, count):
    return len(stub.answered) >= count


def slow(answer, seconds=0.08):
    def reply(request):
        time.sleep(seconds)
        return answer(request)

    return reply


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_twice(serve, tmp_path, capsys, how):
    captioner, judge = serve(slow(golden_captioner())), serve(slow(golden_judge()))
    arguments = ["dlc-bench", "--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--parallel", 2]
    arguments += ["--csv", "--out", tmp_path]
    under_way = 0
    for stub, count in ((captioner, 4), (judge, 12)):
        process = start(*arguments)
        wait_for(partial(has_answered, stub, count))
        process.send_signal(how)
        _, error = process.communicate(timeout=120)
        if how == signal.SIGKILL:
            under_way += 2
        else:
            assert process.returncode == 130 and "continues where this run ended" in error
    assert evaluate(*arguments) == 0
    assert capsys.readouterr().out == resource("dlc/expected.json")["csv"] + "\n"
    assert json.loads((tmp_path / "describe_anything_model.json").read_text()) == resource("dlc/captions.json")
    golden = resource("dlc/captions_eval.json")
    assert json.loads((tmp_path / "describe_anything_model_eval.json").read_text()) == golden
    asked = Counter(prompt_of(request) for request in judge.answered)
    asked[golden["7311"]["prompt"][1]] -= 3  # fits no choice: asked again three times
    pictures = Counter(picture_of(request).tobytes() for request in captioner.answered)
    twice = sum(count - 1 for count in (*asked.values(), *pictures.values()))
    assert twice <= under_way, "only what was under way when the process was killed may be asked again"
    assert len(asked) == 30 and len(pictures) == 8


def test_a_torn_last_line_is_cut_off(tmp_path):
    file = tmp_path / "journal.jsonl"
    with Journal(file) as journal:
        journal.put("a", "1")
    with file.open("ab") as out:
        out.write(b'{"key": "b", "val')
    with Journal(file) as journal:
        assert journal.get("a") == "1" and journal.get("b") is None
        journal.put("b", "2")
    with Journal(file) as journal:
        assert journal.get("a") == "1" and journal.get("b") == "2"
    assert len(file.read_text().splitlines()) == 2


def test_two_runs_do_not_write_one_file(tmp_path):
    with Journal(tmp_path / "j") as journal, pytest.raises(Problem, match="another run"), Journal(tmp_path / "j"):
        journal.put("a", 1)
