"""Other dimensions, broken checkpoints, quantisation, and what is refused."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from random_checkpoint import Dimensions, RandomCheckpoint
from safetensors.numpy import load_file, save_file

from dam_export import ExportError, check, pairs, pixels, runner, widening
from dam_export.bundle import Request, export
from dam_export.checkpoint import Checkpoint
from dam_export.cli import main
from dam_export.config import load_config
from dam_export.graph import GraphWriter
from dam_export.precision import Activations, Blocks, Device, Precision, quantise
from dam_export.rows import RowChoice


def _request(checkpoint: Path, out: Path, **changes: Any) -> Request:
    request = Request(checkpoint, out, "tiny", True, Precision.FP32, Device.CPU, "tiny", None)
    return replace(request, **changes)


SMALL = Dimensions(image=48, vision_layers=2, layers=1)


@pytest.mark.parametrize(
    "dims",
    [SMALL, replace(SMALL, image=56, select=-1, tied=True), replace(SMALL, kv_heads=4, head_dim=32, hidden=96)],
)
def test_any_dimensions_export_and_agree(tmp_path: Path, dims: Dimensions) -> None:
    RandomCheckpoint(dims, seed=3).write(tmp_path / "checkpoint")
    findings = export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    assert findings.embeds_error < 1e-5
    assert findings.logits_error < 1e-5
    assert findings.agreement == 1
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["image"]["tokens"] == ((dims.image // dims.patch + 1) // 2) ** 2
    assert set(manifest["files"]) == {it.name for it in (tmp_path / "out").iterdir()} - {"manifest.json"}


def test_half_precision_for_cuda_agrees(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL, seed=4).write(tmp_path / "checkpoint")
    findings = export(_request(tmp_path / "checkpoint", tmp_path / "out", precision=Precision.FP16, device=Device.CUDA))
    assert findings.embeds_error < 2e-2


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("llm", "hidden_act", "gelu"),
        ("llm", "attention_bias", True),
        ("llm", "rope_scaling", {"rope_type": "llama3", "factor": 8.0}),
        ("llm", "rope_scaling", {"factor": 2.0}),
        ("llm", "rope_scaling", ["linear", 2]),
        ("llm", "rope_parameters", {"rope_type": "llama3", "factor": 8.0}),
        ("llm", "rope_theta", "x"),
        ("llm", "rope_theta", 10**400),
        ("llm", "max_position_embeddings", 10**9),
        ("llm", "rms_norm_eps", -1),
        ("llm", "bos_token_id", 99999),
        ("llm", "eos_token_id", -1),
        ("llm", "tie_word_embeddings", "false"),
        ("llm", "tie_word_embeddings", 1),
        ("llm", "head_dim", 0),
        ("llm", "partial_rotary_factor", 0.5),
        ("llm", "sliding_window", 512),
        ("llm", "logits_scaling", 8.0),
        ("llm", "residual_multiplier", 0.22),
        ("llm", "embedding_multiplier", 12),
        ("llm", "attention_multiplier", 0.0078125),
        ("llm", "num_hidden_layers", 0),
        ("llm", "num_attention_heads", 0),
        ("llm", "quantization_config", {"bits": 8}),
        ("vision_tower", "patch_size", 0),
        ("context_provider", "num_attention_heads", 0),
        ("context_provider", "image_size", 56),
        ("context_provider", "patch_size", 16),
        ("context_provider", "zero_init_output", False),
        ("vision_tower", "hidden_act", "quick_gelu"),
        ("vision_tower", "num_mask_channels", 0),
        ("context_provider", "context_provider_type", "concat"),
        ("context_provider", "masked_cross_attn", True),
        ("context_provider", "treat_image_as_cimage", True),
        ("context_provider", "crop_embedding_mode", "concat"),
        ("mm_projector", "mm_projector_type", "linear"),
        ("root", "image_aspect_ratio", "pad"),
        ("root", "llm_cfg", "elsewhere/llm"),
        ("root", "mm_vision_select_feature", "patch"),
    ],
)
def test_an_unsupported_value_is_refused_by_key_and_value(
    tmp_path: Path, part: str, key: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs[part][key] = value
    random.write(tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert key in message and repr(value) in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("generation_config.json", "eos_token_id", []),
        ("generation_config.json", "eos_token_id", 99999),
        ("generation_config.json", "bos_token_id", 3),
        ("generation_config.json", "pad_token_id", 3),
        ("tokenizer_config.json", "add_bos_token", False),
        ("tokenizer_config.json", "add_eos_token", True),
        ("tokenizer_config.json", "add_prefix_space", False),
        ("tokenizer_config.json", "added_tokens_decoder", ["<pad>"]),
    ],
)
def test_an_unsupported_value_beside_the_config_is_refused(tmp_path: Path, file: str, key: str, value: object) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "llm" / file).write_text(json.dumps({key: value}), "utf-8")
    with pytest.raises(ExportError, match=re.escape(f"llm/{file}: {key} = {value!r} is not")):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))


@pytest.mark.parametrize(
    ("generation", "ends"),
    [({"eos_token_id": [2, 7], "bos_token_id": 1, "pad_token_id": 0}, (2, 7)), ({"eos_token_id": None}, (2,))],
)
def test_answers_end_where_generate_ends_them(tmp_path: Path, generation: object, ends: tuple[int, ...]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "llm" / "generation_config.json").write_text(json.dumps(generation), "utf-8")
    assert load_config(tmp_path / "checkpoint").decoder.eos == ends


def test_values_that_change_nothing_are_accepted(tmp_path: Path) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs["llm"] |= {"partial_rotary_factor": 1.0, "sliding_window": 512, "use_sliding_window": False}
    random.configs["llm"] |= {"logits_scaling": 1, "residual_multiplier": None, "tie_word_embeddings": None}
    random.configs["llm"] |= {"attention_bias": None, "mlp_bias": None}
    del random.configs["root"]["mm_vision_select_feature"]
    random.write(tmp_path / "checkpoint")
    file = tmp_path / "checkpoint" / "config.json"
    file.write_text("\ufeff" + file.read_text("utf-8"), "utf-8")
    assert not load_config(tmp_path / "checkpoint").decoder.tied


def _written(tmp_path: Path, change: Any) -> Path:
    random = RandomCheckpoint(SMALL)
    change(random.parts)
    random.write(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    checkpoint = _written(tmp_path, lambda parts: parts["llm"].pop(name))
    with pytest.raises(ExportError, match=name):
        export(_request(checkpoint, tmp_path / "out"))
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob("out.part*"))


def test_a_tensor_that_the_context_provider_does_not_know_is_named(tmp_path: Path) -> None:
    name = "context_provider_module.crop_position_embedding"
    checkpoint = _written(tmp_path, lambda parts: parts["context_provider"].update({name: np.zeros(3, np.float32)}))
    with pytest.raises(ExportError, match=f"context_provider: tensor {name} is not supported"):
        export(_request(checkpoint, tmp_path / "out"))


def test_a_misshaped_tensor_is_named_with_both_shapes(tmp_path: Path) -> None:
    def change(parts: Any) -> None:
        parts["mm_projector"]["layers.4.weight"] = np.zeros((3, 5), np.float32)

    with pytest.raises(ExportError, match=r"layers\.4\.weight has shape \[3, 5\], expected \[64, 64\]"):
        export(_request(_written(tmp_path, change), tmp_path / "out"))


def test_a_tensor_with_nan_is_named(tmp_path: Path) -> None:
    def change(parts: Any) -> None:
        parts["llm"]["model.norm.weight"][3] = np.nan

    with pytest.raises(ExportError, match=r"model\.norm\.weight holds NaN"):
        export(_request(_written(tmp_path, change), tmp_path / "out"))


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.bool_])
def test_a_tensor_that_holds_no_reals_is_named_with_its_kind(tmp_path: Path, kind: Any) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    file = tmp_path / "checkpoint" / "llm" / "model.safetensors"
    tensors = load_file(file)
    name = "model.layers.0.mlp.up_proj.weight"
    save_file(tensors | {name: np.ones(tensors[name].shape, kind)}, file)
    with pytest.raises(ExportError, match=r"up_proj\.weight is of (I8|I32|BOOL), only"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))


def test_two_bases_of_the_rotary_embedding_are_refused(tmp_path: Path) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs["llm"] |= {"rope_theta": 10000.0, "rope_parameters": {"rope_type": "default", "rope_theta": 5e5}}
    random.write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match=r"rope_theta = 10000\.0 and 500000\.0"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))


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
def test_a_pointer_of_git_lfs_is_called_what_it_is(tmp_path: Path, name: str) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (tmp_path / "checkpoint" / name).write_text(pointer, "utf-8")
    with pytest.raises(ExportError, match=f"{name} is a pointer of Git LFS"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoint"]


def test_a_config_that_is_nested_without_end_is_named(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "llm" / "config.json").write_text("[" * 200_000, "utf-8")
    with pytest.raises(ExportError, match=r"llm/config\.json is nested too deeply"):
        load_config(tmp_path / "checkpoint")


def test_a_snapshot_in_the_hubs_cache_has_its_repositorys_name(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--nvidia--DAM-3B" / "snapshots" / "0123abcd"
    RandomCheckpoint(SMALL).write(snapshot)
    assert main([str(snapshot), str(tmp_path / "out")]) == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["name"] == "DAM-3B"
    assert manifest["source"].items() >= {"name": "nvidia/DAM-3B", "revision": "0123abcd"}.items()


def test_of_a_file_and_an_index_the_file_counts(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    llm = tmp_path / "checkpoint" / "llm"
    (llm / "model.safetensors.index.json").write_text('{"weight_map": {"model.norm.weight": "gone"}}', "utf-8")
    assert (llm / "model.safetensors").exists()
    with Checkpoint(tmp_path / "checkpoint") as checkpoint:
        assert checkpoint.tensor("llm", "model.norm.weight", (SMALL.hidden,)).shape == (SMALL.hidden,)


def test_a_weight_beyond_float16_needs_float32(tmp_path: Path) -> None:
    def change(parts: Any) -> None:
        parts["llm"]["model.embed_tokens.weight"][399, :] = 1e5

    checkpoint = _written(tmp_path, change)
    for precision in (Precision.FP16, Precision.INT8):
        with pytest.raises(ExportError, match=r"9\.984e\+04, beyond float16"):
            export(_request(checkpoint, tmp_path / "out", precision=precision, accept_loss=True))
    export(_request(checkpoint, tmp_path / "out"))


@pytest.mark.parametrize("image", [28, 42])
def test_small_pictures_export_too(tmp_path: Path, image: int) -> None:
    RandomCheckpoint(replace(SMALL, image=image, patch=14), seed=7).write(tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "auto"]) == 0


def test_an_empty_folder_is_filled_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "here").mkdir()
    inode = (tmp_path / "real").stat().st_ino
    monkeypatch.chdir(tmp_path / "here")
    for out, where in ((tmp_path / "link", "real"), (Path("."), "here")):
        export(_request(tmp_path / "checkpoint", out))
        manifest = json.loads((tmp_path / where / "manifest.json").read_text("utf-8"))
        assert set(manifest["files"]) == {it.name for it in (tmp_path / where).iterdir()} - {"manifest.json"}
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").stat().st_ino == inode


def test_what_the_system_refuses_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "file" / "out")]) == 1
    for name in ("./missing", "missing/", "a/b/c"):
        assert main([name, str(tmp_path / "out")]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 4 and all(it.startswith("error: ") for it in lines)


def test_float32_is_no_precision_for_cuda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--device", "cuda"]
    assert main([*arguments, "--precision", "fp32"]) == 1
    assert "--precision fp32 is for the CPU" in capsys.readouterr().err
    assert main(arguments) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["precision"] == "fp16"


def _shape(manifest: dict[str, Any]) -> tuple[int, int]:
    return manifest["decoder"]["vocab_size"], manifest["decoder"]["hidden_size"]


def test_bfloat16_keeps_the_checkpoints_bits_and_is_checked_rounded(golden_checkpoint: Path, tmp_path: Path) -> None:
    errors = {}
    for precision in (Precision.FP16, Precision.BF16):
        out = tmp_path / precision.value
        errors[precision] = export(_request(golden_checkpoint, out, precision=precision, device=Device.CUDA))
    manifest = json.loads((tmp_path / "bf16" / "manifest.json").read_text("utf-8"))
    assert manifest["decoder"]["dtype"] == manifest["decoder"]["embedding_dtype"] == "bfloat16"
    with Checkpoint(golden_checkpoint) as checkpoint:
        table = checkpoint.tensor("llm", "model.embed_tokens.weight", _shape(manifest))
    stored = np.fromfile(tmp_path / "bf16" / "embed_tokens.bin", "<u2")
    assert np.array_equal((stored.astype(np.uint32) << 16).view(np.float32), table.ravel())
    # Three bits fewer than float16 has: eight times its error, give or take.
    assert 4 < errors[Precision.BF16].logits_error / errors[Precision.FP16].logits_error < 20
    assert errors[Precision.BF16].embeds_error == errors[Precision.FP16].embeds_error


def test_a_bfloat16_graph_lacks_nothing_but_kernels_on_the_cpu(golden_checkpoint: Path, tmp_path: Path) -> None:
    export(_request(golden_checkpoint, tmp_path / "out", precision=Precision.BF16, device=Device.CUDA))
    with pytest.raises(Exception, match=r"NOT_IMPLEMENTED.*Could not find an implementation"):
        runner.session(tmp_path / "out" / "decoder.onnx")


def test_what_runs_in_place_of_bfloat16_rounds_every_value(golden_checkpoint: Path, tmp_path: Path) -> None:
    export(_request(golden_checkpoint, tmp_path / "out", precision=Precision.BF16, device=Device.CUDA))
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


def test_bfloat16_is_no_precision_for_the_cpu(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "bf16"]) == 1
    assert "--precision bf16 needs --device cuda" in capsys.readouterr().err


@pytest.mark.parametrize(("device", "precision"), [("cpu", "fp32"), ("cuda", "bf16")])
def test_auto_takes_what_holds_a_weight_beyond_float16(tmp_path: Path, device: str, precision: str) -> None:
    def change(parts: Any) -> None:
        parts["llm"]["model.embed_tokens.weight"][399, :] = 1e5

    arguments = [str(_written(tmp_path, change)), str(tmp_path / "out"), "--device", device, "--precision", "auto"]
    assert main(arguments) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["precision"] == precision


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match="not empty"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    assert (tmp_path / "out" / "mine").read_text() == "keep"


# ---- quantisation


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


def _with_outliers(seed: int) -> RandomCheckpoint:
    """A few channels of the decoder's norms are far larger than the rest, as in trained transformers."""
    random = RandomCheckpoint(replace(SMALL, layers=2), seed=seed)
    for name, value in random.parts["llm"].items():
        if name.endswith("layernorm.weight"):
            value[:3] *= 80
        elif name.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight", "gate_proj.weight", "up_proj.weight")):
            value[:, :3] /= 80
    return random


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.INT4])
def test_outlying_activations_are_measured_and_a_lossy_bundle_is_refused(tmp_path: Path, precision: Precision) -> None:
    _with_outliers(5).write(tmp_path / "checkpoint")
    RandomCheckpoint(replace(SMALL, layers=2), seed=5).write(tmp_path / "plain")
    said: list[str] = []
    with pytest.raises(ExportError, match=r"not good enough: logits err by .* --accept-loss keeps it"):
        export(_request(tmp_path / "checkpoint", tmp_path / "refused", precision=precision), say=said.append)
    assert not (tmp_path / "refused").exists()
    assert any("logits by" in it and "greedy choices agree" in it for it in said), said

    kept = export(_request(tmp_path / "checkpoint", tmp_path / "kept", precision=precision, accept_loss=True))
    plain = export(_request(tmp_path / "plain", tmp_path / "good", precision=precision))
    assert kept.logits_error > 2 * plain.logits_error, "without outliers the same precision is kept"
    found = json.loads((tmp_path / "kept" / "manifest.json").read_text("utf-8"))["check"]
    assert found["logits_error"] == kept.logits_error > found["bounds"]["logits"]
    assert found["accepted_loss"] and "logits err" in found["accepted_loss"][0]
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


