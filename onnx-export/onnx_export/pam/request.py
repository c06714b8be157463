"""A request to export a PAM checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onnx_export import ExportError
from onnx_export.core.precision import Activations, Device, Precision

_SUPPORTED = {
    Device.CPU: (Precision.FP32, Precision.FP16, Precision.INT8),
    Device.CUDA: (Precision.FP16,),
}


@dataclass(frozen=True)
class Request:
    """What to export, and how.

    ``source`` and ``revision`` say where the checkpoint came from; ``sam`` is a checkpoint of SAM 2.1 for one without
    its weights; ``accept_loss`` keeps a bundle whose error exceeds its bounds.
    """

    checkpoint: Path
    out: Path
    name: str
    precision: Precision
    device: Device
    source: str
    revision: str | None
    accept_loss: bool = False
    sam: Path | None = None
    activations: Activations = Activations.AUTO

    def expect_supported(self) -> None:
        """Raises ExportError unless a bundle can be written in the precision for the device."""
        supported = _SUPPORTED[self.device]
        if self.precision not in supported:
            names = " or ".join(it.value for it in supported)
            raise ExportError(
                f"a PAM checkpoint is exported for {self.device.value} with --precision {names}, "
                f"not {self.precision.value}"
            )
