"""DLC-Bench on drawn pictures: the same files as the published scripts, whatever is asked and whatever is there."""

import json
import shutil

import numpy as np
import pytest
from conftest import DLC, evaluate, golden_captioner, golden_judge, picture_of, prompt_of, question_of, resource
from PIL import Image

from evaluate.dlc import benchmark, scores

GOLDEN = resource("dlc/captions_eval.json")
EXPECTED = resource("dlc/expected.json")
REFUSED = "http://127.0.0.1:1/v1"


def read(file):
    return json.loads(file.read_text("utf-8"))


@pytest.fixture
def data(tmp_path):
    """A copy of the drawn benchmark, to change."""
    return shutil.copytree(DLC, tmp_path / "data")


@pytest.fixture
def captions(tmp_path):
    """Writes a captions file and returns its path."""

    def write(name="mine.json", **changes):
        known = {**resource("dlc/captions.json"), **changes}
        file = tmp_path / name
        file.write_text(json.dumps({key: text for key, text in known.items() if text is not None}))
        return file

    return write


def test_captions_and_answers_become_the_golden_files(serve, tmp_path, capsys):
    captioner, judge = serve(golden_captioner()), serve(golden_judge())
    arguments = ["--data", DLC, "--url", captioner.url, "--model", "nvidia/DAM-3B", "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments, "--judge-url", judge.url, "--judge-model", "llama", "--csv") == 0
    assert capsys.readouterr().out == EXPECTED["csv"] + "\n"
    assert read(tmp_path / "out" / "nvidia_DAM-3B.json") == resource("dlc/captions.json")
    assert read(tmp_path / "out" / "nvidia_DAM-3B_eval.json") == GOLDEN
    assert len(judge.answered) == 30 + 3, "one answer fits no choice and is asked again three times"
    assert not list((tmp_path / "out").glob("*.jsonl"))


def test_regions_are_asked_for_in_the_order_of_the_file_with_the_settings_of_the_paper(serve, tmp_path):
    captioner, judge = serve(golden_captioner()), serve(golden_judge())
    evaluate(
        "dlc-bench", "--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--parallel", 1, "--out", tmp_path
    )
    answer = golden_captioner()
    expected = list(resource("dlc/captions.json").values())[:-1]
    assert [answer(request) for request in captioner.requests] == expected
    asked = captioner.requests[0]
    assert {key: asked[key] for key in ("temperature", "top_p", "top_k", "max_tokens", "seed")} == {
        "temperature": 0.2,
        "top_p": 1,
        "top_k": 50,
        "max_tokens": 512,
        "seed": 123,
    }
    assert question_of(asked) == "Describe the masked region in detail."
    judged = judge.requests[0]
    assert judged["messages"] == [{"role": "user", "content": GOLDEN["120"]["prompt"][0]}]
    assert (judged["model"], judged["temperature"], judged["max_tokens"], judged["top_p"]) == (
        "meta-llama/Meta-Llama-3.1-8B-Instruct",
        0,
        300,
        1,
    )
    assert judged["frequency_penalty"] == judged["presence_penalty"] == 0
    order = list(dict.fromkeys(prompt_of(request) for request in judge.requests))
    assert order == [prompt for entry in GOLDEN.values() if isinstance(entry, dict) for prompt in entry["prompt"]]


def test_the_mask_is_the_alpha_channel_and_colours_are_kept(serve, tmp_path):
    captioner, judge = serve(golden_captioner()), serve(golden_judge())
    evaluate(
        "dlc-bench", "--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--parallel", 1, "--out", tmp_path
    )
    region = benchmark.read(DLC).regions()[0]
    sent = np.asarray(picture_of(captioner.requests[0]))
    with Image.open(region.picture) as image:
        assert (sent[..., :3] == np.asarray(image.convert("RGB"))).all()
        assert (sent[..., 3] == region.mask(image.height, image.width) * 255).all()


def test_joint_models_get_their_own_question(serve, tmp_path):
    captioner, judge = serve(golden_captioner()), serve(golden_judge())
    arguments = ["--data", DLC, "--url", captioner.url, "--judge-url", judge.url, "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments, "--joint") == 0
    assert question_of(captioner.requests[0]) == "Given the image above, describe the object in the masked region."
    query = "Image: <image>\nGiven the image above, describe the object in the masked region."
    assert read(tmp_path / "describe_anything_model.json")["query"] == query


def test_captions_of_another_prompt_are_not_completed(serve, tmp_path, captions, capsys):
    file = captions(**{"55": None})
    shutil.copy(file, tmp_path / "describe_anything_model.json")
    captioner = serve(golden_captioner())
    assert evaluate("dlc-bench", "--data", DLC, "--url", captioner.url, "--joint", "--out", tmp_path) == 1
    assert "choose another --out" in capsys.readouterr().err and not captioner.requests


def test_captions_that_are_there_are_not_asked_for(serve, tmp_path, captions):
    shutil.copy(captions(**{"55": None}), tmp_path / "m.json")
    captioner, judge = serve(golden_captioner()), serve(golden_judge())
    arguments = ["--data", DLC, "--url", captioner.url, "--model", "m", "--judge-url", judge.url, "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments) == 0
    assert len(captioner.requests) == 1 and read(tmp_path / "m.json") == resource("dlc/captions.json")


def test_published_answers_are_scored_without_asking(tmp_path, capsys):
    for name in ("captions.json", "captions_eval.json"):
        shutil.copy(DLC / name, tmp_path / name)
    assert evaluate("dlc-bench", "--data", DLC, "--csv", "--out", tmp_path) == 0
    assert capsys.readouterr().out == EXPECTED["csv"] + "\n"
    assert read(tmp_path / "captions_eval.json") == GOLDEN


def test_published_answers_elsewhere_are_scored_too(tmp_path, capsys):
    arguments = ["--data", DLC, "--captions", DLC / "captions.json", "--csv", "--out", tmp_path]
    assert evaluate("dlc-bench", *arguments, "--url", REFUSED, "--judge-url", REFUSED) == 0
    assert capsys.readouterr().out == EXPECTED["csv"] + "\n"
    assert read(tmp_path / "captions.json") == resource("dlc/captions.json")


def test_answers_alone_hold_the_captions(tmp_path, capsys):
    shutil.copy(DLC / "captions_eval.json", tmp_path / "theirs_eval.json")
    assert evaluate("dlc-bench", "--data", DLC, "--csv", "--out", tmp_path) == 0
    assert capsys.readouterr().out == EXPECTED["csv"] + "\n"


def test_scores_need_neither_pictures_nor_annotations(data, tmp_path, capsys):
    shutil.rmtree(data / "images")
    (data / "annotations.json").unlink()
    assert (
        evaluate("dlc-bench", "--data", data, "--captions", DLC / "captions.json", "--csv", "--out", tmp_path / "o")
        == 0
    )
    assert capsys.readouterr().out == EXPECTED["csv"] + "\n"


def test_another_caption_is_judged_anew(serve, tmp_path, captions):
    judge = serve(lambda request: "A")
    shutil.copy(DLC / "captions_eval.json", tmp_path / "mine_eval.json")
    file = captions(**{"55": "A cup."})
    assert evaluate("dlc-bench", "--data", DLC, "--captions", file, "--judge-url", judge.url, "--out", tmp_path) == 0
    assert len(judge.requests) == len(GOLDEN["55"]["prompt"])
    assert all("A cup." in prompt_of(request) for request in judge.requests)


def test_answers_of_another_judge_are_not_mixed_in(serve, tmp_path, captions, capsys):
    judge = serve(golden_judge())
    arguments = ["--data", DLC, "--captions", captions(), "--judge-url", judge.url, "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments, "--judge-model", "one") == 0
    assert evaluate("dlc-bench", *arguments, "--judge-model", "two") == 1
    assert "holds answers of the judge one, not two" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "Error: out of memory"])
def test_a_missing_or_broken_caption_stops_the_scoring(tmp_path, captions, capsys, text):
    arguments = ["--data", DLC, "--captions", captions(**{"55": text}), "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 1
    assert "region 55 has" in capsys.readouterr().err


def test_a_default_caption_stands_for_missing_ones(serve, tmp_path, captions):
    judge = serve(lambda request: "B")
    arguments = ["--data", DLC, "--captions", captions(**{"55": None, "56": "Error: x"}), "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments, "--judge-url", judge.url, "--default-caption", "A thing.") == 0
    entries = read(tmp_path / "out" / "mine_eval.json")
    assert entries["55"]["pred"] == entries["56"]["pred"] == "A thing."
    assert read(tmp_path / "out" / "dlc-bench.json")["ours"][0]["default_captions"] == ["55", "56"]


def test_an_empty_caption_is_judged_as_it_is(serve, tmp_path, captions):
    judge = serve(lambda request: "B")
    arguments = ["--data", DLC, "--captions", captions(**{"55": ""}), "--judge-url", judge.url]
    assert evaluate("dlc-bench", *arguments, "--out", tmp_path / "out") == 0
    assert any("The description is:\n\n\nFrom" in prompt_of(request) for request in judge.requests)


def test_questions_without_a_judge_are_an_error(tmp_path, captions, capsys):
    assert evaluate("dlc-bench", "--data", DLC, "--captions", captions(), "--out", tmp_path / "out") == 1
    assert "30 questions have no answer: give --judge-url" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["", "E", "E. maybe"])
def test_a_malformed_answer_is_asked_again_and_then_counts_as_none(serve, tmp_path, captions, capsys, answer):
    golden, text = golden_judge(), GOLDEN["120"]["prompt"][1]
    judge = serve(lambda request: answer if prompt_of(request) == text else golden(request))
    arguments = ["--data", DLC, "--captions", captions(), "--judge-url", judge.url, "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 0
    assert sum(prompt_of(request) == text for request in judge.requests) == 4
    out = capsys.readouterr().out
    assert "region 120, question 1" in out and "could not be read" in out
    entry = read(tmp_path / "out" / "mine_eval.json")["120"]
    assert entry["details_positives"][0]["pred_index"] is None and entry["score_pos"] == 0.5
    assert evaluate("dlc-bench", *arguments, "--strict") == 1
    assert "--strict was given" in capsys.readouterr().err


def test_a_recognition_that_is_neither_yes_nor_no_is_incorrect(serve, tmp_path, captions):
    golden, text = golden_judge(), GOLDEN["120"]["prompt"][0]
    judge = serve(lambda request: "perhaps" if prompt_of(request) == text else golden(request))
    arguments = ["--data", DLC, "--captions", captions(), "--judge-url", judge.url, "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 0
    entry = read(tmp_path / "out" / "mine_eval.json")["120"]
    assert entry["recognition_result"] is False and entry["score_pos"] == entry["score_neg"] == 0
    assert entry["details_recognition"][0]["eval_result"] == "incorrect"


def test_strict_accepts_an_answer_that_fits_no_choice(tmp_path):
    arguments = ["--data", DLC, "--captions", DLC / "captions.json", "--out", tmp_path]
    assert GOLDEN["7311"]["details_positives"][0]["pred_index"] is None
    assert evaluate("dlc-bench", *arguments, "--strict") == 0


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        *((name, True) for name in ("chopsticks", "glasses", "sandals", "scissors", "slippers", "sneakers")),
        *((name, True) for name in ("street lights", "wine glass")),
        *((name, False) for name in ("bus", "apple", "storage box", "chair")),
    ],
)
def test_plural_class_names(name, plural):
    assert benchmark.plural(name) is plural


def test_a_region_without_a_class_name_is_named(data, tmp_path, capsys):
    (data / "class_names.json").write_text(json.dumps({"120": "storage box"}))
    assert evaluate("dlc-bench", "--data", data, "--captions", DLC / "captions.json", "--out", tmp_path / "o") == 1
    assert "no class name for region 9004" in capsys.readouterr().err


def test_a_missing_picture_is_named_and_the_others_are_kept(data, serve, tmp_path, capsys):
    (data / "images" / "drawn_0077.jpg").rename(data / "hidden.jpg")
    captioner = serve(golden_captioner())
    arguments = ["--data", data, "--url", captioner.url, "--out", tmp_path / "out"]
    assert evaluate("dlc-bench", *arguments) == 1
    assert "drawn_0077.jpg" in capsys.readouterr().err
    (data / "hidden.jpg").rename(data / "images" / "drawn_0077.jpg")
    asked = len(captioner.requests)
    assert evaluate("dlc-bench", *arguments, "--judge-url", serve(golden_judge()).url) == 0
    assert asked < 8 and len(captioner.requests) == 8


def test_regions_without_negatives_do_not_count_for_neg():
    totals = scores.total({"a": {"score_pos": 1.0, "score_neg": None}, "b": {"score_pos": 0.0, "score_neg": 0.5}})
    assert totals == {"pos": 0.5, "neg": 0.5, "avg": 0.5} and scores.csv(totals) == "0.500,0.500,0.500"


@pytest.mark.chart
def test_the_judge_stands_beside_every_score(tmp_path, capsys, serve, captions):
    judge = serve(golden_judge())
    arguments = ["--data", DLC, "--captions", captions(), "--judge-url", judge.url, "--judge-model", "some/judge"]
    assert evaluate("dlc-bench", *arguments, "--judge-api-key", "secret", "--out", tmp_path / "out") == 0
    out = capsys.readouterr().out
    assert "| **mine** | some/judge | 0.375 | 0.429 | 0.402 |" in out
    assert "| DAM-3B, paper | Llama-3.1-8B-Instruct | 0.523 | 0.822 | 0.673 |" in out
    assert judge.keys == ["Bearer secret"] * len(judge.keys)
    assert (tmp_path / "out" / "dlc-bench.png").read_bytes().startswith(b"\x89PNG")
    assert "some/judge" in (tmp_path / "out" / "dlc-bench.md").read_text()
    assert not any("secret" in file.read_text() for file in (tmp_path / "out").glob("*.[jm]*"))


def test_rows_of_earlier_runs_stay(tmp_path, captions):
    for name in ("one", "two", "one"):
        shutil.copy(DLC / "captions_eval.json", tmp_path / f"{name}_eval.json")
        assert (
            evaluate("dlc-bench", "--data", DLC, "--captions", captions(f"{name}.json"), "--out", tmp_path / "o") == 0
        )
    assert [row["name"] for row in read(tmp_path / "o" / "dlc-bench.json")["ours"]] == ["one", "two"]