def test_the_least_mistake_there_is_is_refused_by_the_exporter_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GELU by tanh and GELU by erf differ by 5e-4 at most; no other mistake that the model invites is as small."""
    node = GraphWriter.node

    def swapped(self: GraphWriter, op: str, *inputs: str, **attributes: Any) -> Any:
        if op == "Gelu":
            attributes["approximate"] = "none" if attributes["approximate"] == "tanh" else "tanh"
        return node(self, op, *inputs, **attributes)

    monkeypatch.setattr(GraphWriter, "node", swapped)
    RandomCheckpoint(SMALL, seed=3).write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match="not good enough: image embeddings err"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("head_dim", 24, r"head_dim = 24 is not supported"),
        ("eos_token_id", None, r"eos_token_id = None is not supported"),
        ("max_position_embeddings", 60, r"max_position_embeddings = 60 leaves no room"),
    ],
)
def test_what_would_only_break_later_is_refused_by_key(tmp_path: Path, key: str, value: object, message: str) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs["llm"][key] = value
    random.write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match=message):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoint"]


def test_a_joint_bundle_needs_room_for_a_video(tmp_path: Path) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs["llm"]["max_position_embeddings"] = 150
    random.write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match=r"max_position_embeddings = 150 leaves no room for a video's prompt"):
        export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    export(_request(tmp_path / "checkpoint", tmp_path / "out", joint=False))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u2028b", "\x07", "\udc80"])
def test_a_name_that_is_no_line_of_text_is_refused_at_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["missing", "out", "--name", name]) == 1
    assert capsys.readouterr().err == f"error: --name = {name!r} is not supported, only one line of text\n"


@pytest.mark.parametrize("stop", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_stopped_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], stop: str
) -> None:
    number = getattr(signal, stop, None)
    if number is None:
        pytest.skip("no such signal here")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    monkeypatch.setattr("dam_export.bundle.write_decoder", lambda *_: signal.raise_signal(number))
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out")]
    kept = {it: signal.getsignal(it) for it in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", number))}
    try:
        if number == signal.SIGINT:
            # Shells have what they run in the background ignore it.
            signal.signal(number, signal.default_int_handler)
            assert main(arguments) == 130
            assert capfd.readouterr().err.splitlines()[-1] == "error: interrupted"
        else:
            signal.signal(number, signal.SIG_DFL)
            with pytest.raises(SystemExit, match=str(128 + number)):
                main(arguments)
    finally:
        for it, handler in kept.items():
            signal.signal(it, handler)
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoint"]


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "mine").write_text("keep")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    export(_request(tmp_path / "checkpoint", tmp_path / "out"))
    assert (tmp_path / "out.part" / "mine").read_text() == "keep"
    with pytest.raises(ExportError, match="is a file"):
        export(_request(tmp_path / "checkpoint", tmp_path / "checkpoint" / "config.json"))


@pytest.mark.parametrize("scale", [0.25, 1, 4])
def test_servers_excuse_what_the_exporter_accepted(tmp_path: Path, scale: float) -> None:
    """The golden answer ends where a server's own check would not forgive a difference, however large logits are."""
    random = RandomCheckpoint(replace(SMALL, layers=2, vocab=800), seed=3)
    random.parts["llm"]["lm_head.weight"] *= scale
    random.write(tmp_path / "checkpoint")
    out = tmp_path / "out"
    export(_request(tmp_path / "checkpoint", out, precision=Precision.INT4, accept_loss=True))
    golden, manifest = (json.loads((out / it).read_text("utf-8")) for it in ("golden.json", "manifest.json"))
    picture = pixels.built_in_picture(*check.PICTURES[0])
    embeds = runner.encode(out, runner.preprocess(out, picture))["image_embeds"][0]
    ids = runner.prompt_ids(out, manifest, golden["question"])
    answer, logits = runner.greedy(out, manifest, ids, embeds, len(golden["greedy_ids"]))
    left = [i for i, (a, b) in enumerate(zip(answer, golden["greedy_ids"], strict=True)) if a != b]
    if left:
        assert golden["greedy_margins"][left[0]] < golden["margin"]
        assert golden["greedy_ids"][left[0]] in np.argsort(-logits[left[0]])[:3]


