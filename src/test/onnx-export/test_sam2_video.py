"""SAM 2.1 in videos: the NumPy pass and the graphs against what the published code computed; and mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dam_png import read_pixels
from test_sam2_golden import GOLDEN, triangles

from onnx_export.core.precision import Precision
from onnx_export.core.session import session
from onnx_export.sam2 import attention, memory, reference, reference_video
from onnx_export.sam2.check import VideoRunner
from onnx_export.sam2.pixels import normalised, write_frame
from onnx_export.sam2.reference_video import Pointers
from onnx_export.sam2.video_parts import VideoParts

ATTENTION = 1e-5
MEMORY = 0.005
"""The share of values that may be rounded to the other side."""
FRAMES = 10

Arrays = dict[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def parts() -> VideoParts:
    return VideoParts(GOLDEN / "checkpoint")


@pytest.fixture(scope="module")
def golden() -> Arrays:
    arrays = np.load(GOLDEN / "reference" / "video_points_first_frame.npz")
    return {it.removeprefix("pass0."): arrays[it] for it in arrays.files}


@pytest.fixture(scope="module")
def embeds(parts: VideoParts) -> list[np.ndarray[Any, Any]]:
    files = [GOLDEN / "cases" / f"clip_{i:02d}.png" for i in range(3)]
    return [reference.picture(parts, normalised(read_pixels(it))).embed for it in files]


def _pointers(golden: Arrays, frame: int) -> Pointers:
    times = np.arange(frame, 0, -1, dtype=np.float32) / np.float32(FRAMES - 1)
    return Pointers(golden["pointer"][:frame, 0], times)


def _rows(frame: int) -> np.ndarray[Any, Any]:
    """The first frame was prompted; the one before is the youngest."""
    return np.array([6, *range(frame - 2, -1, -1)], np.int64)


def _off(found: np.ndarray[Any, Any], golden: Arrays, frame: int) -> float:
    return float(np.abs(found - golden[f"conditioned{frame}_0"]).max())


def _attended(folder: Path, embed: np.ndarray[Any, Any], golden: Arrays, frame: int) -> np.ndarray[Any, Any]:
    return VideoRunner(folder).attention(
        embed, golden["memory"][:frame, 0], _rows(frame).tolist(), _pointers(golden, frame)
    )


def _remembered(folder: Path, embed: np.ndarray[Any, Any], golden: Arrays, frame: int) -> np.ndarray[Any, Any]:
    score = float(golden["object_score"][frame, 0])
    return VideoRunner(folder).memory(embed, golden["low_res"][frame, 0], frame == 0, score)


def _write(folder: Path, parts: VideoParts, rounded: bool = True) -> None:
    memory.write_memory(folder / "memory.onnx", parts, Precision.FP32, rounded)
    attention.write_attention(folder / "attention.onnx", parts, Precision.FP32)


def _wrong(found: np.ndarray[Any, Any], golden: Arrays, frame: int) -> float:
    return float((found != golden["memory"][frame, 0]).mean())


@pytest.mark.parametrize("frame", [1, 2])
def test_memory_attention_is_the_published_code(
    parts: VideoParts, golden: Arrays, embeds: list[np.ndarray[Any, Any]], tmp_path: Path, frame: int
) -> None:
    memories, pointers = golden["memory"][:frame, 0], _pointers(golden, frame)
    found = reference_video.attention(parts, embeds[frame], memories, _rows(frame), pointers)
    assert _off(found, golden, frame) < ATTENTION
    _write(tmp_path, parts)
    assert _off(_attended(tmp_path, embeds[frame], golden, frame), golden, frame) < ATTENTION


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_memories_are_the_published_code(
    parts: VideoParts, golden: Arrays, embeds: list[np.ndarray[Any, Any]], tmp_path: Path, frame: int
) -> None:
    logits, score = golden["low_res"][frame, 0], float(golden["object_score"][frame, 0])
    found = reference_video.memory(parts, embeds[frame], logits, frame == 0, score)
    assert _wrong(found, golden, frame) < MEMORY
    _write(tmp_path, parts)
    assert _wrong(_remembered(tmp_path, embeds[frame], golden, frame), golden, frame) < MEMORY


def test_several_memories_of_one_frame_and_none_in_sight(
    parts: VideoParts, golden: Arrays, embeds: list[np.ndarray[Any, Any]], tmp_path: Path
) -> None:
    _write(tmp_path, parts)
    inputs = {
        "embed": embeds[1][None],
        "logits": golden["low_res"][:2],
        "prompted": np.array([1, 0], np.int64),
        "score": np.array([[1], [-1]], np.float32),
    }
    found = session(tmp_path / "memory.onnx").run(["memory"], inputs)[0]
    for i, score in enumerate((1.0, -1.0)):
        wanted = reference_video.memory(parts, embeds[1], golden["low_res"][i, 0], i == 0, score)
        assert (found[i] != wanted).mean() < MEMORY


def test_there_may_be_no_pointers(
    parts: VideoParts, golden: Arrays, embeds: list[np.ndarray[Any, Any]], tmp_path: Path
) -> None:
    _write(tmp_path, parts)
    none = Pointers(np.zeros((0, parts.config.channels), np.float32), np.zeros(0, np.float32))
    found = VideoRunner(tmp_path).attention(embeds[2], golden["memory"][:2, 0], _rows(2).tolist(), none)
    wanted = reference_video.attention(parts, embeds[2], golden["memory"][:2, 0], _rows(2), none)
    assert np.abs(found - wanted).max() < ATTENTION


def test_frames_are_resized_as_bytes(tmp_path: Path) -> None:
    write_frame(tmp_path / "frame.onnx", 256)
    rgb = read_pixels(GOLDEN / "cases" / "wide_00.png")
    found = session(tmp_path / "frame.onnx").run(["pixels"], {"colours": rgb})[0][0]
    expected = np.load(GOLDEN / "reference" / "video_wide.npz")["frames_u8"][0]
    off = np.abs(found - normalised(expected.transpose(1, 2, 0))) * 255 * 0.224
    assert off.max() < 1.1
    assert (off > 0.5).mean() < 0.001


@pytest.mark.parametrize("size", [(100, 180), (700, 300)])
def test_a_given_mask_becomes_logits(parts: VideoParts, tmp_path: Path, size: tuple[int, int]) -> None:
    memory.write_mask_prompt(tmp_path / "mask_prompt.onnx", parts)
    given = np.zeros(size, np.uint8)
    given[size[0] // 4 : size[0] // 2, size[1] // 3 :] = 255
    found = session(tmp_path / "mask_prompt.onnx").run(["logits", "prompt", "inside"], {"mask": given})
    image = parts.config.image
    rows, columns = (triangles(it, image) for it in size)
    square = (rows @ (given > 0) @ columns.T >= 0.5).astype(np.float32)
    smaller = triangles(image, image // 4)
    assert np.abs(found[0][0, 0] - smaller @ (20 * square - 10) @ smaller.T).max() < 1e-4
    conv = parts.mask_downsample()
    cells = square.reshape(image // 4, 4, image // 4, 4).transpose(0, 2, 1, 3).reshape(image // 4, image // 4, 16)
    assert np.abs(found[1][0, 0] - (cells @ conv.weight.ravel() + conv.bias)).max() < 1e-4
    assert found[2][0] == square.sum()


# ---- mistakes


def test_a_wrong_epsilon_of_the_attention_shows(
    parts: VideoParts,
    golden: Arrays,
    embeds: list[np.ndarray[Any, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attention, "EPS", 1e-6)
    _write(tmp_path, parts)
    assert _off(_attended(tmp_path, embeds[2], golden, 2), golden, 2) > ATTENTION


def test_memories_that_are_not_rounded_show(
    parts: VideoParts, golden: Arrays, embeds: list[np.ndarray[Any, Any]], tmp_path: Path
) -> None:
    _write(tmp_path, parts, rounded=False)
    assert _wrong(_remembered(tmp_path, embeds[1], golden, 1), golden, 1) > MEMORY


def test_a_wrong_epsilon_of_the_memory_shows(
    parts: VideoParts,
    golden: Arrays,
    embeds: list[np.ndarray[Any, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("onnx_export.sam2.mask.EPS", 1e-5)
    monkeypatch.setattr(memory, "EPS", 1e-5)
    _write(tmp_path, parts)
    assert _wrong(_remembered(tmp_path, embeds[1], golden, 1), golden, 1) > MEMORY
