"""Osprey's validation rows, and predictions that are already there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..problem import Problem
from ..regions import Region, find_picture


@dataclass(frozen=True)
class Item:
    """A class name, with its region or its prediction."""

    id: str
    name: str
    region: Region | None = None
    prediction: str | None = None


def data_file(data: Path, benchmark: str) -> Path:
    """The rows' file itself, or the one in a folder."""
    if not data.is_dir():
        return data
    file = data / f"{benchmark}_val_1k_category.json"
    if not file.is_file():
        raise Problem(f"{data} holds no {file.name}; docs/evaluation.md says what to fetch", 2)
    return file


def read(file: Path, pictures: list[Path]) -> list[Item]:
    """A region for each class name of each row."""
    items = []
    for number, row in enumerate(files.read_rows(file)):
        where = f"{file}, row {number}"
        try:
            names, annotations, picture = row["categories"], row["annotations"], row["file_name"]
        except KeyError as error:
            raise Problem(f"{where}: {error} is missing") from error
        if not isinstance(names, list) or not isinstance(annotations, list) or len(names) != len(annotations):
            raise Problem(f"{where}: categories and annotations must be lists of the same length")
        for place, (name, annotation) in enumerate(zip(names, annotations, strict=True)):
            if not isinstance(annotation, dict) or "segmentation" not in annotation:
                raise Problem(f"{where}: annotation {place} has no segmentation")
            region = f"{Path(str(picture)).name} {number}.{place}"
            items.append(
                Item(
                    region,
                    _class(name, where),
                    Region(region, find_picture(str(picture), pictures), annotation["segmentation"]),
                )
            )
    if not items:
        raise Problem(f"{file} has no regions")
    return items


def _class(name: Any, where: str) -> str:
    name = name.get("name") if isinstance(name, dict) else name
    if not isinstance(name, str) or not name.strip():
        raise Problem(f"{where}: a class name is missing")
    return name


def predictions(file: Path) -> list[Item]:
    """Rows with a prediction and an answer, which is the class name."""
    items = []
    for number, row in enumerate(files.read_rows(file)):
        said = row.get("prediction", row.get("pred"))
        name = next((row[key] for key in ("answer", "Answer", "category") if key in row), None)
        if not isinstance(said, str) or not isinstance(name, str):
            raise Problem(f"{file}, row {number}: needs the strings prediction and answer")
        items.append(Item(str(row.get("id", number)), name, prediction=said))
    if not items:
        raise Problem(f"{file} has no rows")
    return items
