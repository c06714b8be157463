"""Exports a SAM 2.1 checkpoint: writes graphs, checks them, and finishes the bundle."""

from __future__ import annotations

from collections.abc import Callable

from onnx_export import PrecisionError
from onnx_export.core.bundle import BundleFolder
from onnx_export.core.effort import Effort
from onnx_export.sam2 import check
from onnx_export.sam2.attention import write_attention
from onnx_export.sam2.manifest import manifest_of
from onnx_export.sam2.mask import write_mask
from onnx_export.sam2.memory import write_mask_prompt, write_memory
from onnx_export.sam2.picture import write_picture
from onnx_export.sam2.pixels import write_frame, write_pixels
from onnx_export.sam2.request import Request
from onnx_export.sam2.video_parts import VideoParts

Say = Callable[[str], None]
Tick = Callable[[str], None]


def steps(request: Request) -> int:
    """How often :func:`export` calls ``tick``, for a progress bar."""
    config = VideoParts(request.checkpoint).config
    return (1 + check.PICTURES) * len(config.trunk.blocks(config.image))


def export(request: Request, tick: Tick = lambda _: None, say: Say = print) -> check.Findings:
    """Writes and checks a bundle; the folder appears only when it is complete.

    Raises
    ------
    ExportError
        If the checkpoint is not supported or the folder exists.
    PrecisionError
        If the bundle's error is above its bounds, or a weight does not fit.
    """
    request.expect_supported()
    effort = Effort()
    with BundleFolder(request.out) as folder:
        parts, work = VideoParts(request.checkpoint), folder.path
        manifest = manifest_of(parts.config, request)
        write_pixels(work / "pixels.onnx", parts.config.image)
        write_frame(work / "frame.onnx", parts.config.image)
        write_picture(work / "picture.onnx", parts, request.precision, request.device, tick)
        write_mask(work / "mask.onnx", parts)
        write_mask_prompt(work / "mask_prompt.onnx", parts)
        write_memory(work / "memory.onnx", parts, request.precision)
        write_attention(work / "attention.onnx", parts, request.precision)
        say(f"converted in {effort()}")
        findings = check.check(work, parts, tick)
        say(findings.summary())
        limit = check.bounds(request.precision, request.device)
        if not findings.finite:
            raise PrecisionError("the bundle is not good enough: it computes NaN or infinity")
        wrong = check.verdict(findings, limit)
        if wrong and not request.accept_loss:
            raise PrecisionError("the bundle is not good enough: " + "; ".join(wrong) + ". --accept-loss keeps it")
        manifest["check"] = check.as_manifest(findings, limit) | {"accepted_loss": wrong}
        say(f"converted and checked in {effort()}")
        folder.finish(manifest)
    return findings
