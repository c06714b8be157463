"""int8 and int4: measured errors, choice of precision, refusals."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from random_checkpoint import RandomCheckpoint
from random_pam import KINDS, RandomPam
from small import SMALL, request

from onnx_export import ExportError
from onnx_export.cli import main
from onnx_export.core.per_token import PerTokenChoice
from onnx_export.core.precision import Activations, Blocks, Device, Precision, quantise
from onnx_export.dam.export import export
from onnx_export.pam import export as pam
from onnx_export.pam.request import Request as PamRequest


def _unpacked(blocks: Blocks, inputs: int) -> np.ndarray[Any, Any]:
    packed = blocks.packed.astype(np.int64)
    if blocks.bits == 4:
        packed = np.stack([packed & 15, packed >> 4], -1).reshape(*packed.shape[:2], -1)
    levels = packed - (1 << (blocks.bits - 1))
    return (levels * blocks.scales[..., None]).reshape(packed.shape[0], -1)[:, :inputs]


@pytest.mark.parametrize(("bits", "worst"), [(8, 0.006), (4, 0.12)])
def test_quantised_weights_stay_close(bits: int, worst: float) -> None:
    weight = np.random.default_rng(1).normal(size=(96, 320)).astype(np.float32)
    error = _unpacked(quantise(weight, bits), 320) - weight
    assert np.sqrt(np.square(error).mean()) / weight.std() < worst


def _plant_outliers(tensors: dict[str, np.ndarray[Any, Any]]) -> None:
    """Makes a few channels of a decoder's norms far larger than the rest, as in trained transformers."""
    for name, value in tensors.items():
        if name.endswith("layernorm.weight"):
            value[:3] *= 80
        elif name.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight", "gate_proj.weight", "up_proj.weight")):
            value[:, :3] /= 80


def _with_outliers(seed: int) -> RandomCheckpoint:
    random = RandomCheckpoint(replace(SMALL, layers=2), seed=seed)
    _plant_outliers(random.parts["llm"])
    return random


class _PamWithOutliers(RandomPam):
    def _decoder_layer(self, number: int) -> None:
        super()._decoder_layer(number)
        _plant_outliers(self._tensors)


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.INT4])
def test_outliers_are_measured_and_a_lossy_bundle_is_refused(tmp_path: Path, precision: Precision) -> None:
    _with_outliers(5).write(tmp_path / "checkpoint")
    RandomCheckpoint(replace(SMALL, layers=2), seed=5).write(tmp_path / "plain")
    said: list[str] = []
    with pytest.raises(
        ExportError, match=r"exceeds its error bounds: the error of logits is .* --accept-loss keeps it"
    ):
        export(request(tmp_path / "checkpoint", tmp_path / "refused", precision=precision), say=said.append)
    assert not (tmp_path / "refused").exists()
    assert any("of logits" in it and "greedy choices agree" in it for it in said), said

    kept = export(request(tmp_path / "checkpoint", tmp_path / "kept", precision=precision, accept_loss=True))
    plain = export(request(tmp_path / "plain", tmp_path / "good", precision=precision))
    assert kept.logits_error > 2 * plain.logits_error, "without outliers the same precision is kept"
    found = json.loads((tmp_path / "kept" / "manifest.json").read_text("utf-8"))["check"]
    assert found["logits_error"] == kept.logits_error > found["bounds"]["logits"]
    assert found["accepted_loss"] and "the error of logits" in found["accepted_loss"][0]
    assert json.loads((tmp_path / "good" / "manifest.json").read_text("utf-8"))["check"]["accepted_loss"] == []


def test_auto_takes_the_smallest_precision_that_is_safe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _with_outliers(5).write(tmp_path / "outliers")
    RandomCheckpoint(replace(SMALL, layers=2), seed=5).write(tmp_path / "plain")
    for checkpoint, expected, more in (
        ("plain", "int8", []),
        ("outliers", "fp16", []),
        ("outliers", "fp16", ["--accept-loss"]),
    ):
        out = tmp_path / f"out-{checkpoint}{len(more)}"
        assert main([str(tmp_path / checkpoint), str(out), "--precision", "auto", "--joint", *more]) == 0
        assert json.loads((out / "manifest.json").read_text("utf-8"))["precision"] == expected
    assert "trying fp16" in capsys.readouterr().out


