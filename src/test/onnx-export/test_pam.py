"""PAM: the NumPy pass and the graphs against what the published code computed; mistakes, which must show; refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from random_pam import KINDS, RandomPam
from random_sam2 import KINDS as SAM_KINDS
from random_sam2 import RandomSam2
from tokenizers import Tokenizer

from onnx_export import ExportError
from onnx_export.core.precision import Device, Precision
from onnx_export.core.session import session
from onnx_export.decoder.reference import decode
from onnx_export.pam import config, reference
from onnx_export.pam.export import export
from onnx_export.pam.manifest import licences
from onnx_export.pam.names import original
from onnx_export.pam.parts import Parts
from onnx_export.pam.perceiver import write_perceiver
from onnx_export.pam.request import Request
from onnx_export.pam.runner import Runner, prompt_ids
from onnx_export.sam2 import reference as sam2

GOLDEN = Path(__file__).parents[1] / "resources" / "golden-pam"


@pytest.fixture(scope="module")
def parts() -> Parts:
    return Parts(GOLDEN / "checkpoint")


@pytest.fixture(scope="module")
def box() -> Any:
    return np.load(GOLDEN / "reference" / "box.npz")


def _record(name: str) -> dict[str, Any]:
    records = json.loads((GOLDEN / "reference" / "reference.json").read_text("utf-8"))
    return next(it for it in records if it["name"] == name)


def _off(parts: Parts, box: Any) -> tuple[float, float, float]:
    """Largest differences of semantic tokens, image embeddings and logits, from the whole arrays on."""
    seen = box["mid_image_embed_whole"].reshape(64, -1).T
    found = reference.perceive(parts, seen, box["mask_tokens"][0])
    table, rows = parts.decoder.token_embeddings(), reference.picture_embeds(parts, found)
    embeds = np.concatenate([rows if it == -200 else table[it][None] for it in _record("box")["input_ids"]])
    logits = decode(parts.decoder, embeds, last=1)[0]
    return (
        float(np.abs(found.sem_tokens - box["sem_tokens"][0]).max()),
        float(np.abs(found.image_embeds - box["image_embeds_whole"][0]).max()),
        float(np.abs(logits - box["logits"]).max()),
    )


def test_numpy_pass_is_the_published_code(parts: Parts, box: Any) -> None:
    sem, image, logits = _off(parts, box)
    assert sem < 1e-5
    assert image < 3e-6
    assert logits < 1e-3


@contextmanager
def _changed(parts: Parts, **changes: Any) -> Iterator[None]:
    shape = parts.decoder.shape
    parts.decoder.shape = replace(shape, **changes)
    try:
        yield
    finally:
        parts.decoder.shape = shape


@pytest.mark.parametrize(
    ("changes", "least"), [({"eps": 1e-5}, 0.3), ({"rope_theta": 10000.0}, 5), ({"biased": False}, 5)]
)
def test_mistakes_in_the_decoder_show(parts: Parts, box: Any, changes: dict[str, Any], least: float) -> None:
    with _changed(parts, **changes):
        assert _off(parts, box)[2] > least


def test_mistakes_in_the_perceiver_show(parts: Parts, box: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sam2, "_TWO_WAY_EPS", 1e-6)
        assert _off(parts, box)[0] > 1e-4
    with monkeypatch.context() as patch:
        patch.setattr(parts, "frequencies", lambda: np.zeros((2, 32), np.float32))
        assert _off(parts, box)[0] > 1e-3


@pytest.mark.parametrize(("precision", "bound"), [(Precision.FP32, 1e-5), (Precision.FP16, 1e-3)])
def test_graph_is_the_published_code(
    parts: Parts, box: Any, precision: Precision, bound: float, tmp_path: Path
) -> None:
    write_perceiver(tmp_path / "perceiver.onnx", parts, precision)
    seen = np.ascontiguousarray(box["mid_image_embed_whole"].reshape(64, -1).T)[None]
    names = ["sem_tokens", "picture_embeds", "frame_embeds"]
    inputs = {"seen": seen, "tokens": box["mask_tokens"]}
    sem, picture, frame = (it[0] for it in session(tmp_path / "perceiver.onnx").run(names, inputs))
    assert np.abs(sem - box["sem_tokens"][0]).max() < bound
    assert np.abs(picture[:1024] - box["image_embeds_whole"][0]).max() < bound
    newlines = np.stack([parts.newline(it) for it in ("image", "semT", "frame")])
    assert np.array_equal(picture[[1024, 1041, 1042]], newlines)
    coarse = reference.perceive(parts, seen[0], box["mask_tokens"][0], 4)
    assert np.abs(frame[:256] - coarse.image_embeds).max() < bound
    assert np.abs(frame[257:273] - picture[1025:1041]).max() == 0
    assert frame.shape == (275, 64)


def test_prompts_are_tokenised_like_the_published_code() -> None:
    for name in ("box", "points", "one_point", "whole_picture", "fractional_box_past_the_edge"):
        record = _record(name)
        ids = prompt_ids(GOLDEN / "checkpoint", record["query"].removeprefix("<image>\n"))
        assert [-200 if it == -1 else it for it in ids] == record["input_ids"]


def test_a_training_runs_truncation_and_padding_change_no_prompt(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(GOLDEN / "checkpoint" / "tokenizer.json"))
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    question = "Provide a concise caption for this subject."
    assert prompt_ids(tmp_path, question) == prompt_ids(GOLDEN / "checkpoint", question)


def test_names_of_the_repository_are_those_of_the_checkpoint() -> None:
    """Every tensor of the layout that sam2.parts reads has its name, the video's too."""
    index = json.loads((GOLDEN / "checkpoint" / "model.safetensors.index.json").read_text("utf-8"))
    prefix = "model.vision_tower.sam2_model_predictor."
    inside = {it.removeprefix(prefix) for it in index["weight_map"] if it.startswith(prefix)}
    read = set(RandomSam2(SAM_KINDS["other"]).tensors) - {"prompt_encoder.point_embed.weight"}
    unused = {"no_memory_positional_encoding"}
    blocks = {it for it in read if ".blocks." in it or "memory_attention.layers" in it}
    missing = {it: original(it) for it in read - unused - blocks if original(it) not in inside}
    assert not missing
    kinds = {original(it).split(".", 4)[-1] for it in blocks if "vision_encoder" in it}
    assert kinds <= {it.split(".", 4)[-1] for it in inside if "trunk.blocks" in it}


