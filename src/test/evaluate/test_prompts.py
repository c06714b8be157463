"""Scores depend on every byte of a prompt."""

import pytest
from conftest import resource

from evaluate import prompts
from evaluate.captions import clair

OURS = [name for name in resource("prompts.json") if name != "dam_video"]


@pytest.mark.parametrize("name", OURS)
def test_prompts_are_exact(name):
    assert getattr(prompts, name.upper()) == resource("prompts.json")[name]["text"]


def test_statements_of_clair_are_a_line_each():
    assert "Candidate set:\n- a {b}\n\nReference set:\n- c\n- d\n\nOn a" in clair.prompt(["a {b}"], ["c", "d"])
