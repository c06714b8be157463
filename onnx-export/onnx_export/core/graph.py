"""Builds one ONNX graph and streams its weights to a data file; knows operators and storage, no model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from onnx_export import PrecisionError
from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.core.precision import LEAST_SCALE, Device, Precision, Zero, quantise, quantise_columns

MICROSOFT = "com.microsoft"
OPSET = 21
IR_VERSION = 10
_INLINE_BYTES = 256
_ALIGNMENT = 64
# accuracy_level of MatMulNBits. 4 rounds activations to int8 per row and block, 2.4 times as fast as float32.
_ACCURACY_LEVEL = 4


def as_half(value: Floats) -> npt.NDArray[np.float16]:
    """Converts to float16.

    Raises
    ------
    PrecisionError
        If a value is out of range.
    """
    with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    if not np.isfinite(half).all():
        raise PrecisionError(
            f"a weight is {np.abs(value).max():.4g}, beyond float16: --precision fp32 holds it for the CPU, "
            f"bf16 in the decoder for CUDA"
        )
    return half


def real_dtype(precision: Precision, device: Device) -> np.dtype[Any]:
    """Element type of a graph's computation."""
    if device is Device.CPU:
        return np.dtype(np.float32)
    return np.dtype(ml_dtypes.bfloat16 if precision is Precision.BF16 else np.float16)


