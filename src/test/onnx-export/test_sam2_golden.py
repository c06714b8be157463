"""SAM 2.1: the NumPy pass and the graphs against what the published code computed; and mistakes, which must show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_export.core.precision import Device, Precision
from onnx_export.core.session import session
from onnx_export.sam2 import mask, picture, reference
from onnx_export.sam2.check import Runner
from onnx_export.sam2.parts import Parts
from onnx_export.sam2.pixels import normalised, write_pixels
from onnx_export.sam2.reference import Features, Prompt

GOLDEN = Path(__file__).parents[1] / "resources" / "golden-sam"
CASES = ("landscape", "portrait", "small")
STAGES = ("stage1", "stage2", "stage3", "stage4")
BOUNDS = {"masks": 1e-3, "iou": 2e-5, "object_score": 2e-4, "pointers": 1e-4, "sparse": 1e-5, "dense": 1e-5}
FEATURES = 2e-5


@dataclass(frozen=True)
class Golden:
    """One picture's arrays."""

    arrays: Any

    @property
    def pixels(self) -> np.ndarray[Any, Any]:
        return normalised(self.arrays["pixels_u8"].transpose(1, 2, 0))

    def off(self, name: str, value: np.ndarray[Any, Any]) -> float:
        """The largest difference; infinity if a value is not a number."""
        if name in self.arrays.files:
            difference = value - self.arrays[name]
        else:
            difference = value.ravel()[self.arrays[f"{name}_index"]] - self.arrays[f"{name}_value"]
        return float(np.nan_to_num(np.abs(difference), nan=np.inf).max())

    def prompts(self) -> Iterator[tuple[str, Prompt]]:
        for name in sorted({it.split(".")[0] for it in self.arrays.files if it.endswith(".coords")}):
            points = np.concatenate([self.arrays[f"{name}.coords"], np.zeros((1, 2), np.float32)])
            labels = np.concatenate([self.arrays[f"{name}.labels"], [-1]]).astype(np.int64)
            earlier = f"{name}.mask_input"
            given = self.arrays[earlier].reshape(64, 64) if earlier in self.arrays.files else None
            yield name, Prompt(points, labels, given)


def _golden(case: str) -> Golden:
    return Golden(np.load(GOLDEN / "reference" / f"{case}.npz"))


@pytest.fixture(scope="module")
def parts() -> Parts:
    return Parts(GOLDEN / "checkpoint")