def test_sam_beside_is_rounded(tmp_path: Path) -> None:
    folder = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint")
    inner = config.find(folder)
    assert inner == folder / "PAM"
    parts = Parts(inner)
    assert (parts.picture_tokens, parts.frame_tokens) == (36 + 5 + 2, 9 + 5 + 3)
    value = parts.sam.frequencies()
    assert np.array_equal(value.view(np.uint32) & 0xFFFF, np.zeros(value.shape, np.uint32))
    stored = RandomSam2(SAM_KINDS["other"]).tensors["shared_image_embedding.positional_embedding"]
    assert 0 < np.abs(value - stored).max() < 0.02


def test_sam_inside_is_read_under_its_own_names(tmp_path: Path) -> None:
    parts = Parts(RandomPam(KINDS["other-inside"]).write(tmp_path / "checkpoint") / "PAM")
    assert (parts.picture_tokens, parts.frame_tokens) == (36 + 5 + 2, 9 + 5 + 3)
    stored = RandomSam2(SAM_KINDS["other-in-yaml"]).tensors
    for name in ("prompt_encoder.point_embed.weight", "mask_decoder.pred_obj_score_head.layers.0.weight"):
        rounded = stored[name].astype(ml_dtypes.bfloat16).astype(np.float32)
        assert np.array_equal(parts.sam.tensor(name, *rounded.shape), rounded)


def test_a_checkpoint_without_sam_says_what_to_do(tmp_path: Path) -> None:
    folder = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint")
    (folder / "sam").rename(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match=r"name a checkpoint of facebook/sam2\.1-hiera-large with --sam"):
        Parts(folder / "PAM")
    assert Parts(folder / "PAM", tmp_path / "elsewhere").picture_tokens == 43


