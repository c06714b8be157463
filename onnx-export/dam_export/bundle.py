"""Puts a bundle together: graphs, table, tokenizer, check, manifest. Knows the folder, not the graphs' insides."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from tokenizers import Tokenizer

from dam_export import ExportError, PrecisionError, __version__, check, pairs, pixels
from dam_export.checkpoint import Checkpoint, Floats
from dam_export.decoder import write_decoder
from dam_export.effort import Effort
from dam_export.graph import as_half, real_dtype
from dam_export.parts import Parts
from dam_export.precision import Activations, Device, Precision
from dam_export.preprocess import write_preprocess
from dam_export.prompts import FRAMES, SAMPLING, manifest_prompts
from dam_export.reference import unobserved
from dam_export.rows import RowChoice
from dam_export.tokenizer import write_tokenizer
from dam_export.vision import write_vision

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Request:
    """What to export, and how.

    ``source`` and ``revision`` say where the checkpoint came from; ``accept_loss`` keeps a bundle that errs more than
    its bounds allow.
    """

    checkpoint: Path
    out: Path
    name: str
    joint: bool
    precision: Precision
    device: Device
    source: str
    revision: str | None
    accept_loss: bool = False
    activations: Activations = Activations.AUTO

    @property
    def vision_may_go_by_row(self) -> bool:
        """Whether products of vision are measured."""
        return self.precision.quantised and self.device is Device.CPU

    @property
    def decoder_may_go_by_row(self) -> bool:
        """Whether products of the decoder are measured."""
        if self.precision is not Precision.INT8 or self.device is not Device.CPU:
            return False
        return self.activations is Activations.ROWS or (self.activations is Activations.AUTO and pairs.saturates())


@dataclass(frozen=True)
class Rows:
    """The products that round activations by row."""

    vision: frozenset[str] = frozenset()
    decoder: frozenset[str] = frozenset()


def steps(checkpoint: Checkpoint, request: Request) -> int:
    """How many ticks :func:`export` gives, for a progress bar."""
    layers = checkpoint.config.vision.used_layers
    decoder = checkpoint.config.decoder.layers
    passes = len(check.PICTURES) + request.decoder_may_go_by_row
    return (2 * layers + 2) + (decoder + 1) + (1 + 2 * layers) + passes * decoder


def export(
    request: Request, tick: Callable[[str], None] = lambda _: None, say: Callable[[str], None] = print
) -> check.Findings:
    """Writes and checks a bundle; the folder appears only when it is complete.

    Raises
    ------
    ExportError
        If the checkpoint is not supported or the folder exists.
    PrecisionError
        If the bundle errs too much, or cannot hold a weight.
    """
    if request.out.exists() and not request.out.is_dir():
        raise ExportError(f"{request.out} is a file")
    if request.out.exists() and any(request.out.iterdir()):
        raise ExportError(f"{request.out} exists and is not empty")
    out = request.out.resolve()
    # A folder that is there already may be a mount, which only its own inside can be moved into at once.
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=out.name + ".part.", dir=out if out.exists() else out.parent))
    work.chmod(0o755)
    effort = Effort()
    try:
        with Checkpoint(request.checkpoint) as checkpoint:
            parts = Parts(checkpoint)
            manifest = _manifest(checkpoint, parts, request)
            write_tokenizer(checkpoint.tokenizer_model, parts.config.decoder, work / "tokenizer.json")
            choice = RowChoice(request.precision.bits) if request.vision_may_go_by_row else None
            embeds = check.expected_embeds(parts, tick, choice or unobserved)
            say(f"computed the reference's image embeddings in {effort()}")
            rows = Rows()
            if choice:
                rows = replace(rows, vision=_chosen(choice, "vision", manifest.setdefault("vision", {}), say))
            if request.decoder_may_go_by_row:
                choice = RowChoice(request.precision.bits, kept=0)
                check.observe_prompt(work, manifest, parts, embeds[0], tick, choice)
                rows = replace(rows, decoder=_chosen(choice, "the decoder", manifest["decoder"], say))
            _write_files(work, parts, request, rows, tick)
            say(f"converted in {effort()}")
            findings = _check(work, parts, manifest, request, embeds, tick, say)
            say(f"converted and checked in {effort()}")
        manifest["files"] = {file.name: _entry(file) for file in sorted(work.iterdir())}
        text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (work / "manifest.json").write_text(text, "utf-8")
        _move(work, out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return findings


def _move(work: Path, out: Path) -> None:
    """Makes the work the bundle. In a folder that was there the manifest, without which it is none, comes last."""
    if work.parent != out:
        work.rename(out)
        return
    for file in sorted(work.iterdir(), key=lambda it: it.name == "manifest.json"):
        file.rename(out / file.name)
    work.rmdir()


def _chosen(choice: RowChoice, part: str, described: dict[str, Any], say: Callable[[str], None]) -> frozenset[str]:
    by_row = choice.by_row()
    say(f"{len(by_row)} of {choice.products} products of {part} go by row")
    described.update(products=choice.products, by_row=len(by_row))
    return by_row


def _write_files(work: Path, parts: Parts, request: Request, rows: Rows, tick: Callable[[str], None]) -> None:
    write_preprocess(work / "preprocess.onnx", parts.config.vision.image)
    write_vision(work / "vision.onnx", parts, _vision_precision(request), request.device, rows.vision, tick)
    write_decoder(work / "decoder.onnx", parts, request.precision, request.device, rows.decoder, tick)
    table = parts.token_embeddings()
    dtype = _embedding_dtype(request)
    stored = as_half(table) if dtype == np.float16 else table.astype(dtype)
    bits = stored.view(f"u{dtype.itemsize}")
    (work / "embed_tokens.bin").write_bytes(bits.astype(bits.dtype.newbyteorder("<")).data)


def _vision_precision(request: Request) -> Precision:
    return Precision.FP16 if request.precision is Precision.BF16 else request.precision


def _embedding_dtype(request: Request) -> np.dtype[Any]:
    """As weights are stored, but never less than 16 bits."""
    if request.precision is Precision.FP32 and request.device is Device.CPU:
        return np.dtype(np.float32)
    return np.dtype(ml_dtypes.bfloat16 if request.precision is Precision.BF16 else np.float16)


def _manifest(checkpoint: Checkpoint, parts: Parts, request: Request) -> dict[str, Any]:
    v, d = parts.config.vision, parts.config.decoder
    manifest: dict[str, Any] = {
        "format": "describe-anything-bundle",
        "format_version": FORMAT_VERSION,
        "name": request.name,
        "kind": "joint" if request.joint else "image",
        "precision": request.precision.value,
        "device": request.device.value,
        "source": {
            "name": request.source,
            "revision": request.revision,
            "config_sha256": checkpoint.config.sha256,
        },
        "exporter": {
            "version": __version__,
            "onnx": version("onnx"),
            "onnxruntime": version("onnxruntime"),
        },
        "image": {"size": v.image, "patch_size": v.patch, "tokens": v.tokens, "expansion": 3, "minimum_box": 48},
        "decoder": {
            "hidden_size": d.hidden,
            "layers": d.layers,
            "heads": d.heads,
            "kv_heads": d.kv_heads,
            "head_dim": d.head_dim,
            "vocab_size": d.vocab,
            "context": d.context,
            "dtype": str(real_dtype(request.precision, request.device)),
            "embedding_dtype": str(_embedding_dtype(request)),
            "bos_token_id": d.bos,
            "eos_token_ids": list(d.eos),
            "pad_token_id": d.pad,
        },
        "prompts": manifest_prompts(request.joint),
        "sampling": SAMPLING,
    }
    if request.joint:
        manifest["video"] = {"frames": FRAMES}
    return manifest


def _check(
    work: Path,
    parts: Parts,
    manifest: dict[str, Any],
    request: Request,
    embeds: Floats,
    tick: Callable[[str], None],
    say: Callable[[str], None],
) -> check.Findings:
    limit = check.bounds(request.precision, request.device)
    findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    if findings.embeds_error > limit.embeds and manifest.get("vision", {}).get("by_row"):
        say(f"image embeddings err by {findings.embeds_error:.1e} by row: vision is written again in blocks")
        write_vision(work / "vision.onnx", parts, _vision_precision(request), request.device, tick=tick)
        manifest["vision"]["by_row"] = 0
        findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    chosen_here = request.activations is Activations.AUTO
    if findings.logits_error > limit.logits and manifest["decoder"].get("by_row") and chosen_here:
        say(f"logits err by {findings.logits_error:.1e} by row: the decoder is written again in blocks")
        write_decoder(work / "decoder.onnx", parts, request.precision, request.device, tick=tick)
        manifest["decoder"]["by_row"] = 0
        findings, golden = check.check(work, manifest, parts, embeds, limit.clear, tick)
    say(
        f"checked against NumPy over the checkpoint: embeddings err by {findings.embeds_error:.1e} of their spread "
        f"(largest {findings.embeds_largest:.1e}), logits by {findings.logits_error:.1e} "
        f"(largest {findings.logits_largest:.1e}), {findings.agreement:.0%} of {findings.clear_steps} clear greedy "
        f"choices agree"
    )
    if not findings.finite:
        raise PrecisionError("the bundle is not good enough: it computes NaN or infinity")
    wrong = check.verdict(findings, limit, parts.config.vision.image)
    if not golden.greedy_ids:
        wrong.append("it leaves the reference's answer at the first token, which servers would not excuse")
    if wrong and not request.accept_loss:
        raise PrecisionError("the bundle is not good enough: " + "; ".join(wrong) + ". --accept-loss keeps it")
    manifest["check"] = check.as_manifest(findings, limit) | {"accepted_loss": wrong}
    (work / "golden.png").write_bytes(pixels.png(pixels.built_in_picture(*check.PICTURES[0])))
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    content = asdict(golden) | {"greedy_text": tokenizer.decode(golden.greedy_ids)}
    (work / "golden.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return findings


def _entry(file: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}
