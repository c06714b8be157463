"""Turns a checkpoint in the published Describe Anything layout into an ONNX bundle."""

__version__ = "0.1.0"


class ExportError(Exception):
    """A checkpoint or a request that cannot be exported; the message says what is wrong and where."""


class PrecisionError(ExportError):
    """A checkpoint that the precision asked for does not hold well enough; another may."""
