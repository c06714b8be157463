"""Per-token quantisation: the choice of products, their results, and saturating processors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from onnx_export.core import saturation
from onnx_export.core.graph import GraphWriter
from onnx_export.core.per_token import PerTokenChoice
from onnx_export.core.precision import Device, Precision, Zero
from onnx_export.dam import runner

Array = np.ndarray[Any, Any]


def _normal(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(0.7978846 * (x + 0.044715 * x**3))), np.float32)


def _choice(name: str, x: Array, weight: Array, bits: int = 8) -> frozenset[str]:
    choice = PerTokenChoice(bits)
    choice(name, x, weight)
    assert choice.products == 1
    return choice.chosen()


def test_plain_values_and_those_after_gelu_are_chosen() -> None:
    assert _choice("block 0 q", _normal(1, 64, 512), _normal(2, 96, 512)) == {"block 0 q"}
    assert _choice("block 0 fc2", _gelu(_normal(1, 64, 512)), _normal(2, 96, 512)) == {"block 0 fc2"}


def test_outlying_channels_stay_per_block() -> None:
    x, weight = _normal(1, 64, 512), _normal(2, 96, 512)
    x[:, :3] *= 80
    weight[:, :3] /= 80
    assert _choice("block 0 q", x, weight) == frozenset()


def test_outliers_in_a_few_tokens_are_found() -> None:
    """Trained vision transformers have outliers in a few patches, which sampling by stride may miss."""
    x, weight = _normal(1, 169, 1152), _normal(2, 96, 1152)
    x[[7, 33, 58], 3] = 130
    assert _choice("block 0 q", x, weight) == frozenset()


def test_the_worst_of_all_views_decides() -> None:
    choice, weight = PerTokenChoice(8), _normal(2, 96, 512)
    spoilt = _normal(3, 64, 512)
    spoilt[:, 7] *= 500
    choice("block 0 q", _normal(1, 64, 512), weight)
    choice("block 0 q", spoilt, weight)
    choice("block 0 q", _normal(4, 64, 512), weight)
    assert choice.chosen() == frozenset()


def _session(file: Path, weight: Array, zero: Zero) -> onnxruntime.InferenceSession:
    with GraphWriter(file, Precision.INT8, Device.CPU) as g:
        x = g.input("x", TensorProto.FLOAT, ["n", "rows", weight.shape[1]])
        g.output(g.shared_matmul_per_token(weight, zero)(x), "y", TensorProto.FLOAT, ["n", "rows", weight.shape[0]])
    return runner.session(file)


@pytest.mark.parametrize("zero", list(Zero))
def test_tokens_are_rounded_independently(tmp_path: Path, zero: Zero) -> None:
    weight = _normal(1, 96, 320)
    x = _normal(2, 3, 50, 320) * np.exp(np.abs(_normal(3, 3, 50, 1)))
    if zero is Zero.LOW:
        x = _gelu(x)
    x[1, 7] = 0
    session = _session(tmp_path / "product.onnx", weight, zero)
    (y,) = session.run(None, {"x": x})
    exact = x @ weight.T
    error = np.sqrt(np.square(y - exact).mean(-1) / np.square(exact).mean(-1).clip(1e-12))
    assert error.max() < 0.03 and (y[1, 7] == 0).all()
    loud = x.copy()
    loud[0, 1:] *= 1000
    assert np.array_equal(session.run(None, {"x": loud})[0][0, 0], y[0, 0])
    assert np.array_equal(session.run(None, {"x": x[2:, :1]})[0][0, 0], y[2, 0])


def test_a_weight_used_twice_has_two_names_and_is_written_once(tmp_path: Path) -> None:
    """On saturating processors ONNX Runtime rewrites each product's weight, and fails on a shared name."""
    file, weight = tmp_path / "twice.onnx", _normal(1, 96, 320)
    with GraphWriter(file, Precision.INT8, Device.CPU) as g:
        multiply = g.shared_matmul_per_token(weight, Zero.MIDDLE)
        for name in ("a", "b"):
            x = g.input(f"x{name}", TensorProto.FLOAT, ["n", "rows", 320])
            g.output(multiply(x), f"y{name}", TensorProto.FLOAT, ["n", "rows", 96])
    nodes = [it for it in onnx.load(file, load_external_data=False).graph.node if it.op_type == "MatMulIntegerToFloat"]
    weights, zeros = [{it.input[i] for it in nodes} for i in (1, 5)]
    assert len(nodes) == len(weights) == len(zeros) == 2
    assert g.data_file.stat().st_size < 2 * weight.size
    rows = _normal(2, 1, 50, 320)
    first, second = runner.session(file).run(None, {"xa": rows, "xb": rows})
    assert np.array_equal(first, second)


def test_the_server_probes_with_the_same_graph() -> None:
    folder = Path(__file__).parents[3] / "model/src/main/resources/io/github/describeanything/model/onnx"
    assert [it.read_bytes() for it in folder.glob("*.onnx")] == [saturation.graph()]
