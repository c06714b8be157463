"""Exports a DAM checkpoint: writes graphs, tokenizer and table, checks them, and finishes the bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from onnx_export import PrecisionError
from onnx_export.core.bundle import BundleFolder
from onnx_export.core.effort import Effort
from onnx_export.core.layers import Floats
from onnx_export.core.per_token import PerTokenChoice, recorded
from onnx_export.core.sentencepiece import SentencePieceModel
from onnx_export.dam import check
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.manifest import manifest_of
from onnx_export.dam.parts import Parts
from onnx_export.dam.preprocess import write_picture, write_region
from onnx_export.dam.request import Request
from onnx_export.dam.vision import write_vision
from onnx_export.decoder.check import bounds, require_accepted, write_golden
from onnx_export.decoder.export import DecoderExport, may_go_per_token
from onnx_export.decoder.reference import unobserved

Say = Callable[[str], None]
Tick = Callable[[str], None]


def steps(checkpoint: Checkpoint, request: Request) -> int:
    """How often :func:`export` calls ``tick``, for a progress bar."""
    layers = checkpoint.config.vision.used_layers
    decoder = checkpoint.config.decoder.layers
    passes = len(check.PICTURES) + may_go_per_token(request)
    return (2 * layers + 2) + (decoder + 1) + (1 + 2 * layers) + passes * decoder


def export(request: Request, tick: Tick = lambda _: None, say: Say = print) -> check.Findings:
    """Writes and checks a bundle; the folder appears only when it is complete.

    Raises
    ------
    ExportError
        If the checkpoint is not supported or the folder exists.
    PrecisionError
        If the bundle's error exceeds its bounds, or a weight is out of range.
    """
    effort = Effort()
    with BundleFolder(request.out) as folder, Checkpoint(request.checkpoint) as checkpoint:
        for note in checkpoint.config.notes:
            say(f"note: {note}")
        if not request.joint and "video" in request.source.rsplit("/", 1)[-1].lower():
            say(f"note: {request.source} is exported for pictures alone: if it was trained on video too, use --joint")
        parts, work = Parts(checkpoint), folder.path
        manifest = manifest_of(parts.config, request)
        SentencePieceModel(checkpoint.tokenizer_model).write(work / "tokenizer.json")
        choice = PerTokenChoice(request.precision.bits) if request.may_vision_go_per_token else None
        embeds = check.expected_embeds(parts, tick, choice or unobserved)
        say(f"computed the reference's image embeddings in {effort()}")
        per_token = recorded(choice, "vision", manifest, say) if choice else frozenset()
        decoder = DecoderExport(work, manifest, parts.decoder, request, tick, say)
        if may_go_per_token(request):
            decoder.choose(check.prompt(work, manifest, parts, embeds[0]))
        _write_vision(work, parts, request, per_token, tick)
        decoder.write()
        say(f"converted in {effort()}")
        findings = _check(work, parts, manifest, request, decoder, embeds, tick, say)
        say(f"converted and checked in {effort()}")
        folder.finish(manifest)
    return findings


def _write_vision(work: Path, parts: Parts, request: Request, per_token: frozenset[str], tick: Tick) -> None:
    write_picture(work / "picture.onnx", parts.config.vision.image)
    write_region(work / "region.onnx", parts.config.vision.image)
    write_vision(work / "vision.onnx", parts, request.vision_precision, request.device, per_token, tick)


def _check(
    work: Path,
    parts: Parts,
    manifest: dict[str, Any],
    request: Request,
    decoder: DecoderExport,
    embeds: Floats,
    tick: Tick,
    say: Say,
) -> check.Findings:
    limit = bounds(request.precision, request.device)
    findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    graphs = manifest["graphs"]
    if findings.embeds_error > limit.embeds and graphs["vision"].get("per_token"):
        say(f"the error of image embeddings is {findings.embeds_error:.1e}: writing vision again per block")
        write_vision(work / "vision.onnx", parts, request.vision_precision, request.device, tick=tick)
        graphs["vision"]["per_token"] = 0
        findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    if decoder.write_again(findings.logits_error, limit.logits):
        findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    say(findings.summary())
    if not findings.finite:
        raise PrecisionError("the bundle computes NaN or infinity")
    wrong = check.verdict(findings, limit, parts.config.vision.image)
    require_accepted(wrong, golden, request.accept_loss)
    manifest["check"] = check.as_manifest(findings, limit) | {"accepted_loss": wrong}
    write_golden(work, golden, check.PICTURES[0])
    return findings
