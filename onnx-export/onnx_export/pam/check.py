"""Compares a bundle in ONNX Runtime with the NumPy pass over the checkpoint. Knows the error bounds; writes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from onnx_export.core.layers import Floats
from onnx_export.core.pictures import built_in_picture
from onnx_export.core.precision import Device, Precision
from onnx_export.decoder import check as shared
from onnx_export.decoder.check import Bounds, Golden, error, golden_of, margins_of
from onnx_export.decoder.reference import decode
from onnx_export.decoder.runner import IMAGE_ID, DecoderRun, follow
from onnx_export.pam import pixels, reference
from onnx_export.pam.parts import Parts
from onnx_export.pam.prompts import TASKS
from onnx_export.pam.runner import Runner, box_prompt, prompt_ids
from onnx_export.sam2 import reference as sam2
from onnx_export.sam2.check import iou
from onnx_export.sam2.reference import Masks, Prompt

STEPS = 16
SIZE = (120, 160)
QUESTION = TASKS["detailed_caption"]["en"]


def bounds(precision: Precision, device: Device) -> Bounds:
    """The bounds of a precision on a device. Under int8 embeddings err as much as SAM's own do."""
    limit = shared.bounds(precision, device)
    return Bounds(0.25, 0.25, 0.9, limit.clear) if precision is Precision.INT8 else limit


@dataclass(frozen=True)
class Findings:
    """Measurements on the built-in picture: root-mean-square errors over the reference's standard deviation, and the
    IoU of the two masks. ``agreement`` is as in DAM's check."""

    pixels_off_by_one: float
    mask_iou: float
    embeds_error: float
    logits_error: float
    logits_largest: float
    agreement: float
    steps: int
    clear_steps: int

    def summary(self) -> str:
        """One line to print."""
        return (
            f"checked against the NumPy reference: the IoU of masks is {self.mask_iou:.4f}, the error of embeddings "
            f"{self.embeds_error:.1e} of their spread, of logits {self.logits_error:.1e} (largest "
            f"{self.logits_largest:.1e}); {self.agreement:.0%} of {self.clear_steps} clear greedy choices agree"
        )

    @property
    def finite(self) -> bool:
        """Whether all results are finite."""
        return all(math.isfinite(it) for it in asdict(self).values())


@dataclass(frozen=True)
class Expected:
    """What the reference computes of the built-in picture: its pixels, the mask decoder's results, the embeddings."""

    pixels: Floats
    masks: Masks
    embeds: Floats


def _region() -> tuple[Any, Prompt]:
    """The built-in picture, and the tight box of its mask as a prompt for pictures of side 1 (to be scaled)."""
    picture = built_in_picture(*SIZE)
    rows, columns = np.flatnonzero(picture[..., 3].any(1)), np.flatnonzero(picture[..., 3].any(0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return picture[..., :3], box_prompt(box, SIZE[1], SIZE[0], 1)


def expected(parts: Parts, tick: Callable[[str], None] = lambda _: None) -> Expected:
    """Computes it; every block of SAM is read once."""
    rgb, prompt = _region()
    size = parts.config.sam.image
    values = pixels.stretched(rgb, size)
    found = sam2.mask(parts.sam, sam2.picture(parts.sam, values, tick), _scaled(prompt, size))
    config = parts.config.sam
    tokens = reference.chosen_tokens(found, config.stability_delta, config.stability_threshold)
    perceived = reference.perceive(parts, found.seen, tokens)
    return Expected(values, found, reference.picture_embeds(parts, perceived))


def _scaled(prompt: Prompt, size: int) -> Prompt:
    return Prompt(prompt.points * np.float32(size), prompt.labels)


def check(
    folder: Path,
    manifest: dict[str, Any],
    parts: Parts,
    wanted: Expected,
    clear: float,
    tick: Callable[[str], None] = lambda _: None,
) -> tuple[Findings, Golden]:
    """Measures a bundle. Both continue the bundle's own greedy answer.

    Parameters
    ----------
    clear
        Margin, as a share of the logits' spread, from which a choice counts.
    """
    rgb, prompt = _region()
    runner, size = Runner(folder), parts.config.sam.image
    # A level is 1 / 255 / 0.226 on average.
    levels = np.abs(runner.pixels(rgb) - wanted.pixels) * 255 * 0.226
    # From the reference's pixels on: a few that are one level off err more than float32 does.
    found = runner.mask(runner.picture(wanted.pixels), _scaled(prompt, size))
    embeds = runner.perceive(found, parts)["picture_embeds"][: parts.picture_tokens]
    ids = prompt_ids(folder, QUESTION)
    run = DecoderRun(folder, manifest, len(ids) - 1 + len(embeds) + STEPS)
    answer, logits = follow(run, run.embed(ids, embeds), STEPS, None)
    # Neither the graphs nor a second table are in memory beside the reference, whose table is large.
    del run, runner
    exact = decode(parts.decoder, _spliced(parts, [*ids, *answer[:-1]], wanted.embeds), tick, last=STEPS)
    margins = margins_of(exact)
    decided = margins >= clear * exact.std()
    agreed, counted = int((logits.argmax(-1) == exact.argmax(-1))[decided].sum()), int(decided.sum())
    findings = Findings(
        pixels_off_by_one=float((levels > 0.5).mean()) if levels.max() < 2.5 else 1.0,
        mask_iou=iou(found.masks[0] > 0, wanted.masks.masks[0] > 0),
        embeds_error=error(embeds, wanted.embeds),
        logits_error=error(logits, exact),
        logits_largest=float(np.abs(logits - exact).max()),
        agreement=agreed / counted if counted else 1.0,
        steps=STEPS,
        clear_steps=counted,
    )
    prompt_tokens, margin = len(ids) - 1 + len(embeds), 4 * clear * float(exact.std())
    return findings, golden_of(QUESTION, prompt_tokens, answer, logits, exact, margins, margin)


def prompt(parts: Parts, wanted: Expected) -> Floats:
    """The embeddings of a prompt with the built-in picture."""
    return _spliced(parts, prompt_ids(parts.folder, QUESTION), wanted.embeds)


def _spliced(parts: Parts, ids: list[int], picture: Floats) -> Floats:
    """The embeddings of a prompt: the picture's rows where it goes, and the table's."""
    table = parts.decoder.token_embeddings()
    return np.concatenate([picture if it == IMAGE_ID else table[it][None] for it in ids])


def verdict(findings: Findings, limit: Bounds) -> list[str]:
    """Messages about exceeded bounds; empty if there are none."""
    wrong = []
    if findings.pixels_off_by_one > 5e-3:
        wrong.append(f"{findings.pixels_off_by_one:.2%} of the pixels differ from Pillow's")
    if not findings.mask_iou >= 0.98:
        wrong.append(f"the IoU with the reference's mask is {findings.mask_iou:.4f}, below 0.98")
    if not findings.embeds_error <= limit.embeds:
        wrong.append(
            f"the error of embeddings is {findings.embeds_error:.2e} of their spread, above {limit.embeds:.2g}"
        )
    if not findings.logits_error <= limit.logits:
        wrong.append(f"the error of logits is {findings.logits_error:.2e} of their spread, above {limit.logits:.2g}")
    if not findings.agreement >= limit.agreement:
        wrong.append(f"only {findings.agreement:.0%} of clear greedy choices agree, fewer than {limit.agreement:.0%}")
    return wrong


def as_manifest(findings: Findings, limit: Bounds) -> dict[str, Any]:
    """The manifest's ``check``."""
    return {"reference": "NumPy, float32, from the checkpoint", **asdict(findings), "bounds": asdict(limit)}