def _features(found: Features) -> dict[str, np.ndarray[Any, Any]]:
    maps = {"feat_s0": found.feat_s0, "feat_s1": found.feat_s1, "embed": found.embed}
    return maps | dict(zip(STAGES, found.stages, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_numpy_pass_is_the_published_code(parts: Parts, case: str) -> None:
    golden = _golden(case)
    features = reference.picture(parts, golden.pixels)
    for name, value in _features(features).items():
        assert golden.off(name, value) < FEATURES, name
    for name, prompt in golden.prompts():
        found = vars(reference.mask(parts, features, prompt))
        found["object_score"] = np.array([found["score"]], np.float32)
        for kind, bound in BOUNDS.items():
            if kind != "dense" or prompt.mask is not None:
                assert golden.off(f"{name}.{kind}", found[kind]) < bound, (name, kind)


def _written(folder: Path, parts: Parts) -> Runner:
    write_pixels(folder / "pixels.onnx", parts.config.image)
    picture.write_picture(folder / "picture.onnx", parts, Precision.FP32, Device.CPU)
    mask.write_mask(folder / "mask.onnx", parts)
    return Runner(folder)


@pytest.fixture(scope="module")
def runner(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return _written(tmp_path_factory.mktemp("graphs"), parts)


@pytest.mark.parametrize("case", CASES)
def test_graphs_are_the_published_code(runner: Runner, case: str) -> None:
    golden = _golden(case)
    features = runner.picture(golden.pixels, *STAGES)
    for name, value in features.items():
        assert golden.off(name, value) < FEATURES, name
    for name, prompt in golden.prompts():
        found = runner.mask(features, prompt)
        found["object_score"] = found.pop("score")
        for kind, bound in BOUNDS.items():
            if kind != "dense" or prompt.mask is not None:
                assert golden.off(f"{name}.{kind}", found[kind]) < bound, (name, kind)


def test_prompts_of_one_run_do_not_see_each_other(runner: Runner, parts: Parts, tmp_path: Path) -> None:
    mask.write_mask(tmp_path / "mask.onnx", parts)
    golden = _golden("landscape")
    features = runner.picture(golden.pixels)
    prompts = dict(golden.prompts())
    several = [prompts["one_point"], prompts["far_corner"]]
    inputs = {
        "features": features["embed"][None],
        "feat_s0": features["feat_s0"][None],
        "feat_s1": features["feat_s1"][None],
        "no_memory": np.ones(1, np.float32),
        "points": np.stack([it.points for it in several]),
        "labels": np.stack([it.labels for it in several]),
        "mask": np.zeros((2, 1, 64, 64), np.float32),
        "has_mask": np.zeros(2, np.int64),
    }
    masks = session(tmp_path / "mask.onnx").run(["masks"], inputs)[0]
    for found, name in zip(masks, ("one_point", "far_corner"), strict=True):
        assert golden.off(f"{name}.masks", found) < BOUNDS["masks"]


def test_a_prompt_without_points_is_an_earlier_mask_alone(runner: Runner, parts: Parts) -> None:
    golden = _golden("landscape")
    given = dict(golden.prompts())["refine"].mask
    alone = Prompt(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), given)
    expected = reference.mask(parts, reference.picture(parts, golden.pixels), alone)
    found = runner.mask(runner.picture(golden.pixels), alone)
    assert np.abs(found["masks"] - expected.masks).max() < BOUNDS["masks"]
    assert np.abs(expected.masks).max() > 1


@pytest.mark.parametrize("size", [(300, 500), (64, 64), (40, 33)])
def test_pixels_are_resized_as_floats_with_antialias(tmp_path: Path, size: tuple[int, int]) -> None:
    write_pixels(tmp_path / "pixels.onnx", 64)
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 4), np.uint8)
    found = session(tmp_path / "pixels.onnx").run(["pixels"], {"colours": rgb})[0][0]
    rows, columns = (triangles(it, 64) for it in size)
    resized = np.einsum("ya,xb,abc->yxc", rows, columns, rgb[..., :3].astype(np.float64)) / 255
    expected = (resized - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    assert np.abs(found - expected.transpose(2, 0, 1)).max() < 1e-5


def triangles(size: int, target: int) -> np.ndarray[Any, Any]:
    """Weights [target, size] of an antialiased bilinear resize."""
    scale = size / target
    support = max(scale, 1)
    centres = (np.arange(target)[:, None] + 0.5) * scale
    weights = np.clip(1 - np.abs((np.arange(size) + 0.5 - centres) / support), 0, None)
    return np.asarray(weights / weights.sum(-1, keepdims=True))


# ---- mistakes


def test_a_wrong_epsilon_of_the_trunk_shows(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "EPS", 1e-5)
    golden = _golden("landscape")
    assert golden.off("embed", _written(tmp_path, parts).picture(golden.pixels)["embed"]) > FEATURES


@pytest.mark.parametrize(("name", "value"), [("TWO_WAY_EPS", 1e-6), ("EPS", 1e-5)])
def test_a_wrong_epsilon_of_the_decoder_shows(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: float
) -> None:
    monkeypatch.setattr(mask, name, value)
    golden, runner = _golden("landscape"), _written(tmp_path, parts)
    features = runner.picture(golden.pixels)
    worst = max(golden.off(f"{it}.masks", runner.mask(features, prompt)["masks"]) for it, prompt in golden.prompts())
    assert worst > BOUNDS["masks"]


def test_a_missing_last_point_shows(runner: Runner) -> None:
    golden = _golden("landscape")
    prompt = dict(golden.prompts())["one_point"]
    found = runner.mask(runner.picture(golden.pixels), Prompt(prompt.points[:-1], prompt.labels[:-1]))
    assert golden.off("one_point.masks", found["masks"]) > BOUNDS["masks"]
