"""How weights are stored and quantised, and the type of the arithmetic; knows no graph and no model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats


class Device(Enum):
    """The device that graphs are written for: float32 on the CPU, float16 or bfloat16 on CUDA."""

    CPU = "cpu"
    CUDA = "cuda"


class Precision(Enum):
    """How weights of matrix products are stored."""

    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"
    """bfloat16 in the decoder, weights and arithmetic; float16 in vision, whose operators have no bfloat16 on CUDA."""
    INT8 = "int8"
    INT4 = "int4"

    @property
    def bits(self) -> int:
        """Bits of a weight."""
        return {"fp32": 32, "fp16": 16, "bf16": 16, "int8": 8, "int4": 4}[self.value]

    @property
    def quantised(self) -> bool:
        """Whether weights are integers."""
        return self.bits < 16


class Activations(Enum):
    """How an int8 decoder quantises the activations of its products."""

    PER_BLOCK = "per-block"
    """One scale per 128 values."""
    PER_TOKEN = "per-token"
    """One scale per token wherever the error allows."""
    AUTO = "auto"
    """Per token if that is faster on this processor."""


@dataclass(frozen=True)
class Blocks:
    """Quantised weights of one matrix product in the layout of MatMulNBits.

    ``packed`` is uint8 [out, blocks, block * bits / 8], ``scales`` is float [out, blocks].
    """

    packed: npt.NDArray[np.uint8]
    scales: Floats
    block: int
    bits: int


@dataclass(frozen=True)
class Columns:
    """Quantised weights of one matrix product in the layout of MatMulInteger.

    ``levels`` is int8 [in, out] between -127 and 127, ``scales`` is float [out].
    """

    levels: npt.NDArray[np.int8]
    scales: Floats


class Zero(IntEnum):
    """The zero point of activations quantised per token."""

    MIDDLE = 128
    """A symmetric range."""
    LOW = 16
    """For outputs of GELU, which are never below -0.1701 and may be well above 1."""

    @property
    def unit(self) -> npt.NDArray[np.float32]:
        """What one byte is worth, as a share of the token's scale: of the largest absolute value if symmetric."""
        return np.array(1 / 127 if self is Zero.MIDDLE else 1, np.float32)


def token_steps(tokens: Floats, zero: Zero) -> Floats:
    """What one byte of each token [n, in] is worth, so that no value is clipped; never 0."""
    if zero is Zero.MIDDLE:
        needed = np.abs(tokens).max(-1)
    else:
        needed = np.maximum(tokens.max(-1) / np.float32(255 - zero), tokens.min(-1) / np.float32(-zero))
    return np.asarray(np.maximum(needed, np.float32(LEAST_SCALE)) * zero.unit, np.float32)


LEAST_SCALE = 1e-30


def quantise_columns(weight: Floats) -> Columns:
    """Rounds a weight [out, in] to 8 bits symmetrically, with one scale per output."""
    scales = np.maximum(np.abs(weight).max(-1) / np.float32(127), np.float32(LEAST_SCALE)).astype(np.float32)
    levels = np.rint(weight / scales[:, None]).astype(np.int8)
    return Columns(np.ascontiguousarray(levels.T), scales)


def block_size(inputs: int, wanted: int = 128) -> int:
    """The largest block that pads the inputs by at most a twentieth; MatMulNBits takes powers of two from 16."""
    return next(it for it in (wanted, 64, 32, 16) if it == 16 or -inputs % it <= inputs / 20)


_ROWS = 1 << 14


def quantise(weight: Floats, bits: int) -> Blocks:
    """Rounds a weight symmetrically, with one scale per block of inputs of each output.

    Parameters
    ----------
    weight
        [out, in], as stored in a checkpoint.
    bits
        4 or 8.

    The value of the largest magnitude sets the scale: it becomes -2^(bits-1), the end of the range that has no
    counterpart, so that no level is wasted. For 4 bits, a few slightly smaller scales are tried and the one with
    the smallest squared error is kept.
    """
    # Row by row: in one piece a table of 150,000 tokens would take gigabytes of intermediate values.
    parts = [_quantise(weight[at : at + _ROWS], bits) for at in range(0, len(weight), _ROWS)]
    packed, scales = (np.concatenate(it) for it in zip(*((it.packed, it.scales) for it in parts), strict=True))
    return Blocks(packed, scales, parts[0].block, bits)


def _quantise(weight: Floats, bits: int) -> Blocks:
    out, inputs = weight.shape
    block = block_size(inputs)
    count = -(-inputs // block)
    padded = np.zeros((out, count * block), np.float32)
    padded[:, :inputs] = weight
    groups = padded.reshape(out, count, block)
    middle = 1 << (bits - 1)
    peak = np.take_along_axis(groups, np.abs(groups).argmax(-1)[..., None], -1)
    levels, scales = _round(groups, peak / -middle, middle)
    if bits == 4:
        error = np.square(levels * scales - groups).sum(-1, keepdims=True)
        for shrink in (0.96, 0.92, 0.88, 0.84):
            tried, smaller = _round(groups, peak * shrink / -middle, middle)
            worse = np.square(tried * smaller - groups).sum(-1, keepdims=True)
            better = worse < error
            levels, scales = np.where(better, tried, levels), np.where(better, smaller, scales)
            error = np.minimum(error, worse)
    unsigned = (levels + middle).astype(np.uint8)
    if bits == 4:
        unsigned = (unsigned[..., 0::2] | (unsigned[..., 1::2] << 4)).astype(np.uint8)
    return Blocks(unsigned, np.ascontiguousarray(scales[..., 0], np.float32), block, bits)


def _round(groups: Floats, scales: npt.NDArray[np.floating[Any]], middle: int) -> tuple[Floats, Floats]:
    safe = np.where(scales == 0, np.float32(1), scales).astype(np.float32)
    return np.clip(np.rint(groups / safe), -middle, middle - 1).astype(np.float32), safe
