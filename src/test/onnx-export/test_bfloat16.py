"""Precisions of CUDA, and weights beyond float16."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from random_checkpoint import RandomCheckpoint
from small import SMALL, request, written

from onnx_export.cli import main
from onnx_export.core import widening
from onnx_export.core.precision import Device, Precision
from onnx_export.dam import runner
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.export import export


def test_float32_is_refused_for_cuda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--device", "cuda"]
    assert main([*arguments, "--precision", "fp32"]) == 1
    assert "--precision fp32 is for the CPU" in capsys.readouterr().err
    assert main(arguments) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["precision"] == "fp16"


def _shape(manifest: dict[str, Any]) -> tuple[int, int]:
    return manifest["decoder"]["vocab_size"], manifest["decoder"]["hidden_size"]


def test_bfloat16_keeps_the_checkpoints_bits(golden_checkpoint: Path, tmp_path: Path) -> None:
    errors = {}
    for precision in (Precision.FP16, Precision.BF16):
        out = tmp_path / precision.value
        errors[precision] = export(request(golden_checkpoint, out, precision=precision, device=Device.CUDA))
    manifest = json.loads((tmp_path / "bf16" / "manifest.json").read_text("utf-8"))
    assert manifest["decoder"]["dtype"] == manifest["decoder"]["embedding_dtype"] == "bfloat16"
    with Checkpoint(golden_checkpoint) as checkpoint:
        table = checkpoint.tensor("llm", "model.embed_tokens.weight", _shape(manifest))
    stored = np.fromfile(tmp_path / "bf16" / "embed_tokens.bin", "<u2")
    assert np.array_equal((stored.astype(np.uint32) << 16).view(np.float32), table.ravel())
    # Three bits fewer than float16: about eight times its error.
    assert 4 < errors[Precision.BF16].logits_error / errors[Precision.FP16].logits_error < 20
    assert errors[Precision.BF16].embeds_error == errors[Precision.FP16].embeds_error


def test_a_bfloat16_graph_only_lacks_kernels_on_the_cpu(golden_checkpoint: Path, tmp_path: Path) -> None:
    export(request(golden_checkpoint, tmp_path / "out", precision=Precision.BF16, device=Device.CUDA))
    with pytest.raises(Exception, match=r"NOT_IMPLEMENTED.*Could not find an implementation"):
        runner.session(tmp_path / "out" / "decoder.onnx")


def test_the_widened_graph_rounds_every_value(golden_checkpoint: Path, tmp_path: Path) -> None:
    export(request(golden_checkpoint, tmp_path / "out", precision=Precision.BF16, device=Device.CUDA))
    folder, shape = tmp_path / "out", json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["decoder"]
    model = onnx.load_from_string(widening.widened(folder / "decoder.onnx"))
    onnx.load_external_data_for_model(model, str(folder))
    kept = [it.output[0] for it in model.graph.node if it.output[0].startswith(("attended.", "MatMul_", "sum_"))]
    kept = [it for it in kept if not it.endswith((".exact", ".narrow"))]
    model.graph.output.extend(onnx.helper.make_tensor_value_info(it, onnx.TensorProto.FLOAT, None) for it in kept)
    cache = np.zeros((1, shape["kv_heads"], 8, shape["head_dim"]), np.float32)
    feeds = {f"past_{kind}.{i}": cache for kind in ("key", "value") for i in range(shape["layers"])}
    embeds = np.random.default_rng(3).normal(size=(1, 5, shape["hidden_size"])).astype(np.float32)
    feeds |= {
        "inputs_embeds": embeds,
        "seqlens_k": np.array([4], np.int32),
        "total_sequence_length": np.array(8, np.int32),
    }
    values = onnxruntime.InferenceSession(model.SerializeToString()).run(kept, feeds)
    assert len(values) >= 5 * shape["layers"]
    for value in values:
        assert not (value.view(np.uint32) & 0xFFFF).any() and value.any()


def test_bfloat16_is_refused_for_the_cpu(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "bf16"]) == 1
    assert "--precision bf16 needs --device cuda" in capsys.readouterr().err


@pytest.mark.parametrize(("device", "precision"), [("cpu", "fp32"), ("cuda", "bf16")])
def test_auto_skips_float16_if_a_weight_is_out_of_range(tmp_path: Path, device: str, precision: str) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.parts["llm"]["model.embed_tokens.weight"][300, :] = 1e5

    arguments = [str(written(tmp_path, change)), str(tmp_path / "out"), "--device", device, "--precision", "auto"]
    assert main(arguments) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["precision"] == precision
