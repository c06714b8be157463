"""Whole exports: other dimensions, folders, names, signals."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_checkpoint import Dimensions, RandomCheckpoint
from small import SMALL, request

from onnx_export import ExportError
from onnx_export.cli import main
from onnx_export.core.graph import GraphWriter
from onnx_export.core.pictures import built_in_picture
from onnx_export.core.precision import Device, Precision
from onnx_export.dam import check, runner
from onnx_export.dam.export import export


@pytest.mark.parametrize(
    "dims",
    [SMALL, replace(SMALL, image=56, select=-1, tied=True), replace(SMALL, kv_heads=4, head_dim=32, hidden=96)],
)
def test_any_dimensions_export_and_agree(tmp_path: Path, dims: Dimensions) -> None:
    RandomCheckpoint(dims, seed=3).write(tmp_path / "checkpoint")
    findings = export(request(tmp_path / "checkpoint", tmp_path / "out"))
    assert findings.embeds_error < 1e-5
    assert findings.logits_error < 1e-5
    assert findings.agreement == 1
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["image"]["tokens"] == ((dims.image // dims.patch + 1) // 2) ** 2
    assert set(manifest["files"]) == {it.name for it in (tmp_path / "out").iterdir()} - {"manifest.json"}


def test_half_precision_for_cuda_agrees(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL, seed=4).write(tmp_path / "checkpoint")
    findings = export(request(tmp_path / "checkpoint", tmp_path / "out", precision=Precision.FP16, device=Device.CUDA))
    assert findings.embeds_error < 2e-2


@pytest.mark.parametrize("image", [28, 42])
def test_small_pictures_export_too(tmp_path: Path, image: int) -> None:
    RandomCheckpoint(replace(SMALL, image=image, patch=14), seed=7).write(tmp_path / "checkpoint")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "out"), "--precision", "auto"]) == 0


def test_a_snapshot_in_the_hubs_cache_has_its_repositorys_name(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--nvidia--DAM-3B" / "snapshots" / "0123abcd"
    RandomCheckpoint(SMALL).write(snapshot)
    assert main([str(snapshot), str(tmp_path / "out")]) == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["name"] == "DAM-3B"
    assert manifest["source"].items() >= {"name": "nvidia/DAM-3B", "revision": "0123abcd"}.items()


def test_a_video_checkpoint_without_the_option_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = tmp_path / "DAM-3B-Video"
    RandomCheckpoint(SMALL).write(checkpoint)
    assert main([str(checkpoint), str(tmp_path / "image")]) == 0
    assert "note: DAM-3B-Video is exported for pictures alone" in capsys.readouterr().out
    assert main([str(checkpoint), str(tmp_path / "joint"), "--joint"]) == 0
    assert "note:" not in capsys.readouterr().out


def test_an_empty_folder_is_filled_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "here").mkdir()
    inode = (tmp_path / "real").stat().st_ino
    monkeypatch.chdir(tmp_path / "here")
    for out, where in ((tmp_path / "link", "real"), (Path("."), "here")):
        export(request(tmp_path / "checkpoint", out))
        manifest = json.loads((tmp_path / where / "manifest.json").read_text("utf-8"))
        assert set(manifest["files"]) == {it.name for it in (tmp_path / where).iterdir()} - {"manifest.json"}
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").stat().st_ino == inode


def test_a_new_volume_counts_as_empty(tmp_path: Path) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "out" / "lost+found").mkdir(parents=True, mode=0o700)
    export(request(tmp_path / "checkpoint", tmp_path / "out"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert {it.name for it in (tmp_path / "out").iterdir()} == {*manifest["files"], "manifest.json", "lost+found"}


def test_system_errors_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "checkpoint"), str(tmp_path / "file" / "out")]) == 1
    for name in ("./missing", "missing/", "a/b/c"):
        assert main([name, str(tmp_path / "out")]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 4 and all(it.startswith("error: ") for it in lines)


def test_a_folder_in_use_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match="not empty"):
        export(request(tmp_path / "checkpoint", tmp_path / "out"))
    assert (tmp_path / "out" / "mine").read_text() == "keep"


def test_other_folders_are_not_changed(tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "mine").write_text("keep")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    export(request(tmp_path / "checkpoint", tmp_path / "out"))
    assert (tmp_path / "out.part" / "mine").read_text() == "keep"
    with pytest.raises(ExportError, match="is a file"):
        export(request(tmp_path / "checkpoint", tmp_path / "checkpoint" / "config.json"))


def test_a_joint_bundle_needs_room_for_a_video(tmp_path: Path) -> None:
    random = RandomCheckpoint(SMALL)
    random.configs["llm"]["max_position_embeddings"] = 150
    random.write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match=r"max_position_embeddings = 150 leaves no room for a video's prompt"):
        export(request(tmp_path / "checkpoint", tmp_path / "out"))
    export(request(tmp_path / "checkpoint", tmp_path / "out", joint=False))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u2028b", "\x07", "\udc80"])
def test_invalid_names_are_refused_at_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["missing", "out", "--name", name]) == 1
    assert capsys.readouterr().err == f"error: --name = {name!r} is not supported: it must be one line of text\n"


@pytest.mark.parametrize("stop", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_stopped_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], stop: str
) -> None:
    number = getattr(signal, stop, None)
    if number is None:
        pytest.skip("no such signal here")
    RandomCheckpoint(SMALL).write(tmp_path / "checkpoint")
    monkeypatch.setattr("onnx_export.decoder.export.write_decoder", lambda *_: signal.raise_signal(number))
    arguments = [str(tmp_path / "checkpoint"), str(tmp_path / "out")]
    kept = {it: signal.getsignal(it) for it in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", number))}
    try:
        if number == signal.SIGINT:
            # Background jobs of shells ignore it.
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


def test_the_check_detects_the_smallest_likely_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GELU by tanh and GELU by erf differ by at most 5e-4, the smallest of the likely mistakes."""
    node = GraphWriter.node

    def swapped(self: GraphWriter, op: str, *inputs: str, **attributes: Any) -> Any:
        if op == "Gelu":
            attributes["approximate"] = "none" if attributes["approximate"] == "tanh" else "tanh"
        return node(self, op, *inputs, **attributes)

    monkeypatch.setattr(GraphWriter, "node", swapped)
    RandomCheckpoint(SMALL, seed=3).write(tmp_path / "checkpoint")
    with pytest.raises(ExportError, match="exceeds its error bounds: the error of image embeddings"):
        export(request(tmp_path / "checkpoint", tmp_path / "out"))


