"""Compares a bundle in ONNX Runtime with the NumPy pass over the checkpoint. Knows the bounds; writes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from onnx_export.core.layers import Floats
from onnx_export.core.precision import Device, Precision
from onnx_export.core.session import session
from onnx_export.sam2 import pixels, reference, reference_video
from onnx_export.sam2.pixels import Drawing
from onnx_export.sam2.reference import Features, Masks, Prompt
from onnx_export.sam2.reference_video import Pointers
from onnx_export.sam2.video_parts import VideoParts

FEATURES = ("feat_s0", "feat_s1", "embed")
PICTURES = 2


@dataclass(frozen=True)
class Bounds:
    """The largest errors of embedding and video part, relative to their spread, and the smallest mean IoU."""

    embed: float
    video: float
    iou: float


_BOUNDS = {
    (Precision.FP32, Device.CPU): Bounds(1e-4, 1e-3, 0.99),
    (Precision.FP16, Device.CPU): Bounds(1e-2, 1e-2, 0.98),
    (Precision.FP16, Device.CUDA): Bounds(3e-2, 1e-2, 0.98),
    # Masks decide.
    (Precision.INT8, Device.CPU): Bounds(1.0, 1e-2, 0.98),
}


def bounds(precision: Precision, device: Device) -> Bounds:
    """The bounds of a precision on a device."""
    return _BOUNDS[(precision, device)]


@dataclass(frozen=True)
class Findings:
    """What was measured on drawn pictures: root-mean-square errors over the reference's standard deviation, and the IoU
    of the bundle's masks with the reference's, where the reference's predicted IoU chooses among the three."""

    pixels_error: float
    embed_error: float
    masks_error: float
    memory_error: float
    attention_error: float
    mean_iou: float
    lowest_iou: float
    masks: int

    def summary(self) -> str:
        """One line for the user."""
        return (
            f"checked against NumPy over the checkpoint: the error of the embedding is {self.embed_error:.1e} of its "
            f"spread, that of the memory attention {self.attention_error:.1e}; "
            f"the IoU of {self.masks} masks is {self.mean_iou:.4f} (lowest {self.lowest_iou:.4f})"
        )

    @property
    def finite(self) -> bool:
        """Whether nothing that was computed is NaN or infinite."""
        return all(math.isfinite(it) for it in asdict(self).values())


class Runner:
    """A bundle's graphs in ONNX Runtime, one prompt at a time: the simplest client of docs/bundle.md."""

    def __init__(self, folder: Path) -> None:
        self._pixels = session(folder / "pixels.onnx")
        self._picture = session(folder / "picture.onnx")
        self._mask = session(folder / "mask.onnx")

    def pixels(self, rgb: pixels.Bytes) -> Floats:
        """[height, width, 3] to [3, S, S]."""
        return np.asarray(self._pixels.run(["pixels"], {"colours": rgb})[0][0])

    def picture(self, values: Floats, *also: str) -> dict[str, Floats]:
        """The features of pixels [3, S, S], and further outputs by their names."""
        names = [*FEATURES, *also]
        return dict(zip(names, (it[0] for it in self._picture.run(names, {"pixels": values[None]})), strict=True))

    def mask(self, features: dict[str, Floats], prompt: Prompt) -> dict[str, Floats]:
        """Every output for one prompt on a picture."""
        side = features["feat_s0"].shape[-1]
        given = np.zeros((side, side), np.float32) if prompt.mask is None else prompt.mask
        inputs = {
            "features": features["embed"][None],
            "feat_s0": features["feat_s0"][None],
            "feat_s1": features["feat_s1"][None],
            "no_memory": np.ones(1, np.float32),
            "points": prompt.points[None],
            "labels": prompt.labels[None],
            "mask": given[None, None],
            "has_mask": np.array([prompt.mask is not None], np.int64),
        }
        names = [it.name for it in self._mask.get_outputs()]
        return dict(zip(names, (it[0] for it in self._mask.run(names, inputs)), strict=True))


class VideoRunner:
    """The graphs of a bundle's video part in ONNX Runtime, one object at a time."""

    def __init__(self, folder: Path) -> None:
        self._memory = session(folder / "memory.onnx")
        self._attention = session(folder / "attention.onnx")

    def memory(self, embed: Floats, logits: Floats, prompted: bool, score: float) -> Floats:
        """What is remembered of a frame with logits [side, side]."""
        inputs = {
            "embed": embed[None],
            "logits": logits[None, None],
            "prompted": np.array([prompted], np.int64),
            "score": np.array([[score]], np.float32),
        }
        return np.asarray(self._memory.run(["memory"], inputs)[0][0])

    def attention(self, embed: Floats, memories: Floats, rows: list[int], pointers: Pointers) -> Floats:
        """The embedding of a frame that has read memories, each with its row of the temporal table, and pointers."""
        inputs = {
            "embed": embed[None],
            "memories": memories,
            "rows": np.array(rows, np.int64),
            "pointers": pointers.values,
            "times": pointers.times,
        }
        return np.asarray(self._attention.run(["features"], inputs)[0][0])


