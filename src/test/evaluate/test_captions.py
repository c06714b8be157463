"""Ref-L4 and Flickr30k Entities: the reference implementation's scores, and CLAIR's."""

import json
import os
import shutil

import numpy as np
import pytest
from conftest import evaluate, picture_of, prompt_of, question_of, resource
from PIL import Image

from evaluate.captions import clair, flickr30k, items, metrics, refl4
from evaluate.problem import Problem

GOLDEN = resource("captions.json")
needs_java = pytest.mark.skipif(not shutil.which("java"), reason="no java")
SCORES = metrics.NAMES


@pytest.fixture(scope="module")
def scored():
    return metrics.score(
        [item["prediction"] for item in GOLDEN["items"]], [item["references"] for item in GOLDEN["items"]]
    )


@needs_java
@pytest.mark.parametrize("name", SCORES)
def test_scores_of_all_golden_captions(scored, name):
    assert scored[0][name] == pytest.approx(GOLDEN["total"][name], abs=1e-6)


@needs_java
@pytest.mark.parametrize("number", range(len(GOLDEN["items"])))
def test_scores_of_each_golden_caption(scored, number):
    expected = {name: GOLDEN["items"][number]["scores"][name] for name in SCORES}
    assert scored[1][number] == pytest.approx(expected, abs=1e-6)


@pytest.mark.skipif("DAM_SPICE" not in os.environ, reason="DAM_SPICE names no folder with SPICE's parser")
def test_spice_of_all_golden_captions():
    found = metrics.spice(
        [item["tokenised"] for item in GOLDEN["items"]], [item["references_tokenised"] for item in GOLDEN["items"]]
    )
    assert found == pytest.approx([item["scores"]["SPICE"] for item in GOLDEN["items"]], abs=1e-6)


@needs_java
def test_tokens_of_all_golden_captions():
    assert metrics.tokenised([[item["prediction"]] for item in GOLDEN["items"]]) == [
        [item["tokenised"]] for item in GOLDEN["items"]
    ]
    assert metrics.tokenised([item["references"] for item in GOLDEN["items"]]) == [
        item["references_tokenised"] for item in GOLDEN["items"]
    ]


