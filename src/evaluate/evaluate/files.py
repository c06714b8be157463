"""Reads JSON and JSONL, and writes files so that a killed process leaves the old one or the new one."""

import json
import os
from pathlib import Path
from typing import Any

from .problem import Problem


def read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise Problem(f"there is no file {file}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read: {error}") from error
    except ValueError as error:
        raise Problem(f"{file} is not JSON: {error}") from error


def read_object(file: Path) -> dict[str, Any]:
    found = read_json(file)
    if not isinstance(found, dict):
        raise Problem(f"{file} must hold a JSON object")
    return found


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Rows of a JSON array, of an object's `items` or `annotations`, of JSON lines, or of Parquet."""
    if file.suffix.lower() == ".parquet":
        return _parquet(file)
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error}") from error
    try:
        found = json.loads(text)
    except ValueError:
        found = _lines(file, text)
    if isinstance(found, dict):
        found = next((found[name] for name in ("items", "annotations") if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Problem(f"{file} must hold objects, as a JSON array or one a line")
    return found


def _lines(file: Path, text: str) -> list[Any]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise Problem(f"{file}, line {number}: not JSON: {error}") from error
    return rows


def _parquet(file: Path) -> list[dict[str, Any]]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise Problem(f"{file} is Parquet, which needs pyarrow: scripts/evaluate captions installs it") from error
    try:
        return list(parquet.read_table(file).to_pylist())
    except (OSError, ArrowInvalid) as error:
        raise Problem(f"{file} cannot be read: {error}") from error


def write(file: Path, text: str) -> None:
    """Replaces the file in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.new")
    with open(temporary, "w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def write_json(file: Path, data: Any, indent: int = 4) -> None:
    write(file, json.dumps(data, indent=indent) + "\n")
