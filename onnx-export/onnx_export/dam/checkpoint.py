"""A DAM checkpoint on disk: its configs and its four parts; knows nothing about graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from onnx_export.core.layers import Floats
from onnx_export.core.tensors import TensorFolder
from onnx_export.dam.config import PARTS, ModelConfig, load_config


class Checkpoint:
    """A checkpoint folder in the published layout. Tensors are read on demand and not kept.

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
        self._parts = {name: TensorFolder(folder / name) for name in PARTS}

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *args: object) -> None:
        self._parts.clear()

    @property
    def tokenizer_model(self) -> Path:
        """The SentencePiece model."""
        return self.folder / "llm" / "tokenizer.model"

    def names(self, part: str) -> list[str]:
        """The names of all tensors of a part."""
        return self._parts[part].names()

    def tensor(self, part: str, name: str, shape: Sequence[int]) -> Floats:
        """One tensor of a part as float32; see :meth:`TensorFolder.read`."""
        return self._parts[part].read(name, shape)
