"""Tests whether ONNX Runtime saturates sums of byte products at 16 bits on this processor, with one tiny graph.

x86 without VNNI multiplies unsigned by signed bytes with VPMADDUBSW, which adds neighbouring products and saturates.
ONNX Runtime has a slower exact mode (``session.x64quantprecision``), to be used only if needed.
`python -m onnx_export.core.saturation FILE` writes the graph for the server, which runs the same test.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROWS, INPUTS, OUTPUTS = 8, 64, 16
EXACT = 255 * 127 * INPUTS


def graph() -> bytes:
    """Multiplies the largest bytes [ROWS, INPUTS] by the largest weights: EXACT everywhere, or less if saturated."""
    constants = {
        "weights": np.full((INPUTS, OUTPUTS), 127, np.int8),
        "one": np.float32(1),
        "scales": np.ones(OUTPUTS, np.float32),
        "zero": np.uint8(0),
        "weight_zero": np.int8(0),
    }
    node = helper.make_node(
        "MatMulIntegerToFloat",
        ["bytes", "weights", "one", "scales", "zero", "weight_zero"],
        ["sums"],
        domain="com.microsoft",
    )
    body = helper.make_graph(
        [node],
        "pairs",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, [ROWS, INPUTS])],
        [helper.make_tensor_value_info("sums", TensorProto.FLOAT, [ROWS, OUTPUTS])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return bytes(helper.make_model(body, opset_imports=opsets, ir_version=10).SerializeToString())


@functools.cache
def saturates() -> bool:
    """Whether sums saturate on this processor."""
    session = onnxruntime.InferenceSession(graph(), providers=["CPUExecutionProvider"])
    sums = session.run(None, {"bytes": np.full((ROWS, INPUTS), 255, np.uint8)})[0]
    return bool((sums != EXACT).any())


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(graph())
