"""A small random checkpoint and a request to export it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from random_checkpoint import Dimensions, RandomCheckpoint

from onnx_export.core.precision import Device, Precision
from onnx_export.dam.request import Request

SMALL = Dimensions(image=48, vision_layers=2, layers=1)


def request(checkpoint: Path, out: Path, **changes: Any) -> Request:
    """A request to export in float32 for the CPU, with changes."""
    return replace(Request(checkpoint, out, "tiny", True, Precision.FP32, Device.CPU, "tiny", None), **changes)


def written(folder: Path, change: Callable[[RandomCheckpoint], object] = lambda _: None) -> Path:
    """Writes a small checkpoint, changed by a function first."""
    random = RandomCheckpoint(SMALL)
    change(random)
    random.write(folder / "checkpoint")
    return folder / "checkpoint"