@needs_java
def test_empty_texts_line_ends_and_bars_do_not_shift_the_others(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    said = ["", "one\r\ntwo\u2028three", "a ||| b", "größe café 日本", "..."]
    _, each = metrics.score(said, [["dog"], ["one two three"], ["a b"], ["größe café 日本"], ["x", ""]])
    assert [round(one["METEOR"], 6) for one in each] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("case", resource("judge-cases.json")["clair"], ids=lambda case: case["response"][:30])
def test_every_golden_answer_of_clair(case):
    assert clair.read(case["response"]) == pytest.approx(case["score"])


@pytest.mark.parametrize("response", ["", '{"score": NaN}', '{"score": true}', "{}", '{"score": 850}', "[1"])
def test_answers_of_clair_without_a_score(response):
    assert clair.read(response) in (None, 0.01)
    assert (clair.read(response) is None) == (response != "[1")


@pytest.fixture
def refl4_data(tmp_path):
    """Two descriptions of one box, one of another, and a row from another source."""
    (tmp_path / "images").mkdir()
    for name in ("objects365_v2_1.jpg", "coco_1.jpg"):
        Image.new("RGB", (30, 20), "green").save(tmp_path / "images" / name)
    box = {"bbox": [2.9, 3.2, 10.7, 5.5], "file_name": "objects365_v2_1.jpg"}
    rows = [
        {"id": 1, "caption": "A white cup beside a plate.", **box},
        {"id": 2, "caption": "The cup with a handle.", **box},
        {"id": 3, "caption": "A tiny thing.", **box, "bbox": [0.2, 0.4, 0.6, 0.9]},
        {"id": 4, "caption": "A dog.", "bbox": [1, 1, 5, 5], "file_name": "coco_1.jpg"},
    ]
    (tmp_path / "ref-l4-val.json").write_text(json.dumps(rows))
    return tmp_path, rows


def test_boxes_are_cut_to_whole_pixels_and_filled(refl4_data):
    folder, _ = refl4_data
    found = refl4.read(folder, [folder / "images"])
    assert [item.references for item in found] == [
        ("A white cup beside a plate.",),
        ("The cup with a handle.",),
        ("A tiny thing.",),
    ]
    first, second, third = (item.region for item in found)
    assert first and second and third
    mask = first.mask(20, 30)
    assert mask.sum() == 50 and mask[3:8, 2:12].all()
    assert third.mask(20, 30).sum() == 1
    assert first.id == second.id != third.id


def test_parquet_is_read_like_json(refl4_data):
    from pyarrow import Table, parquet

    folder, rows = refl4_data
    parquet.write_table(Table.from_pylist(rows), folder / "ref-l4-test.parquet")
    (folder / "ref-l4-val.json").unlink()
    assert len(refl4.read(folder, [folder / "images"])) == 3


@pytest.fixture
def unscored(monkeypatch):
    """Words are not compared: loading METEOR takes seconds."""

    def score(predictions, references, spice):
        return {"METEOR": 0.5}, [{"METEOR": 0.5} for _ in predictions]

    monkeypatch.setattr(metrics, "score", score)


def judge(request):
    """Condenses to the first three words, and finds everything 70 % alike."""
    if request["messages"][0]["role"] == "system":
        return "OUTPUT: " + " ".join(prompt_of(request).split()[:3])
    return '{"score": 70, "reason": "alike"}'


@needs_java
def test_a_judge_condenses_before_words_are_compared_and_clair_sees_all(serve, refl4_data, capsys):
    folder, _ = refl4_data
    captioner, judges = serve(lambda request: "A white cup full of tea."), serve(judge)
    arguments = ["--benchmark", "ref-l4", "--data", folder, "--url", captioner.url, "--out", folder / "out"]
    arguments += ["--judge-url", judges.url, "--judge-model", "gpt"]
    assert evaluate("captions", *arguments) == 0
    assert len(captioner.requests) == 2, "one for each box"
    assert len(judges.requests) == (1 + 3) + 3, "each text is condensed once, each row compared once"
    asked = [prompt_of(request) for request in judges.requests if request["messages"][0]["role"] == "user"]
    assert clair.prompt(["A white cup full of tea."], ["The cup with a handle."]) in asked
    assert {request["temperature"] for request in judges.requests} == {0}
    found = json.loads((folder / "out" / "ref-l4_describe_anything_model_scores.json").read_text())
    assert found[0]["compared"] == "A white cup" == found[0]["compared_references"][0]
    assert found[0]["scores"]["METEOR"] == 1 and found[0]["clair"] == 0.7
    out = capsys.readouterr().out
    assert "| **describe_anything_model** | gpt |" in out and "| 70.0 |" in out
    assert "SPICE is left out" in out and "the judge condensed" in out
    assert "| DAM-8B, paper | GPT-4o-mini |" in out


@pytest.mark.usefixtures("unscored")
def test_a_second_run_asks_nothing(serve, refl4_data):
    folder, _ = refl4_data
    captioner, judges = serve(lambda request: "A white cup full of tea."), serve(judge)
    arguments = ["--benchmark", "ref-l4", "--data", folder, "--url", captioner.url, "--out", folder / "out"]
    for _ in range(2):
        assert evaluate("captions", *arguments, "--judge-url", judges.url, "--judge-model", "gpt") == 0
    assert len(captioner.requests) == 2 and len(judges.requests) == 7


@pytest.mark.usefixtures("unscored")
def test_without_a_judge_what_is_left_out_is_named(serve, refl4_data, capsys):
    folder, _ = refl4_data
    captioner = serve(lambda request: "A white cup.")
    arguments = ["--benchmark", "ref-l4", "--data", folder / "ref-l4-val.json", "--url", captioner.url]
    assert evaluate("captions", *arguments, "--out", folder / "out") == 0
    out = capsys.readouterr().out
    assert "CLAIR is left out" in out and "Nothing was condensed" in out


@pytest.mark.usefixtures("unscored")
def test_an_unreadable_judge_gives_zero_and_the_text_itself(serve, tmp_path, capsys):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps([{"prediction": "a red cup", "references": ["a red cup"], "id": "x"}]))
    judges = serve(lambda request: "" if request["messages"][0]["role"] == "system" else "I can't tell.")
    arguments = ["--benchmark", "ref-l4", "--predictions", file, "--judge-url", judges.url, "--judge-model", "gpt"]
    assert evaluate("captions", *arguments, "--out", tmp_path / "out") == 0
    found = json.loads((tmp_path / "out" / "ref-l4_mine_scores.json").read_text())[0]
    assert found["clair"] == 0 and found["compared"] == "a red cup"
    assert "could not be read and count as 0: x" in capsys.readouterr().out and len(judges.requests) == 8