@pytest.mark.parametrize("scale", [0.25, 1, 4])
def test_the_servers_check_accepts_what_the_exporter_accepted(tmp_path: Path, scale: float) -> None:
    """The golden answer ends before a difference that the server's check would not accept."""
    random = RandomCheckpoint(replace(SMALL, layers=2, vocab=800), seed=3)
    random.parts["llm"]["lm_head.weight"] *= scale
    random.write(tmp_path / "checkpoint")
    out = tmp_path / "out"
    export(request(tmp_path / "checkpoint", out, precision=Precision.INT4, accept_loss=True))
    golden, manifest = (json.loads((out / it).read_text("utf-8")) for it in ("golden.json", "manifest.json"))
    picture = built_in_picture(*check.PICTURES[0])
    embeds = runner.encode(out, runner.preprocess(out, picture))["image_embeds"][0]
    ids = runner.prompt_ids(out, manifest, golden["question"])
    answer, logits = runner.greedy(out, manifest, ids, embeds, len(golden["greedy_ids"]))
    left = [i for i, (a, b) in enumerate(zip(answer, golden["greedy_ids"], strict=True)) if a != b]
    if left:
        assert golden["greedy_margins"][left[0]] < golden["margin"]
        assert golden["greedy_ids"][left[0]] in np.argsort(-logits[left[0]])[:3]
