"""Flickr30k Entities: phrases of the test split that have boxes, filled."""

import re
from pathlib import Path
from xml.etree import ElementTree

from ..problem import Problem
from ..regions import Region, find_picture
from .items import Item

PHRASE = re.compile(r"\[/EN#(\d+)\S* ([^\]]+)\]")
Box = tuple[int, int, int, int]


def read(data: Path, pictures: list[Path]) -> list[Item]:
    """An item for each phrase. Its boxes are those of its entity; phrases of one entity share the region."""
    try:
        names = (data / "test.txt").read_text("utf-8").split()
    except OSError as error:
        raise Problem(f"{data} holds no test.txt; docs/evaluation.md says what to fetch", 2) from error
    items = []
    for name in names:
        boxes = _boxes(data / "Annotations" / f"{name}.xml")
        picture = find_picture(f"{name}.jpg", pictures)
        for line, sentence in enumerate(_read(data / "Sentences" / f"{name}.txt").splitlines()):
            for place, (entity, phrase) in enumerate(PHRASE.findall(sentence)):
                if entity in boxes:
                    region = Region(f"{name}.{entity}", picture, boxes=tuple(boxes[entity]))
                    items.append(Item(f"{name}.{line}.{place}", (phrase,), region))
    if not items:
        raise Problem(f"no phrase of {data} has a box")
    return items


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise Problem(f"{file} cannot be read") from error


def _boxes(file: Path) -> dict[str, list[Box]]:
    """By entity. Corners count from 1 and are inside the box."""
    found: dict[str, list[Box]] = {}
    try:
        root = ElementTree.fromstring(_read(file))
        for thing in root.iter("object"):
            corners = thing.find("bndbox")
            if corners is None:
                continue
            left, top, right, bottom = (
                int(float(corners.findtext(name) or "")) for name in ("xmin", "ymin", "xmax", "ymax")
            )
            box = (max(0, left - 1), max(0, top - 1), right - max(0, left - 1), bottom - max(0, top - 1))
            for entity in thing.findall("name"):
                found.setdefault((entity.text or "").strip(), []).append(box)
    except (ElementTree.ParseError, ValueError) as error:
        raise Problem(f"{file} is not an annotation of Flickr30k Entities: {error}") from error
    return found
