"""Exports a PAM checkpoint: writes graphs, tokenizer and table, checks them, and finishes the bundle."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from onnx_export import PrecisionError
from onnx_export.core.bundle import BundleFolder
from onnx_export.core.effort import Effort
from onnx_export.decoder.check import require_accepted, write_golden
from onnx_export.decoder.export import DecoderExport, may_go_per_token
from onnx_export.pam import check
from onnx_export.pam.manifest import licences, manifest_of
from onnx_export.pam.parts import Parts
from onnx_export.pam.perceiver import write_perceiver
from onnx_export.pam.request import Request
from onnx_export.sam2.attention import write_attention
from onnx_export.sam2.mask import write_mask
from onnx_export.sam2.memory import write_mask_prompt, write_memory
from onnx_export.sam2.picture import write_picture
from onnx_export.sam2.pixels import write_frame

Say = Callable[[str], None]
Tick = Callable[[str], None]


def steps(request: Request) -> int:
    """How often :func:`export` calls ``tick``, for a progress bar."""
    config = Parts(request.checkpoint, request.sam).config
    passes = 2 + may_go_per_token(request)
    return 2 * len(config.sam.trunk.blocks(config.sam.image)) + passes * config.decoder.layers + 1


def export(request: Request, tick: Tick = lambda _: None, say: Say = print) -> check.Findings:
    """Writes and checks a bundle; the folder appears only when it is complete.

    Raises
    ------
    ExportError
        If the checkpoint is not supported or the folder exists.
    PrecisionError
        If the bundle's error exceeds its bounds, or a weight is out of range.
    """
    request.expect_supported()
    effort = Effort()
    with BundleFolder(request.out) as folder:
        parts, work = Parts(request.checkpoint, request.sam), folder.path
        for note in parts.config.notes:
            say(f"note: {note}")
        for it in licences(parts.config.decoder):
            say(f"licence of {it['part']}: {it['licence']}")
        manifest = manifest_of(parts, request)
        wanted = check.expected(parts, tick)
        say(f"computed the reference's embeddings in {effort()}")
        decoder = DecoderExport(work, manifest, parts.decoder, request, tick, say)
        if may_go_per_token(request):
            decoder.choose(check.prompt(parts, wanted))
        _write_files(work, parts, request, tick)
        decoder.write()
        say(f"converted in {effort()}")
        findings = _check(work, parts, manifest, request, decoder, wanted, tick, say)
        say(f"converted and checked in {effort()}")
        folder.finish(manifest)
    return findings


def _write_files(work: Path, parts: Parts, request: Request, tick: Tick) -> None:
    precision, device = request.precision, request.device
    shutil.copyfile(parts.folder / "tokenizer.json", work / "tokenizer.json")
    write_frame(work / "frame.onnx", parts.config.sam.image)
    write_picture(work / "picture.onnx", parts.sam, precision, device, tick)
    write_mask(work / "mask.onnx", parts.sam)
    write_mask_prompt(work / "mask_prompt.onnx", parts.sam)
    # PAM rounds prompted frames' memories only, which the server does.
    write_memory(work / "memory.onnx", parts.sam, precision, rounded=False)
    write_attention(work / "attention.onnx", parts.sam, precision)
    write_perceiver(work / "perceiver.onnx", parts, precision)


def _check(
    work: Path,
    parts: Parts,
    manifest: dict[str, Any],
    request: Request,
    decoder: DecoderExport,
    wanted: check.Expected,
    tick: Tick,
    say: Say,
) -> check.Findings:
    limit = check.bounds(request.precision, request.device)
    findings, golden = check.check(work, manifest, parts, wanted, limit.clear, tick)
    if decoder.write_again(findings.logits_error, limit.logits):
        findings, golden = check.check(work, manifest, parts, wanted, limit.clear, tick)
    say(findings.summary())
    if not findings.finite:
        raise PrecisionError("the bundle computes NaN or infinity")
    wrong = check.verdict(findings, limit)
    require_accepted(wrong, golden, request.accept_loss)
    manifest["check"] = check.as_manifest(findings, limit) | {"accepted_loss": wrong}
    write_golden(work, golden, check.SIZE)
    return findings
