"""Compares a bundle in ONNX Runtime with the NumPy reference. Knows the error bounds; writes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from onnx_export import ExportError
from onnx_export.core.layers import Floats
from onnx_export.core.pictures import built_in_picture
from onnx_export.dam import pixels, reference, runner
from onnx_export.dam.parts import Parts
from onnx_export.dam.prompts import IMAGE_QUESTION, VIDEO_QUESTION
from onnx_export.decoder.check import Bounds, Golden, error, golden_of, margins_of
from onnx_export.decoder.reference import Observer, decode

STEPS = 16
PICTURES = ((120, 160), (300, 200))


@dataclass(frozen=True)
class Findings:
    """Measurements on the built-in pictures.

    Errors are root-mean-square differences over the reference's standard deviation; ``agreement`` is the share of
    steps at which the bundle, given the reference's answer, chooses the reference's next token; steps with a margin
    below ``clear`` do not count.
    """

    pixels_off_by_one: float
    embeds_error: float
    embeds_largest: float
    logits_error: float
    logits_largest: float
    agreement: float
    steps: int
    clear_steps: int

    def summary(self) -> str:
        """One line to print."""
        return (
            f"checked against the NumPy reference: the error of embeddings is {self.embeds_error:.1e} of their "
            f"spread (largest {self.embeds_largest:.1e}), of logits {self.logits_error:.1e} "
            f"(largest {self.logits_largest:.1e}); "
            f"{self.agreement:.0%} of {self.clear_steps} clear greedy choices agree"
        )

    @property
    def finite(self) -> bool:
        """Whether all results are finite."""
        return all(math.isfinite(it) for it in asdict(self).values())


def expected_embeds(parts: Parts, tick: Callable[[str], None], observe: Observer) -> Floats:
    """The image embeddings [pictures, tokens, hidden] of the built-in pictures; every layer is read once."""
    return reference.vision(parts, _views(parts), tick, observe).image_embeds


def prompt(folder: Path, manifest: dict[str, Any], parts: Parts, embeds: Floats) -> Floats:
    """The embeddings of a prompt with one picture's ``embeds`` [tokens, hidden]."""
    ids = runner.prompt_ids(folder, manifest, IMAGE_QUESTION)
    return reference.splice(parts, ids, runner.IMAGE_ID, embeds[None])


def _views(parts: Parts) -> Floats:
    return np.concatenate([pixels.views(built_in_picture(*it), parts.config.vision.image) for it in PICTURES])


def _expect_room(manifest: dict[str, Any], kind: str, ids: list[int]) -> None:
    context = manifest["decoder"]["context"]
    needed = len(ids) + ids.count(runner.IMAGE_ID) * (manifest["image"]["tokens"] - 1) + STEPS
    if needed > context:
        raise ExportError(
            f"llm/config.json: max_position_embeddings = {context} leaves no room for a {kind}'s prompt and {STEPS} "
            f"tokens, which are {needed}"
        )


def check(
    folder: Path,
    manifest: dict[str, Any],
    parts: Parts,
    embeds: Floats,
    clear: float,
    tick: Callable[[str], None] = lambda _: None,
) -> tuple[Findings, Golden]:
    """Measures a bundle.

    Both continue the bundle's own greedy answer, so that one NumPy pass over the decoder
    computes the logits of every step.

    Parameters
    ----------
    embeds
        The result of :func:`expected_embeds`.
    clear
        Margin, as a share of the logits' spread, from which a choice counts.
    """
    ids = runner.prompt_ids(folder, manifest, IMAGE_QUESTION)
    _expect_room(manifest, "picture", ids)
    if "video" in manifest:
        _expect_room(manifest, "video", runner.prompt_ids(folder, manifest, VIDEO_QUESTION, "video"))
    off, errors, logits, largest, agreed, counted = 0.0, [], [], [0.0, 0.0], 0, 0
    golden: Golden | None = None
    views = _views(parts)
    for size, expected_views in zip(PICTURES, views, strict=True):
        levels = np.abs(runner.preprocess(folder, built_in_picture(*size))[0] - expected_views) * 127.5
        off = max(off, float((levels > 0.5).mean()), 1.0 if levels.max() > 2.5 else 0.0)
    tick("preprocess")
    for picture, expected in enumerate(embeds):
        actual = runner.encode(folder, views[picture : picture + 1])["image_embeds"][0]
        errors.append(error(actual, expected))
        largest[0] = max(largest[0], float(np.abs(actual - expected).max()))
        answer, found = runner.greedy(folder, manifest, ids, actual, STEPS)
        spliced = reference.splice(parts, ids + answer[:-1], runner.IMAGE_ID, expected[None])
        wanted = decode(parts.decoder, spliced, tick, last=STEPS)
        logits.append(error(found, wanted))
        largest[1] = max(largest[1], float(np.abs(found - wanted).max()))
        margins = margins_of(wanted)
        decided = margins >= clear * wanted.std()
        agreed += int((found.argmax(-1) == wanted.argmax(-1))[decided].sum())
        counted += int(decided.sum())
        if golden is None:
            prompt = len(ids) - 1 + len(expected)
            golden = golden_of(IMAGE_QUESTION, prompt, answer, found, wanted, margins, 4 * clear * float(wanted.std()))
    assert golden is not None
    findings = Findings(
        pixels_off_by_one=off,
        embeds_error=max(errors),
        embeds_largest=largest[0],
        logits_error=max(logits),
        logits_largest=largest[1],
        agreement=agreed / counted if counted else 1.0,
        steps=STEPS * len(PICTURES),
        clear_steps=counted,
    )
    return findings, golden


def verdict(findings: Findings, limit: Bounds, image: int) -> list[str]:
    """Messages about exceeded bounds; empty if there are none. ``image`` is the side of a view."""
    wrong = []
    # In small views many more values lie exactly between two levels, because there are few distinct weights.
    if findings.pixels_off_by_one > (5e-3 if image >= 96 else 0.1):
        wrong.append(f"{findings.pixels_off_by_one:.2%} of the pixels differ from Pillow's")
    if not findings.embeds_error <= limit.embeds:
        wrong.append(
            f"the error of image embeddings is {findings.embeds_error:.2e} of their spread, above {limit.embeds:.2g}"
        )
    if not findings.logits_error <= limit.logits:
        wrong.append(f"the error of logits is {findings.logits_error:.2e} of their spread, above {limit.logits:.2g}")
    if not findings.agreement >= limit.agreement:
        wrong.append(f"only {findings.agreement:.0%} of clear greedy choices agree, fewer than {limit.agreement:.0%}")
    return wrong


def as_manifest(findings: Findings, limit: Bounds) -> dict[str, Any]:
    """The manifest's ``check``."""
    return {"reference": "NumPy, float32, from the checkpoint", **asdict(findings), "bounds": asdict(limit)}
