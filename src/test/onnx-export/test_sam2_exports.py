"""Exports of SAM 2.1 checkpoints: other dimensions, precisions, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_sam2 import KINDS, RandomSam2, Sam2Dimensions
from test_sam2_golden import GOLDEN

from onnx_export import ExportError, PrecisionError, cli
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.check import Runner
from onnx_export.sam2.export import export, steps
from onnx_export.sam2.manifest import section
from onnx_export.sam2.parts import Parts
from onnx_export.sam2.request import Request


def _request(checkpoint: Path, out: Path, **changes: Any) -> Request:
    return replace(Request(checkpoint, out, "small", Precision.FP32, Device.CPU, "small", None), **changes)


def _manifest(bundle: Path) -> Any:
    return json.loads((bundle / "manifest.json").read_text("utf-8"))


def _written(folder: Path, change: Callable[[RandomSam2], object] = lambda _: None) -> Path:
    random = RandomSam2(KINDS["other"])
    change(random)
    return random.write(folder / "checkpoint")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_other_dimensions_go_through_the_command(tmp_path: Path, device: str) -> None:
    checkpoint = _written(tmp_path)
    assert cli.main([str(checkpoint), str(tmp_path / "bundle"), "--name", "other", "--device", device]) == 0
    manifest = _manifest(tmp_path / "bundle")
    assert (manifest["family"], manifest["name"], manifest["device"]) == ("sam2", "other", device)
    assert manifest["sam2"]["image_size"] == KINDS["other"].image
    assert manifest["check"]["embed_error"] < (1e-5 if device == "cpu" else 3e-2)
    assert manifest["check"]["memory_error"] < (1e-3 if device == "cpu" else 1e-2)
    assert manifest["check"]["attention_error"] < (1e-5 if device == "cpu" else 1e-2)
    assert set(manifest["graphs"]) == {"pixels", "frame", "picture", "mask", "mask_prompt", "memory", "attention"}
    assert (manifest["sam2"]["memory_channels"], manifest["sam2"]["num_maskmem"]) == (KINDS["other"].memory, 7)


def test_every_step_is_counted(tmp_path: Path) -> None:
    request = _request(_written(tmp_path), tmp_path / "bundle")
    ticks: list[str] = []
    export(request, ticks.append, lambda _: None)
    assert len(ticks) == steps(request)


def test_int8_is_refused_below_its_iou_and_kept_on_request(tmp_path: Path) -> None:
    request = _request(GOLDEN / "checkpoint", tmp_path / "bundle", precision=Precision.INT8)
    with pytest.raises(PrecisionError, match=r"IoU with the reference's masks is 0\.9\d+, below 0\.98.*--accept-loss"):
        export(request, say=lambda _: None)
    assert not request.out.exists()
    findings = export(replace(request, accept_loss=True), say=lambda _: None)
    assert 0.9 < findings.mean_iou < 0.98
    assert "IoU" in _manifest(request.out)["check"]["accepted_loss"][0]


def test_int8_makes_the_encoder_a_third_as_large(tmp_path: Path) -> None:
    sizes = {}
    for precision in (Precision.FP32, Precision.INT8):
        out = tmp_path / precision.value
        export(_request(GOLDEN / "checkpoint", out, precision=precision, accept_loss=True), say=lambda _: None)
        sizes[precision] = (out / "picture.onnx.data").stat().st_size
    assert sizes[Precision.INT8] < 0.34 * sizes[Precision.FP32]


def test_auto_takes_int8_only_if_masks_stay(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert cli.main([str(GOLDEN / "checkpoint"), str(out), "--precision", "auto"]) == 0
    manifest = _manifest(out)
    assert manifest["precision"] == "fp16"
    assert manifest["check"]["accepted_loss"] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--precision", "int4"], "exported for cpu with --precision fp32 or fp16 or int8, not int4"),
        (["--precision", "bf16", "--device", "cuda"], "exported for cuda with --precision fp16, not bf16"),
        (["--joint"], "--joint is for Describe Anything, and this is SAM 2.1"),
        (["--decoder-activations", "per-token"], "--decoder-activations is for language models, and SAM 2.1 has none"),
    ],
)
def test_options_of_another_family_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert cli.main([str(_written(tmp_path)), str(tmp_path / "bundle"), *options]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("enable_occlusion_spatial_embedding", False),
        ("enable_temporal_pos_encoding_for_object_pointers", False),
        ("image_size", 1000),
        ("vision_config.fpn_top_down_levels", [1, 2]),
        ("vision_config.backbone_config.window_size_per_stage", [8, 3, 8, 5]),
        ("vision_config.backbone_config.global_attention_blocks", [99]),
        ("vision_config.backbone_config.hidden_act", "relu"),
        ("mask_decoder_config.num_multimask_outputs", 4),
        ("prompt_encoder_config.mask_input_channels", 8),
        ("memory_encoder_output_channels", 24),
        ("memory_attention_num_attention_heads", 2),
        ("sigmoid_scale_for_mem_enc", 10.0),
    ],
)
def test_a_config_that_computes_something_else_is_refused_by_its_key(tmp_path: Path, path: str, value: Any) -> None:
    def change(random: RandomSam2) -> None:
        *outer, key = path.split(".")
        config = random.config
        for name in outer:
            config = config[name]
        config[key] = value

    with pytest.raises(ExportError, match=path.split(".")[-1]):
        Parts(_written(tmp_path, change))


@pytest.mark.parametrize(("given", "area"), [({}, 0), ({"max_sprinkle_area": 5}, 5)])
def test_small_pieces_are_removed_only_where_the_config_says_so(
    tmp_path: Path, given: dict[str, int], area: int
) -> None:
    checkpoint = _written(tmp_path, lambda random: random.config.update(given))
    assert section(Parts(checkpoint).config)["max_sprinkle_area"] == area


def test_missing_keys_are_the_tiny_models(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam2_video"}')
    (tmp_path / "model.safetensors").write_bytes((8).to_bytes(8, "little") + b"{}      ")
    config = Parts(tmp_path).config
    assert (config.image, config.channels, config.decoder.mlp) == (1024, 256, 2048)
    assert [it.width for it in config.trunk.stages] == [96, 192, 384, 768]
    assert [it.pools for it in config.trunk.blocks(1024)] == [i in (1, 3, 10) for i in range(12)]
    assert [it.window for it in config.trunk.blocks(1024)] == [8, 8, 4, 4, 14, 64, 14, 64, 14, 64, 14, 7]


@pytest.mark.parametrize("config", [True, False])
def test_a_pickle_alone_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], config: bool) -> None:
    if config:
        (tmp_path / "config.json").write_text('{"model_type": "sam2_video"}')
    pickle = tmp_path / "sam2.1_hiera_tiny.pt"
    pickle.write_bytes(b"")
    assert cli.main([str(tmp_path), str(tmp_path / "bundle")]) == 1
    assert "pickle file (.pt), which can run code when it is read: export facebook/sam2.1" in capsys.readouterr().err
    assert cli.main([str(pickle), str(tmp_path / "bundle")]) == 1
    assert "is a file: name the folder with config.json" in capsys.readouterr().err


def test_configs_of_transformers_5_say_the_same(tmp_path: Path) -> None:
    """Squares have one number or two, and the base of the rotary embedding is in ``rope_parameters``."""
    plain = Parts(_written(tmp_path / "plain")).config

    def change(random: RandomSam2) -> None:
        config, side = random.config, KINDS["other"].image
        config |= {"image_size": [side, side], "memory_attention_rope_feat_sizes": side // 16}
        config["rope_parameters"] = {"rope_theta": 500.0, "rope_type": "axial"}
        config["prompt_encoder_config"] |= {"image_size": [side, side], "patch_size": [16, 16]}
        squares = {"image_size": side, "patch_kernel_size": 7, "patch_stride": 4, "patch_padding": 3, "query_stride": 2}
        config["vision_config"]["backbone_config"] |= squares

    newer = Parts(_written(tmp_path / "newer", change)).config
    assert newer.memory.theta == 500
    assert replace(newer, memory=plain.memory, sha256=plain.sha256) == plain


def test_the_picture_part_alone_is_refused_by_its_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = _written(tmp_path, lambda random: random.config.update(model_type="sam2"))
    assert cli.main([str(checkpoint), str(tmp_path / "bundle")]) == 1
    assert "model_type = 'sam2' is not supported, only 'sam2_video'" in capsys.readouterr().err


def test_auto_names_what_is_wrong_and_tries_no_other_familys_precision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(random: RandomSam2) -> None:
        random.tensors["vision_encoder.backbone.blocks.0.mlp.proj_in.weight"][0, 0] = 1e6

    arguments = [str(_written(tmp_path, change)), str(tmp_path / "bundle"), "--precision", "auto", "--device", "cuda"]
    assert cli.main(arguments) == 1
    assert "a weight is 1e+06, beyond float16" in capsys.readouterr().err


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    checkpoint = _written(tmp_path, lambda it: it.tensors.pop("mask_decoder.conv_s0.weight"))
    with pytest.raises(ExportError, match=r"mask_decoder\.conv_s0\.weight is missing"):
        export(_request(checkpoint, tmp_path / "bundle"), say=lambda _: None)


def test_a_weight_of_nan_is_refused(tmp_path: Path) -> None:
    def spoil(random: RandomSam2) -> None:
        random.tensors["no_memory_embedding"][0, 0, 0] = np.nan

    with pytest.raises(ExportError, match=r"no_memory_embedding .* NaN"):
        export(_request(_written(tmp_path, spoil), tmp_path / "bundle"), say=lambda _: None)


def test_pictures_of_any_size_are_stretched(tmp_path: Path) -> None:
    export(_request(_written(tmp_path), tmp_path / "bundle"), say=lambda _: None)
    runner = Runner(tmp_path / "bundle")
    side = KINDS["other"].image
    for size in ((1, 1), (3, 500), (200, 100)):
        assert runner.pixels(np.zeros((*size, 3), np.uint8)).shape == (3, side, side)


def test_the_published_sizes_have_the_published_parameters() -> None:
    def parameters(dims: Sam2Dimensions) -> float:
        return sum(it.size for it in RandomSam2(dims).tensors.values()) / 1e6

    assert round(parameters(KINDS["tiny"]), 1) == 39.0
