"""Exports checkpoints of vision-language models to ONNX bundles.

``core`` is shared by all model families; each family has a package of its own (``dam``).
"""

import os

__version__ = "0.1.0"

# ONNX Runtime reads this when it is imported: without it, it writes usage events to the home folder and sends them.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


class ExportError(Exception):
    """A checkpoint or a request that cannot be exported; the message names the file or option."""


class PrecisionError(ExportError):
    """The error of the chosen precision is too large for this checkpoint; another precision may work."""