def test_vision_is_written_in_blocks_if_rows_err_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RowChoice, "by_row", lambda self: frozenset(self._worst))
    random = RandomCheckpoint(replace(SMALL, vision_hidden=768, vision_heads=3), seed=3)
    random.parts["vision_tower"]["vision_model.embeddings.position_embedding.weight"][::5, 3] = 150
    random.write(tmp_path / "checkpoint")
    said: list[str] = []
    request = _request(tmp_path / "checkpoint", tmp_path / "out", precision=Precision.INT8, accept_loss=True)
    export(request, say=said.append)
    assert any("written again in blocks" in it for it in said), said
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["vision"]["by_row"] == 0 < manifest["vision"]["products"]
    assert b"MatMulIntegerToFloat" not in (tmp_path / "out" / "vision.onnx").read_bytes()


def _by_row(bundle: Path) -> tuple[int, int | None]:
    """How many products of the decoder's graph go by row, and what the manifest says of it."""
    nodes = onnx.load(bundle / "decoder.onnx", load_external_data=False).graph.node
    count = sum(it.op_type == "MatMulIntegerToFloat" for it in nodes)
    return count, json.loads((bundle / "manifest.json").read_text("utf-8"))["decoder"].get("by_row")


@pytest.mark.parametrize(
    ("asked", "cuts", "rows"),
    [("auto", True, True), ("auto", False, False), ("rows", False, True), ("blocks", True, False)],
)
def test_decoders_go_by_row_where_that_is_faster_or_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, cuts: bool, rows: bool
) -> None:
    RandomCheckpoint(replace(SMALL, hidden=96, intermediate=1024), seed=5).write(tmp_path / "checkpoint")
    monkeypatch.setattr(pairs, "saturates", lambda: cuts)
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "int8", "--accept-loss"]
    assert main([*arguments, "--decoder-activations", asked]) == 0
    # Of the seven q, k and v are one product in the graph, and so are gate and up; what comes into down has outliers.
    assert _by_row(tmp_path / "out") == ((3, 6) if rows else (0, None))


