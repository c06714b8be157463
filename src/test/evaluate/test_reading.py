"""Answers of a judge are read as the published script reads them."""

import pytest
from conftest import resource

from evaluate.dlc import reading


@pytest.mark.parametrize("case", resource("parse-cases.json"), ids=lambda case: repr(case["answer"]))
def test_every_golden_answer(case):
    if case["pick"] == "malformed":
        with pytest.raises(reading.Malformed):
            reading.read(case["answer"], case["choices"])
    else:
        assert reading.read(case["answer"], case["choices"]) == case["pick"]


def test_the_longest_of_several_that_begin_at_the_same_place():
    assert reading.read("say: red apple or so", ["red", "red apple"]) == 1


def test_the_first_of_equals():
    assert reading.read("it", ["it is so", "it is no"]) == 0
