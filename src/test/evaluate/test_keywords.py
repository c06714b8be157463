"""LVIS and PACO: cleaned as published, compared by the published model, whatever form the rows have."""

import json
import os

import numpy as np
import pytest
from conftest import evaluate, picture_of, question_of, resource
from PIL import Image
from pycocotools import mask as coco

from evaluate.keywords import rows
from evaluate.keywords.cleaning import PROTOCOLS, osprey_answer, word_iou
from evaluate.keywords.similarity import MiniLM, located
from evaluate.problem import Problem

CASES = resource("keywords.json")
needs_minilm = pytest.mark.skipif(not os.environ.get("DAM_MINILM"), reason="scripts/test evaluate fetches MiniLM")
SQUARE = [[2, 2, 10, 2, 10, 10, 2, 10]]


@pytest.fixture(scope="module")
def minilm():
    return MiniLM(located(None))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['prediction']} / {case['answer']}")
def test_cleaning_and_overlap_of_every_golden_pair(case, protocol):
    answer, name = PROTOCOLS[protocol]
    expected = case[protocol]
    assert answer(case["prediction"]) == expected["prediction"]
    assert name(case["answer"]) == expected["answer"]
    assert word_iou(expected["prediction"], expected["answer"]) == pytest.approx(expected["siou"], abs=1e-6)


@needs_minilm
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_similarity_of_every_golden_pair(minilm, protocol):
    pairs = [(case[protocol]["prediction"], case[protocol]["answer"]) for case in CASES]
    assert minilm.similarity(pairs) == pytest.approx([case[protocol]["sim"] for case in CASES], abs=1e-3)


def test_a_second_colon_ends_the_answer_as_in_the_published_script():
    assert osprey_answer("class: dog: yes") == " dog"


def test_nothing_said_overlaps_with_nothing():
    assert word_iou("", "dog") == 0 and word_iou("", "") == 0


@needs_minilm
def test_predictions_are_scored_by_both_protocols(tmp_path, capsys):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps([{"prediction": case["prediction"], "answer": case["answer"]} for case in CASES]))
    assert evaluate("keywords", "--benchmark", "lvis", "--predictions", file, "--out", tmp_path / "out") == 0
    out = capsys.readouterr().out
    for protocol in PROTOCOLS:
        sim, siou = (100 * sum(case[protocol][name] for case in CASES) / len(CASES) for name in ("sim", "siou"))
        assert f"| **mine, {protocol} cleaning** | {sim:.1f} | {siou:.1f} |" in out
    assert "| DAM-8B, paper | 89.0 | 77.7 |" in out
    assert json.loads((tmp_path / "out" / "lvis_mine_scores.json").read_text())[0]["osprey"]["siou"] == 1


@pytest.fixture
def benchmark(tmp_path):
    """Three regions in two pictures: polygons, run lengths, and compressed run lengths."""
    pictures = tmp_path / "val2017"
    pictures.mkdir()
    for name, colour in (("000000000001.jpg", "red"), ("000000000002.jpg", "blue")):
        Image.new("RGB", (20, 16), colour).save(pictures / name)
    compressed = coco.encode(np.asfortranarray(np.eye(16, 20, dtype=np.uint8)))
    compressed["counts"] = compressed["counts"].decode()
    data = [
        {
            "file_name": "val2017/000000000001.jpg",
            "height": 16,
            "width": 20,
            "categories": ["street_sign", "chair:leg"],
            "annotations": [{"segmentation": SQUARE}, {"segmentation": {"size": [16, 20], "counts": [0, 100, 220]}}],
        },
        {
            "file_name": "000000000002.jpg",
            "height": 16,
            "width": 20,
            "categories": ["dog"],
            "annotations": [{"segmentation": compressed}],
        },
    ]
    (tmp_path / "paco_val_1k_category.json").write_text(json.dumps(data))
    return tmp_path


@needs_minilm
def test_regions_are_asked_about_once(serve, benchmark, capsys):
    said = {16: "dog", 64: "Street sign.", 100: "a chair leg"}
    captioner = serve(lambda request: said[int((np.asarray(picture_of(request))[..., 3] > 0).sum())])
    arguments = ["--benchmark", "paco", "--data", benchmark, "--url", captioner.url, "--out", benchmark / "out"]
    for _ in range(2):
        assert evaluate("keywords", *arguments) == 0
    assert len(captioner.requests) == 3
    assert "Answer with one word" in question_of(captioner.requests[0])
    found = json.loads((benchmark / "out" / "paco_describe_anything_model_scores.json").read_text())
    assert [(row["prediction"], row["answer"]) for row in found] == [
        ("Street sign.", "street_sign"),
        ("a chair leg", "chair:leg"),
        ("dog", "dog"),
    ]
    assert found[1]["osprey"]["siou"] == pytest.approx(2 / 3)
    assert "The paper's prompt is unpublished" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"categories": ["one"]}, "same length"),
        ({"categories": ["", "x"]}, "class name is missing"),
        ({"annotations": [{}, {}]}, "no segmentation"),
    ],
)
def test_rows_that_do_not_fit_are_named(benchmark, change, message):
    file = benchmark / "paco_val_1k_category.json"
    data = json.loads(file.read_text())
    data[0].update(change)
    file.write_text(json.dumps(data))
    with pytest.raises(Problem, match=message):
        rows.read(file, [benchmark])


def test_lines_of_json_are_rows_too(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"prediction": "a", "answer": "b"}\n\n{"pred": "c", "Answer": "d", "id": 7}\n')
    assert [(item.id, item.prediction, item.name) for item in rows.predictions(file)] == [
        ("0", "a", "b"),
        ("7", "c", "d"),
    ]


def test_data_or_predictions_must_be_given(tmp_path, capsys):
    assert evaluate("keywords", "--benchmark", "lvis", "--out", tmp_path) == 2
    assert "give either --data or --predictions" in capsys.readouterr().err
