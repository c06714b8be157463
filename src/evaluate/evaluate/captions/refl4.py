"""Ref-L4: the rows of its Parquet files whose picture is from Objects365, boxes filled."""

from pathlib import Path
from typing import Any

from .. import files
from ..problem import Problem
from ..regions import Region, find_picture
from .items import Item

SOURCE = "objects365"


def read(data: Path, pictures: list[Path]) -> list[Item]:
    """From a file of rows, or from all of them in a folder."""
    found = [data] if not data.is_dir() else sorted([*data.glob("ref-l4-*.parquet"), *data.glob("ref-l4-*.json*")])
    if not found:
        raise Problem(f"{data} holds no ref-l4-*.parquet; docs/evaluation.md says what to fetch", 2)
    items = []
    for file in found:
        for number, row in enumerate(files.read_rows(file)):
            if SOURCE in str(row.get("file_name", "")):
                items.append(_item(row, f"{file}, row {number}", f"{file.stem}.{row.get('id', number)}", pictures))
    if not items:
        raise Problem(f"no row of {data} has a file_name with {SOURCE}")
    return items


def _item(row: dict[str, Any], where: str, name: str, pictures: list[Path]) -> Item:
    try:
        x, y, width, height = (int(value) for value in row["bbox"])
        caption, picture = row["caption"], row["file_name"]
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(f"{where}: needs caption, file_name and bbox [x, y, width, height]") from error
    if not isinstance(caption, str):
        raise Problem(f"{where}: its caption is not a string")
    box = (x, y, max(1, width), max(1, height))
    region = Region(f"{picture} {','.join(map(str, box))}", find_picture(picture, pictures), boxes=(box,))
    return Item(name, (caption,), region)
