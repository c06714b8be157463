"""Reads tensors from a folder of safetensors files, one at a time; does not know which tensors a model has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np
from safetensors import safe_open

from onnx_export import ExportError
from onnx_export.core.config import read_json, unreadable
from onnx_export.core.layers import Floats

_KINDS = ("F64", "F32", "F16", "BF16")
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model-*.bin")


class TensorFolder:
    """``model.safetensors``, or shards with an index. Tensors are read on demand and not kept.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    ExportError
        If there are no safetensors files or their index is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._name = folder.name
        self._where = _locate(folder)

    def names(self) -> list[str]:
        """The names of all tensors."""
        return list(self._where)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor.

        Raises
        ------
        ExportError
            If it is missing.
        """
        if name not in self._where:
            raise ExportError(f"{self._name}: tensor {name} is missing")
        with _open(self._where[name]) as opened:
            return tuple(opened.get_slice(name).get_shape())

    def read(self, name: str, shape: Sequence[int]) -> Floats:
        """One tensor as float32.

        Parameters
        ----------
        shape
            The shape that the configs imply.

        Raises
        ------
        ExportError
            If the tensor is missing, has another shape or type, or contains NaN or infinity.
        """
        if name not in self._where:
            raise ExportError(f"{self._name}: tensor {name} is missing")
        file = self._where[name]
        # Mapped only for this tensor: the pages of a file that stays mapped count as resident, up to all 7 GB.
        with _open(file) as opened:
            try:
                kind = opened.get_slice(name).get_dtype()
                raw = opened.get_tensor(name) if kind in _KINDS else None
            except Exception as e:  # safetensors' error class, if the index names a tensor that the shard lacks
                raise ExportError(f"{self._name}: tensor {name} cannot be read from {file.name}: {e}") from None
        if raw is None:
            raise ExportError(
                f"{self._name}: tensor {name} is of {kind}, only {', '.join(_KINDS)} are read: "
                "export the original checkpoint instead of a quantised one"
            )
        if raw.shape != tuple(shape):
            raise ExportError(f"{self._name}: tensor {name} has shape {list(raw.shape)}, expected {list(shape)}")
        value = raw.astype(np.float32)
        if not np.isfinite(value).all():
            raise ExportError(f"{self._name}: tensor {name} contains NaN or infinity")
        return np.asarray(value)


def _locate(folder: Path) -> dict[str, Path]:
    # If both exist, transformers loads the single file.
    single = folder / "model.safetensors"
    if single.exists():
        with _open(single) as file:
            return {name: single for name in file.keys()}  # noqa: SIM118
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        if any(next(folder.glob(it), None) for it in _PICKLES):
            raise ExportError(
                f"{folder} has its weights in pickle files (.bin), which can run code when loaded: "
                "convert them to safetensors"
            )
        raise ExportError(f"{folder} has neither model.safetensors nor model.safetensors.index.json")
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(it, str) for it in names.values()):
        raise ExportError(f"{index}: weight_map does not map tensors to files")
    for file in set(names.values()):
        if Path(file).name != file:
            raise ExportError(f"{index} names a file outside its folder: {file}")
    return {name: folder / file for name, file in names.items()}


def _open(file: Path) -> Any:
    try:
        return safe_open(str(file), framework="numpy")
    except Exception as e:  # safetensors raises its own error class for a broken header
        raise unreadable(file, e) from None
