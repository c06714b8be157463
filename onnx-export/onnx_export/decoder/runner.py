"""Runs a bundle's decoder in ONNX Runtime, one sequence at a time; knows no pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnxruntime

from onnx_export.core import widening
from onnx_export.core.layers import Floats
from onnx_export.core.session import session, session_options

IMAGE_ID = -1

_DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def _widened_session(file: Path) -> onnxruntime.InferenceSession:
    """The same for a bfloat16 graph, with float32 inputs and outputs."""
    options = session_options()
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(file.parent))
    return onnxruntime.InferenceSession(widening.widened(file), options, providers=["CPUExecutionProvider"])


class DecoderRun:
    """The decoder with a cache for one sequence, updated in place.

    Parameters
    ----------
    positions
        Length of the cache.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], positions: int) -> None:
        shape = manifest["decoder"]
        self._real = np.dtype(_DTYPES[shape["dtype"]])
        widened = self._real == ml_dtypes.bfloat16
        self._fed = np.dtype(np.float32) if widened else self._real
        self._session = (_widened_session if widened else session)(folder / "decoder.onnx")
        stored = np.dtype(_DTYPES[shape["embedding_dtype"]])
        bits = np.memmap(
            folder / "embed_tokens.bin",
            np.dtype(f"<u{stored.itemsize}"),
            "r",
            shape=(shape["vocab_size"], shape["hidden_size"]),
        )
        self._table = bits.astype(f"u{stored.itemsize}", copy=False).view(stored)
        self._cache = {
            f"{kind}.{layer}": onnxruntime.OrtValue.ortvalue_from_numpy(
                np.zeros((1, shape["kv_heads"], positions, shape["head_dim"]), self._fed)
            )
            for layer in range(shape["layers"])
            for kind in ("key", "value")
        }
        self._positions = positions
        self.held = 0

    def embed(self, ids: list[int], image_embeds: Floats) -> Floats:
        """Spliced embeddings [t, hidden] of a prompt with one picture's rows [tokens, hidden]."""
        rows = [image_embeds if it == IMAGE_ID else self._table[it][None].astype(np.float32) for it in ids]
        return np.concatenate(rows)

    def run(self, embeds: Floats) -> Floats:
        """Appends positions [t, hidden] and returns the logits [vocab] of the last."""
        self.held += len(embeds)
        binding = self._session.io_binding()
        binding.bind_cpu_input("inputs_embeds", embeds[None].astype(self._real).astype(self._fed))
        binding.bind_cpu_input("seqlens_k", np.array([self.held - 1], np.int32))
        binding.bind_cpu_input("total_sequence_length", np.array(self._positions, np.int32))
        for name, value in self._cache.items():
            binding.bind_ortvalue_input(f"past_{name}", value)
            binding.bind_ortvalue_output(f"present_{name}", value)
        binding.bind_output("logits")
        self._session.run_with_iobinding(binding)
        logits: Floats = binding.get_outputs()[-1].numpy()[0]
        return logits


def follow(decoder: DecoderRun, prompt: Floats, steps: int, given: list[int] | None) -> tuple[list[int], Floats]:
    chosen: list[int] = []
    logits = []
    step = prompt
    for i in range(steps):
        logits.append(decoder.run(step))
        chosen.append(given[i] if given is not None else int(logits[-1].argmax()))
        step = decoder.embed([chosen[-1]], np.empty((0, 0), np.float32))
    return chosen, np.stack(logits)
