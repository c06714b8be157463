"""Finds the products that may round activations with one scale a row; knows errors, not graphs.

One scale a row (MatMulInteger) is twice as fast as one scale for 128 values (MatMulNBits) where many rows meet one
weight, but an outlying channel takes the resolution of its whole row. Trained transformers have such channels, random
weights have none, so each product of the user's own checkpoint is measured.

Vision, where many rows always meet, goes by row wherever it may. A step of the decoder is one row: there blocks are
faster on processors that sum bytes exactly, and no faster on the others (``pairs``), which read prompts faster by row.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dam_export.checkpoint import Floats
from dam_export.precision import Zero, block_size, quantise_columns, row_scales

WORSE = 1.5
"""How many times the error of blocks a product by row may have."""
_SAMPLED = 8


def zero_of(product: str) -> Zero:
    """Where zero lies among the bytes that come into a product, by its name in the reference."""
    return Zero.LOW if product.endswith("fc2") else Zero.MIDDLE


class RowChoice:
    """Hears of products as an observer of the reference and says which may go by row.

    Parameters
    ----------
    bits
        Of the weights in blocks that are the alternative.
    kept
        How many rounded weights are remembered for when they are heard of again: twelve are two blocks of vision.
    """

    def __init__(self, bits: int, kept: int = 12) -> None:
        self._bits = bits
        self._kept = kept
        self._worst: dict[str, float] = {}
        self._weights: dict[str, tuple[Floats, Floats]] = {}

    def __call__(self, name: str, x: Floats, weight: Floats) -> None:
        sample = x[_some(x)]
        exact = sample @ weight.T
        in_blocks, in_columns = self._rounded(name, weight)
        by_block = _error(_in_blocks(sample, 8) @ in_blocks.T, exact)
        scales = row_scales(sample, zero_of(name))[:, None]
        by_row = _error((np.rint(sample / scales) * scales) @ in_columns.T, exact)
        ratio = by_row / max(by_block, 1e-12)
        self._worst[name] = max(ratio, self._worst.get(name, 0.0))

    def _rounded(self, name: str, weight: Floats) -> tuple[Floats, Floats]:
        """A weight as blocks and as columns keep it."""
        if name in self._weights:
            return self._weights[name]
        columns = quantise_columns(weight)
        in_columns = np.asarray(columns.levels.T * columns.scales[:, None], np.float32)
        rounded = (_in_blocks(weight, self._bits), in_columns)
        self._weights[name] = rounded
        if len(self._weights) > self._kept:
            del self._weights[next(iter(self._weights))]
        return rounded

    @property
    def products(self) -> int:
        """How many were measured."""
        return len(self._worst)

    def by_row(self) -> frozenset[str]:
        """Those that nowhere erred more than WORSE times as much as blocks."""
        return frozenset(name for name, ratio in self._worst.items() if ratio <= WORSE)


def _some(x: Floats) -> npt.NDArray[np.intp]:
    """Rows from all over a view, and those that rise highest above their own level: outliers may be in a few tokens."""
    crest = np.abs(x).max(-1) / np.sqrt(np.square(x).mean(-1)).clip(1e-30)
    spread = np.arange(0, len(x), max(1, len(x) // _SAMPLED))
    return np.unique(np.concatenate([spread, np.argsort(-crest)[:_SAMPLED]]))


def _error(actual: Floats, exact: Floats) -> float:
    return float(np.sqrt(np.square(actual - exact).mean()))


def _in_blocks(rows: Floats, bits: int) -> Floats:
    """rows [n, in] rounded with one scale for every block."""
    size = block_size(rows.shape[1])
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % size))).reshape(len(rows), -1, size)
    top = np.float32((1 << (bits - 1)) - 1)
    scales = np.abs(padded).max(-1, keepdims=True) / top
    scales[scales == 0] = 1
    rounded = (np.rint(padded / scales) * scales).reshape(len(rows), -1)
    return np.asarray(rounded[:, : rows.shape[1]], np.float32)
