"""The exporter's command line: options and messages. Knows nothing about models but how to start an export."""

from __future__ import annotations

import argparse
import re
import signal
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from onnx_export import ExportError, PrecisionError
from onnx_export.core.precision import Activations, Device, Precision
from onnx_export.dam import export as dam
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.request import Request
from onnx_export.pam import config as pam_config
from onnx_export.pam import export as pam
from onnx_export.pam.request import Request as PamRequest
from onnx_export.sam2 import export as sam2
from onnx_export.sam2.config import is_sam2
from onnx_export.sam2.request import Request as Sam2Request

AUTO = "auto"
AnyRequest = Request | PamRequest | Sam2Request


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/export",
        description="Exports a Describe Anything, Perceive Anything or SAM 2.1 checkpoint to a bundle, and checks it.",
    )
    parser.add_argument("checkpoint", help="a folder in the published layout, or a Hugging Face repository id")
    parser.add_argument("out", type=Path, help="the bundle's folder; must be empty or not exist")
    parser.add_argument(
        "--precision",
        choices=[it.value for it in Precision] + [AUTO],
        help="how weights are stored; auto takes the first of int8, fp16 and fp32, or for cuda of fp16 and bf16, that "
        "is within its error bounds on this checkpoint (default: fp32 for cpu, fp16 for cuda)",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        choices=[it.value for it in Device],
        help="where the bundle runs: cpu computes in float32, cuda in float16, or with --precision bf16 the decoder in "
        "bfloat16 (default: %(default)s)",
    )
    parser.add_argument(
        "--decoder-activations",
        default=Activations.AUTO.value,
        choices=[it.value for it in Activations],
        help="how an int8 decoder for the CPU quantises activations: per block of 128 values, or per token where the "
        "error allows; auto is per token on x86-64, where prefill is faster so (default: %(default)s)",
    )
    parser.add_argument("--joint", action="store_true", help="the checkpoint was trained on images and video")
    parser.add_argument("--name", help="the model's name in the API (default: the checkpoint's name)")
    parser.add_argument(
        "--sam", help="a SAM 2.1 large checkpoint, for a Perceive Anything checkpoint without its weights"
    )
    parser.add_argument("--accept-loss", action="store_true", help="keep a bundle even if its error exceeds the bounds")
    return parser


def _origin(folder: Path) -> tuple[str, str | None]:
    """Name and revision of a folder. In the hub's cache the folder's name is the revision."""
    folder = folder.resolve()
    repository = folder.parent.parent.name
    if folder.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/"), folder.name
    return folder.name, None


def _locate(checkpoint: str) -> tuple[Path, str, str | None]:
    """The checkpoint's folder, its source, and its revision."""
    folder = Path(checkpoint)
    if folder.is_dir():
        return folder, *_origin(folder)
    if folder.is_file():
        raise ExportError(f"{checkpoint} is a file: name the folder with config.json and the safetensors files")
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", checkpoint):
        raise ExportError(f"{checkpoint} is neither a folder nor a repository id")
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise ExportError("huggingface_hub is not installed: pip install 'onnx-export[hub]'") from None
    try:
        # SAM 2.1 repositories also have the weights as a pickle.
        local = Path(snapshot_download(checkpoint, ignore_patterns=["*.pt"]))
    except Exception as e:  # many exception types: no such repository, no access, no network
        raise ExportError(f"{checkpoint} is not a folder and cannot be fetched: {str(e).split(chr(10))[0]}") from None
    return local, checkpoint, local.name


def _checked(name: str) -> str:
    """Returns the model's name. Raises ExportError if it is not one line of text."""
    if not name.strip() or any(unicodedata.category(it) in ("Cc", "Cs", "Zl", "Zp") for it in name):
        raise ExportError(f"--name = {name!r} is not supported: it must be one line of text")
    return name


def _stop_on_signals() -> None:
    """Turns signals into SystemExit, so that a partial bundle is deleted. Leaves SIGHUP ignored under nohup."""

    def stop(number: int, _: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)


