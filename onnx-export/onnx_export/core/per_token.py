"""Chooses the matrix products whose activations are quantised per token instead of per block; writes no graph.

Per token (MatMulInteger) is twice as fast as per block of 128 values (MatMulNBits) when many tokens are multiplied
with one weight, but one outlying channel costs its whole token resolution. Trained transformers have such channels
and random weights do not, so each product is measured on the checkpoint itself.

Vision always has many tokens and is quantised per token wherever the error allows. A decoding step has one token, and
blocks may be faster there; ``processor`` says where they are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from onnx_export.core.layers import Floats
from onnx_export.core.precision import Zero, block_size, quantise_columns, token_steps

WORSE = 1.5
"""How many times the per-block error the per-token error may be."""
_SAMPLED = 8


def zero_of(product: str) -> Zero:
    """The zero point of a product's activations, by the product's name in the reference."""
    return Zero.LOW if product.endswith("fc2") else Zero.MIDDLE


class PerTokenChoice:
    """An observer of the reference that chooses the products to quantise per token.

    Parameters
    ----------
    bits
        Bits of the per-block weights to compare with.
    kept
        How many quantised weights are cached, since vision's are seen once per view: twelve are two blocks.
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
        per_block = _error(_in_blocks(sample, 8) @ in_blocks.T, exact)
        steps = token_steps(sample, zero_of(name))[:, None]
        per_token = _error((np.rint(sample / steps) * steps) @ in_columns.T, exact)
        ratio = per_token / max(per_block, 1e-12)
        self._worst[name] = max(ratio, self._worst.get(name, 0.0))

    def _rounded(self, name: str, weight: Floats) -> tuple[Floats, Floats]:
        """A weight after per-block and after per-output quantisation."""
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
        """Number of products measured."""
        return len(self._worst)

    def chosen(self) -> frozenset[str]:
        """The products whose per-token error never exceeded WORSE times the per-block error."""
        return frozenset(name for name, ratio in self._worst.items() if ratio <= WORSE)


def recorded(
    choice: PerTokenChoice, graph: str, manifest: dict[str, Any], say: Callable[[str], None]
) -> frozenset[str]:
    """The chosen products of a graph, after their number was said and put into the manifest."""
    chosen = choice.chosen()
    say(f"{graph}: {len(chosen)} of {choice.products} products are quantised per token")
    manifest["graphs"][graph].update(products=choice.products, per_token=len(chosen))
    return chosen


def _some(x: Floats) -> npt.NDArray[np.intp]:
    """Samples tokens across a view, plus those with the highest crest factor, which may be the only outliers."""
    crest = np.abs(x).max(-1) / np.sqrt(np.square(x).mean(-1)).clip(1e-30)
    spread = np.arange(0, len(x), max(1, len(x) // _SAMPLED))
    return np.unique(np.concatenate([spread, np.argsort(-crest)[:_SAMPLED]]))


def _error(actual: Floats, exact: Floats) -> float:
    return float(np.sqrt(np.square(actual - exact).mean()))


def _in_blocks(rows: Floats, bits: int) -> Floats:
    """rows [n, in] rounded with one scale per block."""
    size = block_size(rows.shape[1])
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % size))).reshape(len(rows), -1, size)
    top = np.float32((1 << (bits - 1)) - 1)
    scales = np.abs(padded).max(-1, keepdims=True) / top
    scales[scales == 0] = 1
    rounded = (np.rint(padded / scales) * scales).reshape(len(rows), -1)
    return np.asarray(rounded[:, : rows.shape[1]], np.float32)