def prompts(drawing: Drawing) -> Iterator[Prompt]:
    """A click on each thing, and a box around it."""
    for x, y in drawing.points:
        yield Prompt(np.array([[x, y], [0, 0]], np.float32), np.array([1, -1], np.int64))
    for x0, y0, x1, y1 in drawing.boxes:
        yield Prompt(np.array([[x0, y0], [x1, y1], [0, 0]], np.float32), np.array([2, 3, -1], np.int64))


def check(folder: Path, parts: VideoParts, tick: Callable[[str], None] = lambda _: None) -> Findings:
    """Measures a bundle. ``tick`` is called after each block of the reference, for each picture."""
    runner = Runner(folder)
    pixels_error, embed, logits, ious = 0.0, [], [], []
    seen: list[tuple[Features, Masks]] = []
    for drawing in pixels.drawings(parts.config.image, PICTURES):
        values = pixels.normalised(drawing.rgb)
        pixels_error = max(pixels_error, float(np.abs(runner.pixels(drawing.rgb) - values).max()))
        expected, actual = reference.picture(parts, values, tick), runner.picture(values)
        embed.append(_error(actual["embed"], expected.embed))
        for prompt in prompts(drawing):
            wanted, found = reference.mask(parts, expected, prompt), runner.mask(actual, prompt)
            best = 1 + int(wanted.iou[1:].argmax())
            logits.append(_error(found["masks"][best], wanted.masks[best]))
            ious.append(iou(found["masks"][best] > 0, wanted.masks[best] > 0))
        seen.append((expected, wanted))
    memory, attention = _video(VideoRunner(folder), parts, *seen)
    return Findings(
        pixels_error, max(embed), max(logits), memory, attention, float(np.mean(ious)), min(ious), len(ious)
    )


def _video(
    runner: VideoRunner, parts: VideoParts, before: tuple[Features, Masks], frame: tuple[Features, Masks]
) -> tuple[float, float]:
    """The errors of memory and memory attention, as if the second picture followed the first in a video."""
    (features, masks), errors, memories = before, [], []
    for number, prompted in ((0, True), (1, False)):
        given = (features.embed, masks.masks[number], prompted, masks.score if prompted else -1.0)
        memories.append(reference_video.memory(parts, *given))
        errors.append(_error(runner.memory(*given), memories[-1]))
    rows, pointers = [parts.config.memory.frames - 1, 0], Pointers(masks.pointers[:2], np.array([0.4, 0.2], np.float32))
    wanted = reference_video.attention(parts, frame[0].embed, np.stack(memories), np.array(rows), pointers)
    return max(errors), _error(runner.attention(frame[0].embed, np.stack(memories), rows, pointers), wanted)


def iou(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """Intersection over union of two masks; 1 if both are empty."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _error(actual: Floats, expected: Floats) -> float:
    spread = float(expected.std())
    return float(np.sqrt(np.square(actual - expected).mean())) / (spread if spread > 0 else 1.0)


def verdict(findings: Findings, limit: Bounds) -> list[str]:
    """What is wrong with a bundle, in words; empty if nothing is."""
    wrong = []
    # A picture of the encoder's own size is not resized.
    if not findings.pixels_error <= 1e-5:
        wrong.append(f"pixels differ by {findings.pixels_error:.1e}")
    if not findings.embed_error <= limit.embed:
        wrong.append(f"the error of the embedding is {findings.embed_error:.2e} of its spread, above {limit.embed:.2g}")
    for name, error in (("memory", findings.memory_error), ("memory attention", findings.attention_error)):
        if not error <= limit.video:
            wrong.append(f"the error of the {name} is {error:.2e} of its spread, above {limit.video:.2g}")
    if not findings.mean_iou >= limit.iou:
        wrong.append(f"the IoU with the reference's masks is {findings.mean_iou:.4f}, below {limit.iou}")
    return wrong


def as_manifest(findings: Findings, limit: Bounds) -> dict[str, Any]:
    """The manifest's ``check``."""
    return {"reference": "NumPy, float32, from the checkpoint", **asdict(findings), "bounds": asdict(limit)}
