"""Opens a graph in ONNX Runtime on the CPU, with the options that the server uses; knows no graph."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from onnx_export.core import saturation


def session(file: Path, threads: int = 0) -> onnxruntime.InferenceSession:
    """A session on the CPU."""
    return onnxruntime.InferenceSession(str(file), session_options(threads), providers=["CPUExecutionProvider"])


def session_options(threads: int = 0) -> onnxruntime.SessionOptions:
    """No spinning threads, and exact sums of bytes where they would saturate."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if saturation.saturates():
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options
