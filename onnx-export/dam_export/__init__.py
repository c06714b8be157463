"""Turns a checkpoint in the published Describe Anything layout into an ONNX bundle."""

import os

__version__ = "0.1.0"

# Before ONNX Runtime is imported: it writes events of its use into the home folder, and sends them, if nobody says no.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


class ExportError(Exception):
    """A checkpoint or a request that cannot be exported; the message says what is wrong and where."""


class PrecisionError(ExportError):
    """A checkpoint that the precision asked for does not hold well enough; another may."""