def _candidates(precision: str | None, request: AnyRequest) -> list[Precision]:
    device = request.device
    if precision is None:
        return [Precision.FP16 if device is Device.CUDA else Precision.FP32]
    if precision == Precision.FP32.value and device is Device.CUDA:
        raise ExportError("--device cuda computes in 16 bits: --precision fp32 is for the CPU")
    if precision == Precision.BF16.value and device is Device.CPU:
        raise ExportError("CPU operators do not compute in bfloat16: --precision bf16 needs --device cuda")
    if precision != AUTO:
        return [Precision(precision)]
    if device is Device.CUDA:
        return [Precision.FP16, Precision.BF16] if isinstance(request, Request) else [Precision.FP16]
    return [Precision.INT8, Precision.FP16, Precision.FP32]


def main(arguments: list[str] | None = None) -> int:
    """Runs the exporter; returns the exit status."""
    options = _parser().parse_args(arguments)
    _stop_on_signals()
    try:
        asked = None if options.name is None else _checked(options.name)
        folder, source, revision = _locate(options.checkpoint)
        request = _request(options, folder, asked or _checked(source.rsplit("/", 1)[-1]), source, revision)
        _export(request, _candidates(options.precision, request))
    except (ExportError, OSError) as e:
        print(f"error: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


def _request(options: argparse.Namespace, folder: Path, name: str, source: str, revision: str | None) -> AnyRequest:
    """What is asked, for the family of the checkpoint."""
    device, activations = Device(options.device), Activations(options.decoder_activations)
    pam_folder = pam_config.find(folder)
    if options.sam and pam_folder is None:
        raise ExportError("--sam is for Perceive Anything, and this is another model")
    if pam_folder or is_sam2(folder):
        model = "Perceive Anything" if pam_folder else "SAM 2.1"
        if options.joint:
            raise ExportError(f"--joint is for Describe Anything, and this is {model}")
    if pam_folder:
        sam = _locate(options.sam)[0] if options.sam else None
        return PamRequest(
            checkpoint=pam_folder,
            out=options.out,
            name=name,
            precision=Precision.FP32,
            device=device,
            source=source,
            revision=revision,
            accept_loss=options.accept_loss,
            sam=sam,
            activations=activations,
        )
    if is_sam2(folder):
        if activations is not Activations.AUTO:
            raise ExportError("--decoder-activations is for language models, and SAM 2.1 has none")
        return Sam2Request(folder, options.out, name, Precision.FP32, device, source, revision, options.accept_loss)
    return Request(
        checkpoint=folder,
        out=options.out,
        name=name,
        joint=options.joint,
        precision=Precision.FP32,
        device=device,
        source=source,
        revision=revision,
        accept_loss=options.accept_loss,
        activations=activations,
    )


def _steps(request: AnyRequest) -> int:
    if isinstance(request, Sam2Request):
        return sam2.steps(request)
    if isinstance(request, PamRequest):
        return pam.steps(request)
    with Checkpoint(request.checkpoint) as checkpoint:
        return dam.steps(checkpoint, request)


def _write(request: AnyRequest, tick: Callable[[str], None], say: Callable[[str], None]) -> None:
    if isinstance(request, Sam2Request):
        sam2.export(request, tick, say)
    elif isinstance(request, PamRequest):
        pam.export(request, tick, say)
    else:
        dam.export(request, tick, say)


def _export(request: AnyRequest, candidates: list[Precision]) -> None:
    for i, precision in enumerate(candidates):
        total = _steps(replace(request, precision=precision))
        with tqdm(
            total=total, unit="layer", desc=f"{request.name} {precision.value}", file=sys.stderr, disable=None
        ) as bar:

            def tick(what: str, bar: tqdm = bar) -> None:
                bar.set_postfix_str(what)
                bar.update()

            try:
                # With --accept-loss, a later precision within its bounds is still better.
                last = i + 1 == len(candidates)
                accept = request.accept_loss and last
                _write(replace(request, precision=precision, accept_loss=accept), tick, bar.write)
                break
            except PrecisionError as e:
                if last:
                    raise
                bar.write(f"{precision.value}: {e}; trying {candidates[i + 1].value}")
    print(f"wrote {request.out} ({precision.value}, {request.device.value})")


if __name__ == "__main__":
    sys.exit(main())