@pytest.fixture
def flickr(tmp_path):
    for name in ("Annotations", "Sentences", "images"):
        (tmp_path / name).mkdir()
    (tmp_path / "test.txt").write_text("11\n")
    (tmp_path / "Sentences" / "11.txt").write_text(
        "[/EN#5/people An older man] in [/EN#6/clothing a hat] [/EN#0/notvisual who] waits .\n"
        "[/EN#5/people A man] near [/EN#7/scene/other the sea] .\n"
    )
    (tmp_path / "Annotations" / "11.xml").write_text(
        "<annotation><object><name>5</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>3</ymax></bndbox>"
        "</object><object><name>5</name><name>6</name><bndbox><xmin>10</xmin><ymin>5</ymin><xmax>10</xmax>"
        "<ymax>6</ymax></bndbox></object><object><name>7</name><scene>1</scene></object></annotation>"
    )
    Image.new("RGB", (12, 9), "white").save(tmp_path / "images" / "11.jpg")
    return tmp_path


def test_phrases_with_boxes_are_items(flickr):
    found = flickr30k.read(flickr, [flickr / "images"])
    assert [item.references[0] for item in found] == ["An older man", "a hat", "A man"]
    region, last = found[0].region, found[2].region
    assert region and last
    mask = region.mask(9, 12)
    assert mask.sum() == 12 + 2 and mask[0:3, 0:4].all() and mask[4:6, 9].all()
    assert region.id == last.id


@pytest.mark.usefixtures("unscored")
def test_flickr_regions_are_asked_for_a_phrase(serve, flickr, capsys):
    captioner = serve(lambda request: "a man" if (np.asarray(picture_of(request))[..., 3] > 0).sum() == 14 else "a hat")
    arguments = ["--benchmark", "flickr30k", "--data", flickr, "--url", captioner.url, "--out", flickr / "out"]
    assert evaluate("captions", *arguments) == 0
    assert len(captioner.requests) == 2 and "short phrase" in question_of(captioner.requests[0])
    out = capsys.readouterr().out
    assert "each phrase of the test split" in out and "| DAM-8B, paper |" in out
    found = json.loads((flickr / "out" / "flickr30k_describe_anything_model_scores.json").read_text())
    assert [row["prediction"] for row in found] == ["a man", "a hat", "a man"]


def test_predictions_of_every_form(tmp_path):
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"items": [{"prediction": " ".join("abcdef"), "reference": "r"}]}))
    assert items.predictions(file, 3)[0] == items.Item("0", ("r",), None, "a b c")
    assert items.predictions(file, None)[0].prediction == "a b c d e f"


@pytest.mark.parametrize("row", [{"prediction": "a"}, {"references": ["a"]}, {"prediction": 1, "references": ["a"]}])
def test_predictions_without_text_are_named(tmp_path, row):
    file = tmp_path / "p.json"
    file.write_text(json.dumps([row]))
    with pytest.raises(Problem, match="row 0"):
        items.predictions(file, None)