class GraphWriter:
    """A graph under construction. Large values go to ``FILE.data`` as they are added and are not held in memory.

    Parameters
    ----------
    file
        The .onnx file to write.
    precision, device
        Storage of the weights of matrix products; element type of the arithmetic.
    """

    def __init__(self, file: Path, precision: Precision, device: Device) -> None:
        self.file = file
        self.precision = precision
        self.device = device
        self.real = real_dtype(precision, device)
        self.real_type = helper.np_dtype_to_tensor_dtype(self.real)
        self._nodes: list[onnx.NodeProto] = []
        self._initialisers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0
        self._data: BinaryIO | None = None
        self._rounded: dict[tuple[str, Zero], tuple[str, str]] = {}

    def __enter__(self) -> GraphWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if self._data is not None:
            self._data.close()
        if kind is None:
            self._save()

    @property
    def data_file(self) -> Path:
        """The file of large values; exists only if there are any."""
        return self.file.with_name(self.file.name + ".data")

    # ---- values

    def input(self, name: str, kind: int, shape: list[int | str]) -> str:
        """Declares an input."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, kind: int, shape: list[int | str]) -> None:
        """Declares ``value`` as an output under ``name``."""
        if value != name:
            self._nodes.append(helper.make_node("Identity", [value], [name], name=self.new_name("Identity")))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, value: npt.NDArray[Any]) -> str:
        """Adds a constant, inline if small, else in the data file."""
        name = self.new_name("value")
        value = np.asarray(value, order="C")  # unlike ascontiguousarray, keeps scalars as scalars
        if value.nbytes <= _INLINE_BYTES:
            self._initialisers.append(numpy_helper.from_array(value, name))
            return name
        if self._data is None:
            self._data = self.data_file.open("wb")
        self._data.write(b"\0" * (-self._data.tell() % _ALIGNMENT))
        tensor = TensorProto(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
            dims=value.shape,
            data_location=TensorProto.EXTERNAL,
        )
        for key, entry in (
            ("location", self.data_file.name),
            ("offset", str(self._data.tell())),
            ("length", str(value.nbytes)),
        ):
            tensor.external_data.add(key=key, value=entry)
        bits = value.view(np.uint16) if value.dtype == ml_dtypes.bfloat16 else value  # which has no buffer of its own
        self._data.write(bits.astype(bits.dtype.newbyteorder("<"), copy=False).data)
        self._initialisers.append(tensor)
        return name

    def again(self, constant: str) -> str:
        """The same constant under another name; its bytes in the data file are shared."""
        tensor = onnx.TensorProto()
        tensor.CopyFrom(next(it for it in reversed(self._initialisers) if it.name == constant))
        tensor.name = self.new_name("value")
        self._initialisers.append(tensor)
        return tensor.name

    def integers(self, *values: int) -> str:
        """A one-dimensional int64 constant."""
        return self.constant(np.array(values, np.int64))

    def reals(self, value: npt.NDArray[Any] | float) -> str:
        """A constant in the computation's element type."""
        return self.constant(self._as_real(np.asarray(value, np.float32)))

    def _as_real(self, value: Floats) -> npt.NDArray[Any]:
        return as_half(value) if self.real == np.float16 else value.astype(self.real)

    # ---- operators

    def node(self, op: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> Any:
        """Adds an operator and returns the name of its output, or a list of names if there are several."""
        name = self.new_name(op)
        results = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(op, list(inputs), results, name=name, domain=domain, **attributes))
        return results[0] if outputs == 1 else results

    def add_node(self, op: str, inputs: list[str], outputs: list[str], domain: str, **attributes: Any) -> None:
        """Adds an operator with named outputs; an empty name omits an output."""
        self._nodes.append(helper.make_node(op, inputs, outputs, name=self.new_name(op), domain=domain, **attributes))

    def matmul(self, value: str, weight: Floats) -> str:
        """value [..., in] times the transpose of weight [out, in], stored in the graph's precision."""
        return self.shared_matmul(weight)(value)

    def shared_matmul(self, weight: Floats) -> Callable[[str], str]:
        """Writes a weight [out, in] once and returns a function that multiplies values by it."""
        if not self.precision.quantised:
            stored = self.stored(weight.T)
            return lambda value: str(self.node("MatMul", value, stored))
        blocks = quantise(weight, self.precision.bits)
        packed, scales = self.constant(blocks.packed), self.constant(blocks.scales.astype(self.real))
        attributes = {
            "K": weight.shape[1],
            "N": weight.shape[0],
            "bits": blocks.bits,
            "block_size": blocks.block,
            "accuracy_level": _ACCURACY_LEVEL if self.device is Device.CPU else 0,
        }
        return lambda value: str(self.node("MatMulNBits", value, packed, scales, domain=MICROSOFT, **attributes))

    def shared_matmul_per_token(self, weight: Floats, zero: Zero) -> Callable[[str], str]:
        """The same with 8-bit weights, one scale per output, and values [n, tokens, in] quantised per token.

        Tokens are rounded independently. Each product has its own initialisers for the weight and its zero point:
        with ``session.x64quantprecision`` ONNX Runtime rewrites both per product under derived names, and fails to
        load a graph in which two products share them.
        """
        columns = quantise_columns(weight)
        unit, zero_byte = self.constant(zero.unit), self.constant(np.array(zero, np.uint8))
        levels, column_scales = self.constant(columns.levels), self.constant(columns.scales)
        used = False

        def apply(value: str) -> str:
            nonlocal used
            own, used = self.again(levels) if used else levels, True
            weight_zero = self.constant(np.array(0, np.int8))
            rounded, scales = self._round_tokens(value, zero)
            product = self.node(
                "MatMulIntegerToFloat", rounded, own, unit, column_scales, zero_byte, weight_zero, domain=MICROSOFT
            )
            return str(self.node("Mul", product, scales))

        return apply

    def _round_tokens(self, value: str, zero: Zero) -> tuple[str, str]:
        """Quantises value [n, tokens, inputs] to bytes with scales [n, tokens, 1]; once per value.

        A byte is worth the token's scale times ``zero.unit``. A decoding step has one token and notices every node: the
        symmetric range needs five.
        """
        if (value, zero) not in self._rounded:
            if zero is Zero.MIDDLE:
                ends = [self._end("ReduceMax", self.node("Abs", value))]
            else:
                sides = (("ReduceMax", 1 / (255 - zero)), ("ReduceMin", -1 / zero))
                ends = [self.node("Mul", self._end(op, value), self.reals(share)) for op, share in sides]
            scales = self.node("Max", *ends, self.reals(LEAST_SCALE))
            unit, zero_byte = self.constant(zero.unit), self.constant(np.array(zero, np.uint8))
            self._rounded[value, zero] = (
                self.node("QuantizeLinear", self.node("Div", value, scales), unit, zero_byte),
                scales,
            )
        return self._rounded[value, zero]

    def _end(self, op: str, value: str) -> str:
        return str(self.node(op, value, self.integers(-1), keepdims=1))

    def linear(self, value: str, layer: Linear) -> str:
        """value [..., in] through weight [out, in] and bias [out]."""
        return self.shared_linear(layer)(value)

    def shared_linear(self, layer: Linear) -> Callable[[str], str]:
        """Writes weight and bias once and returns a function that takes values through them."""
        product, bias = self.shared_matmul(layer.weight), self.reals(layer.bias)
        return lambda value: str(self.node("Add", product(value), bias))

    def stored(self, value: Floats) -> str:
        """A weight in the computation's type; for the CPU also stored as float16 and widened on loading."""
        if self.precision is Precision.FP32 and self.device is Device.CPU:
            return self.constant(value)
        if self.device is Device.CUDA:
            return self.constant(self._as_real(value))
        return str(self.node("Cast", self.constant(as_half(value)), to=TensorProto.FLOAT))

    def layer_norm(self, value: str, norm: Norm, eps: float) -> str:
        """LayerNorm over the last axis, statistics in float32."""
        return self.shared_layer_norm(norm, eps)(value)

    def shared_layer_norm(self, norm: Norm, eps: float) -> Callable[[str], str]:
        """Writes weight and bias once and returns a function that normalises values with them."""
        weight, bias = self.reals(norm.weight), self.reals(norm.bias)
        return lambda value: str(
            self.node("LayerNormalization", value, weight, bias, axis=-1, epsilon=eps, stash_type=1)
        )

    def cast(self, value: str, kind: int) -> str:
        """Casts value to another element type."""
        return str(self.node("Cast", value, to=kind))

    # ---- the file

    def new_name(self, kind: str) -> str:
        """A name that no other value or node of this graph has."""
        self._count += 1
        return f"{kind}_{self._count}"

    def _save(self) -> None:
        graph = helper.make_graph(
            self._nodes, self.file.stem, self._inputs, self._outputs, initializer=self._initialisers
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
            ir_version=IR_VERSION,
            producer_name="onnx-export",
        )
        self.file.write_bytes(model.SerializeToString())
