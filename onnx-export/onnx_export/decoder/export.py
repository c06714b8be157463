"""Writes the decoder of a bundle: per token where that is faster and accurate, per block again if the whole errs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from onnx_export.core import processor
from onnx_export.core.layers import Floats
from onnx_export.core.per_token import PerTokenChoice, recorded
from onnx_export.core.precision import Activations, Device, Precision
from onnx_export.decoder.graph import embedding_dtype, write_decoder, write_table
from onnx_export.decoder.parts import DecoderParts
from onnx_export.decoder.reference import decode


class DecoderRequest(Protocol):
    """What a family's request says about the decoder."""

    @property
    def precision(self) -> Precision:
        """How weights are stored."""

    @property
    def device(self) -> Device:
        """Where the bundle runs."""

    @property
    def activations(self) -> Activations:
        """How an int8 decoder quantises activations."""


def may_go_per_token(request: DecoderRequest) -> bool:
    """Whether to measure the products of the decoder."""
    if request.precision is not Precision.INT8 or request.device is not Device.CPU:
        return False
    if request.activations is Activations.AUTO:
        return processor.prefers_per_token()
    return request.activations is Activations.PER_TOKEN


class DecoderExport:
    """The decoder of one bundle.

    Parameters
    ----------
    folder
        The bundle's.
    manifest
        The bundle's, which records how many products are per token.
    tick
        Called for each layer that is read.
    """

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        parts: DecoderParts,
        request: DecoderRequest,
        tick: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._parts = parts
        self._request = request
        self._tick = tick
        self._say = say
        self._per_token: frozenset[str] = frozenset()

    def choose(self, prompt: Floats) -> None:
        """Chooses the products to quantise per token, as the reference meets them in a prompt [t, hidden]."""
        choice = PerTokenChoice(self._request.precision.bits, kept=0)
        decode(self._parts, prompt, self._tick, last=1, observe=choice)
        self._per_token = recorded(choice, "decoder", self._manifest, self._say)

    def write(self) -> None:
        """Writes the graph and the table of embeddings."""
        self._write_graph()
        dtype = embedding_dtype(self._request.precision, self._request.device)
        write_table(self._folder / "embed_tokens.bin", self._parts, dtype)

    def write_again(self, error: float, bound: float) -> bool:
        """Writes the graph again per block if the logits' error is above its bound, unless per token was asked for.

        Returns
        -------
        bool
            Whether it was written.
        """
        if not error > bound or not self._per_token or self._request.activations is not Activations.AUTO:
            return False
        self._say(f"the error of logits is {error:.1e}: writing the decoder again per block")
        self._per_token = frozenset()
        self._manifest["graphs"]["decoder"]["per_token"] = 0
        self._write_graph()
        return True

    def _write_graph(self) -> None:
        precision, device = self._request.precision, self._request.device
        write_decoder(self._folder / "decoder.onnx", self._parts, precision, device, self._per_token, self._tick)
