"""A request to export a DAM checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onnx_export.core.precision import Activations, Device, Precision


@dataclass(frozen=True)
class Request:
    """What to export, and how.

    ``source`` and ``revision`` say where the checkpoint came from; ``accept_loss`` keeps a bundle whose error exceeds
    its bounds; ``joint`` means that the checkpoint was trained on pictures and video.
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
    def vision_precision(self) -> Precision:
        """CUDA has no bfloat16 kernels for the operators of vision."""
        return Precision.FP16 if self.precision is Precision.BF16 else self.precision

    @property
    def may_vision_go_per_token(self) -> bool:
        """Whether to measure the products of vision."""
        return self.precision.quantised and self.device is Device.CPU
