"""Random checkpoints have every file and key of the golden checkpoint, which the published code has loaded."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from conftest import GOLDEN
from random_checkpoint import RandomCheckpoint
from safetensors import safe_open
from safetensors.numpy import load_file
from small import SMALL, written

from onnx_export.core.sentencepiece import SentencePieceModel

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts" / "lib"))
import full_size_checkpoint

CHECKPOINT = GOLDEN / "checkpoint"
PARTS = ("llm", "vision_tower", "mm_projector", "context_provider")


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _kinds(value: Any) -> Any:
    """Keys and types of a value, ignoring dimensions."""
    if isinstance(value, dict):
        return {key: _kinds(it) for key, it in value.items()}
    return value if isinstance(value, str | bool) or value is None else type(value)


@pytest.mark.parametrize("file", [str(it.relative_to(CHECKPOINT)) for it in sorted(CHECKPOINT.rglob("*.json"))])
def test_configs_have_the_keys_of_the_golden_checkpoint(tmp_path: Path, file: str) -> None:
    if file.endswith("index.json"):
        pytest.skip("offsets of tensors depend on their sizes")
    expected, written_ = _kinds(_json(CHECKPOINT / file)), _kinds(_json(written(tmp_path) / file))
    assert written_ == expected


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_its_tensors(tmp_path: Path, part: str) -> None:
    def names(folder: Path) -> set[str]:
        tensors = (name for file in folder.glob("*.safetensors") for name in load_file(file))
        return {re.sub(r"layers\.\d+\.", "layers.N.", it) if part != "mm_projector" else it for it in tensors}

    assert names(written(tmp_path) / part) == names(CHECKPOINT / part)


def test_the_full_size_is_the_published_one() -> None:
    """The number of parameters in the published files."""
    specs = full_size_checkpoint.FullSizeCheckpoint().specs
    count = sum(
        full_size_checkpoint.np.prod(shape, dtype=int) for part in specs.values() for shape, _, _ in part.values()
    )
    assert count == 3_559_843_942


def test_full_size_files_equal_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files, tensors and metadata, although they are not held in memory."""
    monkeypatch.setattr(full_size_checkpoint, "PUBLISHED", SMALL)
    monkeypatch.setattr(full_size_checkpoint, "SHARD_BYTES", 40_000)
    monkeypatch.setattr(full_size_checkpoint, "write_tokenizer", lambda file, pieces: file.touch())
    full_size_checkpoint.FullSizeCheckpoint().write(tmp_path / "full")
    RandomCheckpoint(SMALL).write(tmp_path / "small")
    assert len(list((tmp_path / "full" / "llm").glob("*.safetensors"))) > 2
    for part in PARTS:
        shapes: dict[str, tuple[int, ...]] = {}
        for file in (tmp_path / "full" / part).glob("*.safetensors"):
            with safe_open(str(file), "np") as opened:
                assert opened.metadata() == {"format": "pt"}
            shapes |= {name: value.shape for name, value in load_file(file).items()}
        small = load_file(tmp_path / "small" / part / "model.safetensors")
        assert shapes == {name: value.shape for name, value in small.items()}
    index = _json(tmp_path / "full" / "llm" / "model.safetensors.index.json")
    assert index["metadata"]["total_size"] == 2 * sum(
        it.size for it in load_file(tmp_path / "small/llm/model.safetensors").values()
    )


def test_the_tokenizer_has_a_piece_for_every_embedding_and_the_published_ties(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.model"
    full_size_checkpoint.write_tokenizer(file, 32_000)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    assert processor.get_piece_size() == 32_000
    assert sum(processor.get_score(i) == -1e9 for i in range(32_000)) == 16
    SentencePieceModel(file).write(tmp_path / "tokenizer.json")
