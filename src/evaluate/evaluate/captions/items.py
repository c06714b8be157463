"""What is compared: a caption of a region, with its references."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..problem import Problem
from ..regions import Region


@dataclass(frozen=True)
class Item:
    """References, with a region or a prediction. Items may share a region, which is asked about once."""

    id: str
    references: tuple[str, ...]
    region: Region | None = None
    prediction: str | None = None


def predictions(file: Path, longest: int | None) -> list[Item]:
    """Rows with a prediction and references. Words of a prediction past `longest` are cut off."""
    items = []
    for number, row in enumerate(files.read_rows(file)):
        said = row.get("prediction", row.get("pred"))
        references = _references(row)
        if not isinstance(said, str) or not references:
            raise Problem(f"{file}, row {number}: needs the string prediction and the list references")
        said = " ".join(said.split()[:longest]) if longest else said
        items.append(Item(str(row.get("id", number)), references, prediction=said))
    if not items:
        raise Problem(f"{file} has no rows")
    return items


def _references(row: dict[str, Any]) -> tuple[str, ...]:
    found = next((row[key] for key in ("references", "reference", "caption", "answer") if key in row), ())
    found = [found] if isinstance(found, str) else found
    return tuple(found) if isinstance(found, list | tuple) and all(isinstance(one, str) for one in found) else ()