@pytest.mark.parametrize("asked", list(Activations))
def test_a_decoder_that_errs_too_much_by_row_is_written_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Activations
) -> None:
    """Unless rows were asked for by name."""
    monkeypatch.setattr(RowChoice, "by_row", lambda self: frozenset(self._worst))
    monkeypatch.setattr(pairs, "saturates", lambda: True)
    _with_outliers(5).write(tmp_path / "checkpoint")
    out, said = tmp_path / "out", list[str]()
    request = _request(tmp_path / "checkpoint", out, precision=Precision.INT8, accept_loss=True, activations=asked)
    export(request, say=said.append)
    assert any("the decoder is written again in blocks" in it for it in said) == (asked is Activations.AUTO), said
    assert _by_row(out) == {"auto": (0, 0), "blocks": (0, None), "rows": (8, 14)}[asked.value]


def test_outliers_keep_the_products_of_a_decoder_that_meet_them_in_blocks(tmp_path: Path) -> None:
    random = RandomCheckpoint(replace(SMALL, hidden=512), seed=5)
    norm = random.parts["llm"]["model.layers.0.input_layernorm.weight"]
    norm[:3] *= 80
    random.write(tmp_path / "checkpoint")
    out = tmp_path / "out"
    request = _request(tmp_path / "checkpoint", out, precision=Precision.INT8, accept_loss=True)
    export(replace(request, activations=Activations.ROWS))
    assert _by_row(out) == (3, 4)
