"""Answers as they arrive, one JSON object a line, so that a killed run loses none."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from .problem import Problem

try:
    import fcntl
except ImportError:  # Windows: two runs on one folder are not detected
    fcntl = None  # type: ignore[assignment]


class Journal:
    """`with Journal(file) as journal:`. Read back when opened; a torn last line is cut off. One process at a time."""

    def __init__(self, file: Path):
        self._path = file
        self._entries: dict[str, Any] = {}

    def __enter__(self) -> "Journal":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self._path, "a+b")
        if fcntl:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._file.close()
                raise Problem(f"another run is writing {self._path}; wait for it, or choose another --out") from error
        self._read()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        whole = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            try:
                entry = json.loads(line)
                self._entries[entry["key"]] = entry["value"]
            except (ValueError, LookupError, TypeError):
                continue  # written by a machine that lost its power; the question is asked again
        self._file.truncate(whole)

    def get(self, key: str) -> Any:
        """The value of a key, or None."""
        return self._entries.get(key)

    def put(self, key: str, value: Any) -> None:
        """Written to the disk before this returns."""
        self._entries[key] = value
        self._file.write(json.dumps({"key": key, "value": value}).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def remove(self) -> None:
        """Deletes the file, once its answers are elsewhere."""
        self._path.unlink(missing_ok=True)
