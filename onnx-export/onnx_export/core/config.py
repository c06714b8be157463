"""Reads a checkpoint's JSON files and checks single values; does not know which keys a model has."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from onnx_export import ExportError

_LFS_POINTER = b"version https://git-lfs"


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises
    ------
    ExportError
        If the file does not exist or does not contain a JSON object.
    """
    try:
        # Some editors write a byte order mark.
        value = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ExportError(f"{file} is missing: this is not a checkpoint in the published layout") from None
    except ValueError as e:
        raise ExportError(f"{file} is not JSON: {e}") from None
    except RecursionError:
        raise ExportError(f"{file} is nested too deeply") from None
    if not isinstance(value, dict):
        raise ExportError(f"{file} does not contain a JSON object")
    return value


def model_type(folder: Path) -> object:
    """The ``model_type`` in a folder's ``config.json``; None if there is none or the file cannot be read.

    For folders that may belong to something else.
    """
    try:
        return read_json(folder / "config.json").get("model_type")
    except (ExportError, OSError):
        return None


def unreadable(file: Path, reason: object) -> ExportError:
    """The error for a binary file that cannot be parsed."""
    try:
        with file.open("rb") as start:
            pointer = start.read(len(_LFS_POINTER)) == _LFS_POINTER
    except OSError as e:
        return ExportError(f"{file} cannot be read: {e.strerror}")
    if pointer:
        return ExportError(f"{file} is a Git LFS pointer, not the file itself: run git lfs pull")
    return ExportError(f"{file} cannot be read: {reason}")


class Config:
    """One JSON config. Errors name the file, the key and the value.

    Missing keys and null both mean the default.

    Parameters
    ----------
    name
        The file's name in error messages.
    """

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        self.values = values

    @staticmethod
    def read(folder: Path, name: str, optional: bool = False) -> Config:
        """The config in ``folder / name``; empty if it is optional and missing."""
        file = folder / name
        return Config(name, {} if optional and not file.exists() else read_json(file))

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        value = self.values.get(key)
        return default if value is None else value

    def refuse(self, key: str, value: Any, wanted: str) -> ExportError:
        """The error for a value that the graphs do not support."""
        return ExportError(f"{self.name}: {key} = {value!r} is not supported, only {wanted}")

    def expect(self, key: str, *supported: Any, default: Any = None) -> None:
        """Raises ExportError unless the value of a key, or its default, is supported."""
        value = self.get(key, default)
        if value not in supported:
            raise self.refuse(key, value, " or ".join(repr(it) for it in supported))

    def count(self, key: str, default: int | None = None) -> int:
        """An integer of at least 1."""
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.refuse(key, value, "integers from 1")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """A boolean; 1 and 0 are accepted."""
        value = self.get(key, default)
        if value not in (True, False):
            raise self.refuse(key, value, "True or False")
        return bool(value)

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number of at least 0."""
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= sys.float_info.max:
            raise self.refuse(key, value, "finite numbers from 0")
        return float(value)
