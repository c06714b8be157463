"""What checks of bundles share: error bounds, margins, and the answer that the server's own check repeats."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from onnx_export import PrecisionError
from onnx_export.core.layers import Floats
from onnx_export.core.pictures import built_in_picture, png
from onnx_export.core.precision import Device, Precision


@dataclass(frozen=True)
class Bounds:
    """The largest errors allowed, relative to the reference's spread, and the smallest agreement.

    ``clear`` is the margin between the two best logits above which a choice counts, as a share of the logits' spread.
    """

    embeds: float
    logits: float
    agreement: float
    clear: float


_BOUNDS = {
    (Precision.FP32, Device.CPU): Bounds(1e-4, 1e-4, 1.0, 5e-3),
    (Precision.FP16, Device.CPU): Bounds(2e-3, 2e-3, 1.0, 1e-2),
    (Precision.FP16, Device.CUDA): Bounds(2e-2, 2e-2, 0.95, 5e-2),
    (Precision.BF16, Device.CUDA): Bounds(2e-2, 4e-2, 0.95, 0.1),
    (Precision.INT8, Device.CPU): Bounds(4e-2, 4e-2, 0.95, 0.15),
    (Precision.INT4, Device.CPU): Bounds(0.25, 0.25, 0.8, 0.5),
    (Precision.INT8, Device.CUDA): Bounds(4e-2, 4e-2, 0.95, 0.15),
    (Precision.INT4, Device.CUDA): Bounds(0.25, 0.25, 0.8, 0.5),
}


def bounds(precision: Precision, device: Device) -> Bounds:
    """The bounds of a precision on a device."""
    return _BOUNDS.get((precision, device), _BOUNDS[(Precision.FP16, device)])


@dataclass(frozen=True)
class Golden:
    """The reference's greedy answer to the first built-in picture."""

    question: str
    prompt_tokens: int
    greedy_ids: list[int]
    greedy_margins: list[float]
    margin: float


def require_accepted(wrong: list[str], golden: Golden, accept_loss: bool) -> None:
    """Adds an answer that has no token to what is ``wrong`` with a bundle.

    Raises
    ------
    PrecisionError
        If anything is wrong, unless that is accepted.
    """
    if not golden.greedy_ids:
        wrong.append("its first token differs from the reference's, which the server's check does not accept")
    if wrong and not accept_loss:
        raise PrecisionError("the bundle exceeds its error bounds: " + "; ".join(wrong) + ". --accept-loss keeps it")


def write_golden(folder: Path, golden: Golden, size: tuple[int, int]) -> None:
    """Writes the golden answer and its built-in picture into a bundle's folder."""
    (folder / "golden.png").write_bytes(png(built_in_picture(*size)))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    content = asdict(golden) | {"greedy_text": tokenizer.decode(golden.greedy_ids)}
    (folder / "golden.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def error(actual: Floats, expected: Floats) -> float:
    """The root-mean-square difference over the spread of what is expected."""
    spread = float(expected.std())
    return float(np.sqrt(np.square(actual - expected).mean())) / (spread if spread > 0 else 1.0)


def margins_of(logits: Floats) -> Floats:
    """The best minus the second logit of each row."""
    best = np.partition(logits, -2, axis=-1)[..., -2:]
    return np.asarray(best[..., 1] - best[..., 0])


def golden_of(
    question: str, prompt: int, answer: list[int], found: Floats, wanted: Floats, margins: Floats, margin: float
) -> Golden:
    """The reference's choices up to the first disagreement, and the next one if the server's check accepts it.

    It does if the reference's margin there is below ``margin`` and its choice is among the bundle's best three.
    """
    chosen = [int(it) for it in wanted.argmax(-1)]
    same = next((i for i in range(len(chosen)) if chosen[i] != answer[i]), len(chosen))
    if same < len(chosen):
        among_best = chosen[same] in np.argsort(-found[same])[:3]
        same += int(among_best and margins[same] < margin)
    # Four significant digits.
    rounded = [float(f"{it:.4g}") for it in margins[:same]]
    return Golden(question, prompt, chosen[:same], rounded, float(f"{margin:.4g}"))
