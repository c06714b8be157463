"""Knows where the tensors of a checkpoint lie and hands them out one by one; knows nothing of graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from dam_export import ExportError
from dam_export.config import PARTS, ModelConfig, load_config, read_json, unreadable

Floats = npt.NDArray[np.float32]

_KINDS = ("F64", "F32", "F16", "BF16")


class Checkpoint:
    """A checkpoint folder in the published layout. Reads tensors on demand; holds none of them.

    Parameters
    ----------
    folder
        ``config.json`` and the folders ``llm``, ``vision_tower``, ``mm_projector``, ``context_provider``.

    Raises
    ------
    ExportError
        If a config or a file is missing or not supported.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: ModelConfig = load_config(folder)
        self._where: dict[str, dict[str, Path]] = {name: self._locate(folder / name) for name in PARTS}

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *args: object) -> None:
        self._where.clear()

    @property
    def tokenizer_model(self) -> Path:
        """The SentencePiece model."""
        return self.folder / "llm" / "tokenizer.model"

    def names(self, part: str) -> list[str]:
        """The names of all tensors of a part."""
        return list(self._where[part])

    def tensor(self, part: str, name: str, shape: Sequence[int]) -> Floats:
        """One tensor as float32.

        Parameters
        ----------
        part
            Folder of the part.
        name
            Name of the tensor inside the part.
        shape
            The shape that the configs ask for.

        Raises
        ------
        ExportError
            Naming the tensor if it is missing, or has another shape, or holds NaN or infinity.
        """
        where = self._where[part]
        if name not in where:
            raise ExportError(f"{part}: tensor {name} is missing")
        # Mapped for this tensor alone: the pages of a file that stays mapped count as resident, all 7 GB in the end.
        with self._open(where[name]) as file:
            try:
                kind = file.get_slice(name).get_dtype()
                raw = file.get_tensor(name) if kind in _KINDS else None
            except Exception as e:  # safetensors' own error class again: the index names what its shard does not hold
                raise ExportError(f"{part}: tensor {name} cannot be read from {where[name].name}: {e}") from None
        if raw is None:
            raise ExportError(f"{part}: tensor {name} is of {kind}, only {', '.join(_KINDS)} are supported")
        if raw.shape != tuple(shape):
            raise ExportError(f"{part}: tensor {name} has shape {list(raw.shape)}, expected {list(shape)}")
        value = raw.astype(np.float32)
        if not np.isfinite(value).all():
            raise ExportError(f"{part}: tensor {name} holds NaN or infinity")
        return np.asarray(value)

    def _locate(self, folder: Path) -> dict[str, Path]:
        # Where both are there the single file is what transformers loads.
        single = folder / "model.safetensors"
        if single.exists():
            with self._open(single) as file:
                return {name: single for name in file.keys()}  # noqa: SIM118
        index = folder / "model.safetensors.index.json"
        if not index.exists():
            raise ExportError(f"{folder} holds neither model.safetensors nor an index of shards")
        names = read_json(index).get("weight_map")
        if not isinstance(names, dict) or not all(isinstance(it, str) for it in names.values()):
            raise ExportError(f"{index}: weight_map does not say which file holds which tensor")
        for file in set(names.values()):
            if Path(file).name != file:
                raise ExportError(f"{index} names a file outside its folder: {file}")
        return {name: folder / file for name, file in names.items()}

    @staticmethod
    def _open(file: Path) -> Any:
        try:
            return safe_open(str(file), framework="numpy")
        except Exception as e:  # safetensors raises its own error class for a broken header
            raise unreadable(file, e) from None