def test_vision_falls_back_to_per_block_if_its_error_is_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerTokenChoice, "chosen", lambda self: frozenset(self._worst))
    random = RandomCheckpoint(replace(SMALL, vision_hidden=768, vision_heads=3), seed=3)
    random.parts["vision_tower"]["vision_model.embeddings.position_embedding.weight"][::5, 3] = 150
    random.write(tmp_path / "checkpoint")
    said: list[str] = []
    asked_for = request(tmp_path / "checkpoint", tmp_path / "out", precision=Precision.INT8, accept_loss=True)
    export(asked_for, say=said.append)
    assert any("writing vision again per block" in it for it in said), said
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["graphs"]["vision"]["per_token"] == 0 < manifest["graphs"]["vision"]["products"]
    assert b"MatMulIntegerToFloat" not in (tmp_path / "out" / "vision.onnx").read_bytes()


def _per_token(bundle: Path) -> tuple[int, int | None]:
    """The number of per-token products in the decoder's graph and in the manifest."""
    nodes = onnx.load(bundle / "decoder.onnx", load_external_data=False).graph.node
    count = sum(it.op_type == "MatMulIntegerToFloat" for it in nodes)
    return count, json.loads((bundle / "manifest.json").read_text("utf-8"))["graphs"]["decoder"].get("per_token")


@pytest.mark.parametrize(
    ("asked", "machine", "expected"),
    [
        ("auto", "x86_64", True),
        ("auto", "AMD64", True),
        ("auto", "aarch64", False),
        ("per-token", "aarch64", True),
        ("per-block", "x86_64", False),
    ],
)
def test_decoders_are_per_token_if_faster_or_requested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, machine: str, expected: bool
) -> None:
    RandomCheckpoint(replace(SMALL, hidden=96, intermediate=1024), seed=5).write(tmp_path / "checkpoint")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "int8", "--accept-loss"]
    assert main([*arguments, "--decoder-activations", asked]) == 0
    # q, k and v are one product in the graph, and so are gate and up; the input of down has outliers.
    assert _per_token(tmp_path / "out") == ((3, 6) if expected else (0, None))


@pytest.mark.parametrize(
    ("asked", "machine", "expected"),
    [
        ("auto", "x86_64", True),
        ("auto", "aarch64", False),
        ("per-token", "aarch64", True),
        ("per-block", "x86_64", False),
    ],
)
def test_perceive_anythings_decoder_is_per_token_if_faster_or_requested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, machine: str, expected: bool
) -> None:
    RandomPam(KINDS["other"]).write(tmp_path / "checkpoint")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "int8"]
    assert main([*arguments, "--decoder-activations", asked]) == 0
    assert _per_token(tmp_path / "out") == ((6, 12) if expected else (0, None))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["graphs"]["decoder"].get("products") == (14 if expected else None)
    assert manifest["check"]["accepted_loss"] == []


@pytest.mark.parametrize("asked", list(Activations))
def test_a_decoder_falls_back_to_per_block_if_its_error_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Activations
) -> None:
    """Unless per-token is requested."""
    monkeypatch.setattr(PerTokenChoice, "chosen", lambda self: frozenset(self._worst))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    _with_outliers(5).write(tmp_path / "checkpoint")
    out, said = tmp_path / "out", list[str]()
    asked_for = request(tmp_path / "checkpoint", out, precision=Precision.INT8, accept_loss=True, activations=asked)
    export(asked_for, say=said.append)
    assert any("writing the decoder again per block" in it for it in said) == (asked is Activations.AUTO), said
    assert _per_token(out) == {"auto": (0, 0), "per-block": (0, None), "per-token": (8, 14)}[asked.value]


@pytest.mark.parametrize("asked", list(Activations))
def test_perceive_anythings_decoder_falls_back_to_per_block_if_its_error_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Activations
) -> None:
    monkeypatch.setattr(PerTokenChoice, "chosen", lambda self: frozenset(self._worst))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    checkpoint = _PamWithOutliers(KINDS["other"]).write(tmp_path / "checkpoint") / "PAM"
    out, said = tmp_path / "out", list[str]()
    int8, cpu = Precision.INT8, Device.CPU
    pam.export(PamRequest(checkpoint, out, "tiny", int8, cpu, "tiny", None, True, activations=asked), say=said.append)
    assert any("writing the decoder again per block" in it for it in said) == (asked is Activations.AUTO), said
    assert _per_token(out) == {"auto": (0, 0), "per-block": (0, None), "per-token": (8, 14)}[asked.value]


def test_decoder_products_with_outliers_stay_per_block(tmp_path: Path) -> None:
    random = RandomCheckpoint(replace(SMALL, hidden=512), seed=5)
    norm = random.parts["llm"]["model.layers.0.input_layernorm.weight"]
    norm[:3] *= 80
    random.write(tmp_path / "checkpoint")
    out = tmp_path / "out"
    asked_for = request(tmp_path / "checkpoint", out, precision=Precision.INT8, accept_loss=True)
    export(replace(asked_for, activations=Activations.PER_TOKEN))
    assert _per_token(out) == (3, 4)
