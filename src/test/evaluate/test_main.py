"""What a user sees who makes a mistake."""

import pytest
from conftest import DLC, evaluate


def test_subcommands_are_listed(capsys):
    assert evaluate() == 2 and evaluate("--help") == 0
    assert "dlc-bench" in capsys.readouterr().out


def test_an_unknown_subcommand_is_named(capsys):
    assert evaluate("dlc") == 2
    assert "no subcommand 'dlc'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["dlc-bench", "keywords", "captions", "videorefer"])
def test_every_subcommand_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as end:
        evaluate(name, "--help")
    assert end.value.code == 0 and "--out DIR" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere"], "nowhere is not a folder"),
        (["--data", DLC, "--url", "localhost:8000"], "is not an http(s) address"),
        (["--data", DLC, "--captions", "nothing.json"], "there is no file nothing.json"),
    ],
)
def test_mistakes_are_one_line(arguments, message, tmp_path, capsys):
    assert evaluate("dlc-bench", *arguments, "--out", tmp_path) == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error