def test_a_smaller_sam_is_not_taken(tmp_path: Path) -> None:
    """Its embeddings are as wide as the large one's, so every shape fits."""
    folder = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint")
    smaller = RandomSam2(replace(SAM_KINDS["other"], blocks=(1, 1, 3, 1))).write(folder / "a-smaller-one")
    assert Parts(folder / "PAM").sam.config.trunk.stages[0].blocks == 2
    (folder / "sam").rename(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match=r"name a checkpoint of facebook/sam2\.1-hiera-large with --sam"):
        Parts(folder / "PAM")
    with pytest.raises(ExportError, match=r"a-smaller-one is not SAM 2\.1 large"):
        Parts(folder / "PAM", smaller)


@pytest.mark.parametrize("kind", ["other", "other-inside"])
def test_folders_beside_a_checkpoint_may_hold_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = RandomPam(KINDS[kind]).write(tmp_path / "checkpoint")
    old = '{"model_type": "sam2_video", "enable_occlusion_spatial_embedding": false}'
    for name, text in (("a", "{oops"), ("b", "[]"), ("c", "\udcff"), ("sam2-hiera-large", old)):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(text, "utf-8", "surrogateescape")
    (folder / "d" / "config.json").mkdir(parents=True)
    assert config.find(folder) == folder / "PAM"
    assert Parts(folder / "PAM").picture_tokens == 43
    monkeypatch.chdir(folder / "PAM")
    assert Parts(Path()).picture_tokens == 43


def test_the_states_of_a_training_run_are_not_the_checkpoint(tmp_path: Path) -> None:
    inner = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint") / "PAM"
    for step in (500, 1000):
        shutil.copytree(inner, inner / f"checkpoint-{step}", ignore=shutil.ignore_patterns("checkpoint-*"))
    assert config.find(inner) == config.find(inner.parent) == inner
    (inner / "config.json").unlink()
    with pytest.raises(ExportError, match="name one of checkpoint-1000, checkpoint-500"):
        config.find(inner)


@pytest.mark.parametrize(
    ("key", "value"),
    [("mm_use_im_start_end", True), ("mm_projector_type", "linear"), ("use_sliding_window", True), ("vocab_size", 7)],
)
def test_unsupported_keys_are_refused_by_name(key: str, value: Any, tmp_path: Path) -> None:
    inner = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint") / "PAM"
    values = json.loads((inner / "config.json").read_text("utf-8"))
    (inner / "config.json").write_text(json.dumps(values | {key: value}))
    with pytest.raises(ExportError, match=key):
        Parts(inner)


def test_pixels_one_level_off_do_not_count_as_errors_of_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph's resizing differs from Pillow's in a few bytes, which moves embeddings more than float32 does."""
    exact = Runner.pixels

    def pixels(self: Runner, rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        values = exact(self, rgb)
        values.reshape(-1)[::250] += 1 / 255 / 0.226
        return values

    monkeypatch.setattr(Runner, "pixels", pixels)
    folder = RandomPam(KINDS["other"]).write(tmp_path / "checkpoint") / "PAM"
    request = Request(folder, tmp_path / "out", "x", Precision.FP32, Device.CPU, "x", None)
    findings = export(request, say=lambda _: None)
    assert findings.pixels_off_by_one > 3e-3
    assert findings.embeds_error < 1e-5


def test_unsupported_precisions_are_refused(tmp_path: Path) -> None:
    request = Request(tmp_path, tmp_path, "x", Precision.INT4, Device.CPU, "x", None)
    with pytest.raises(ExportError, match="fp32 or fp16 or int8, not int4"):
        request.expect_supported()


def test_the_licence_of_the_larger_decoder_is_not_free(parts: Parts) -> None:
    shape = parts.decoder.shape
    assert {it["licence"] for it in licences(shape)} == {"Apache-2.0"}
    large = licences(replace(shape, hidden=2048, layers=36))
    assert "non-commercial" in next(it["licence"] for it in large if it["part"] == "Qwen2.5-3B")
