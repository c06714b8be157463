"""Weights on disk: which files are read, and errors in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_checkpoint import RandomCheckpoint
from safetensors.numpy import load_file, save_file
from small import SMALL, request, written

from onnx_export import ExportError
from onnx_export.core.precision import Precision
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.export import export


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    checkpoint = written(tmp_path, lambda random: random.parts["llm"].pop(name))
    with pytest.raises(ExportError, match=name):
        export(request(checkpoint, tmp_path / "out"))
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob("out.part*"))


def test_a_misshaped_tensor_is_named_with_both_shapes(tmp_path: Path) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.parts["mm_projector"]["layers.4.weight"] = np.zeros((3, 5), np.float32)

    with pytest.raises(ExportError, match=r"layers\.4\.weight has shape \[3, 5\], expected \[64, 64\]"):
        export(request(written(tmp_path, change), tmp_path / "out"))


def test_a_tensor_with_nan_is_named(tmp_path: Path) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.parts["llm"]["model.norm.weight"][3] = np.nan

    with pytest.raises(ExportError, match=r"model\.norm\.weight contains NaN"):
        export(request(written(tmp_path, change), tmp_path / "out"))


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.bool_])
def test_a_tensor_of_another_type_is_named_with_its_type(tmp_path: Path, kind: Any) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    file = tmp_path / "checkpoint" / "llm" / "model.safetensors"
    tensors = load_file(file)
    name = "model.layers.0.mlp.up_proj.weight"
    save_file(tensors | {name: np.ones(tensors[name].shape, kind)}, file)
    with pytest.raises(ExportError, match=r"up_proj\.weight is of (I8|I32|BOOL), only"):
        export(request(tmp_path / "checkpoint", tmp_path / "out"))


@pytest.mark.parametrize("content", ["{oops", "", "[]", "{}", '{"weight_map": null}', '{"weight_map": {"a": null}}'])
def test_a_damaged_index_of_shards_is_named_at_once(tmp_path: Path, content: str) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    llm = tmp_path / "checkpoint" / "llm"
    for file in llm.glob("*.safetensors"):
        file.rename(llm / "shard.safetensors")
    (llm / "model.safetensors.index.json").write_text(content, "utf-8")
    with pytest.raises(ExportError, match=r"llm.*index\.json"):
        Checkpoint(tmp_path / "checkpoint")


@pytest.mark.parametrize("name", ["vision_tower/model.safetensors", "llm/tokenizer.model"])
def test_a_git_lfs_pointer_is_reported_as_such(tmp_path: Path, name: str) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (tmp_path / "checkpoint" / name).write_text(pointer, "utf-8")
    with pytest.raises(ExportError, match=f"{name} is a Git LFS pointer"):
        export(request(tmp_path / "checkpoint", tmp_path / "out"))
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoint"]


def test_a_single_file_wins_over_an_index(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    llm = tmp_path / "checkpoint" / "llm"
    (llm / "model.safetensors.index.json").write_text('{"weight_map": {"model.norm.weight": "gone"}}', "utf-8")
    assert (llm / "model.safetensors").exists()
    with Checkpoint(tmp_path / "checkpoint") as checkpoint:
        assert checkpoint.tensor("llm", "model.norm.weight", (SMALL.hidden,)).shape == (SMALL.hidden,)


def test_a_weight_beyond_float16_is_refused(tmp_path: Path) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.parts["llm"]["model.embed_tokens.weight"][300, :] = 1e5

    checkpoint = written(tmp_path, change)
    for precision in (Precision.FP16, Precision.INT8):
        with pytest.raises(ExportError, match=r"9\.984e\+04, beyond float16"):
            export(request(checkpoint, tmp_path / "out", precision=precision, accept_loss=True))
    export(request(checkpoint, tmp_path / "out"))


def test_tensors_that_the_published_code_ignores_change_nothing(tmp_path: Path) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.parts["context_provider"]["context_provider_module.crop_position_embedding"] = np.ones(3, np.float32)
        random.parts["llm"]["model.layers.0.self_attn.rotary_emb.inv_freq"] = np.ones(8, np.float32)
        random.parts["vision_tower"]["vision_model.head.probe"] = np.ones((1, 1, 48), np.float32)

    findings = export(request(written(tmp_path, change), tmp_path / "out"))
    assert findings == export(request(written(tmp_path / "plain"), tmp_path / "plain" / "out"))


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_weights_may_have_any_float_type(tmp_path: Path, kind: Any) -> None:
    checkpoint = written(tmp_path)
    for file in checkpoint.rglob("*.safetensors"):
        save_file({name: value.astype(kind) for name, value in load_file(file).items()}, file)
    with Checkpoint(checkpoint) as opened:
        norm = opened.tensor("llm", "model.norm.weight", (SMALL.hidden,))
    with Checkpoint(written(tmp_path / "plain")) as plain:
        assert np.array_equal(norm, plain.tensor("llm", "model.norm.weight", (SMALL.hidden,)))


def test_shards_give_the_same_bundle_as_one_file(tmp_path: Path) -> None:
    checkpoint = written(tmp_path)
    expected = export(request(checkpoint, tmp_path / "out"))
    llm = checkpoint / "llm"
    tensors = list(load_file(llm / "model.safetensors").items())
    (llm / "model.safetensors").unlink()
    where: dict[str, str] = {}
    for i in range(3):
        save_file(dict(tensors[i::3]), llm / f"model-{i}.safetensors")
        where |= {name: f"model-{i}.safetensors" for name, _ in tensors[i::3]}
    (llm / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}), "utf-8")
    assert export(request(checkpoint, tmp_path / "sharded")) == expected


def test_pickled_weights_are_refused_with_a_hint(tmp_path: Path) -> None:
    checkpoint = written(tmp_path)
    (checkpoint / "llm" / "model.safetensors").rename(checkpoint / "llm" / "pytorch_model.bin")
    with pytest.raises(ExportError, match=r"llm has its weights in pickle files .* convert them to safetensors"):
        Checkpoint(checkpoint)
