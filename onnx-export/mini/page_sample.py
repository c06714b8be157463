"""Makes the sample picture of the page, with its regions as COCO annotations.

    python page_sample.py ../../server/src/main/resources/page

One region comes with a true description.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from dam_mini import answers, art, backgrounds, facts, language, scene, thing

SIZE = (640, 440)
SEED = 11
PLACED = [  # what, colour, texture, size, share, centre; drawn in this order
    ("sailing boat", "", "", "medium-sized", 0.245, (515, 92)),
    ("umbrella", "", "", "large", 0.385, (128, 212)),
    ("turtle", "", "", "medium-sized", 0.27, (325, 352)),
    ("football", "", "", "small", 0.155, (158, 378)),
    ("star", "purple", "dotted", "medium-sized", 0.25, (528, 350)),
    ("watermelon", "", "", "small", 0.16, (335, 208)),
]
DESCRIBED = "turtle"


def counts(mask: np.ndarray) -> list[int]:
    """COCO's run lengths, column by column, starting outside."""
    flat = mask.astype(np.uint8).flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return [0, *runs] if flat[0] else runs


def paint() -> scene.Scene:
    rng = random.Random(SEED)
    made = scene.Scene(backgrounds.paint("beach", *SIZE, rng), "beach")
    for name, colour, texture, size, share, (x, y) in PLACED:
        code = thing.vocabulary.THINGS.get(name, "")
        kind, design = ("emoji", "noto") if code else ("shape", "")
        one = thing.Thing(kind, name, size, share, colour, texture, code=code, design=design)
        if code:
            one.colour = art.sprites(code)[design].colour
        sprite = thing.draw(one, (SIZE[0] * SIZE[1]) ** 0.5, rng)
        scene.place(made, one, sprite, x - sprite.width // 2, y - sprite.height // 2)
    return scene.finish(made, rng, clean=True)


def main(folder: Path) -> None:
    made = paint()
    made.picture.convert("RGB").save(folder / "sample.png", optimize=True)
    annotations = []
    first = sorted(made.things, key=lambda one: one.name != DESCRIBED)
    for number, one in enumerate(first, 1):
        left, top, right, bottom = one.box
        entry: dict[str, Any] = {
            "id": number,
            "image_id": 1,
            "category_id": 1,
            "iscrowd": 0,
            "bbox": [left, top, right - left, bottom - top],
            "area": int(one.mask.sum()),
            "segmentation": {"size": [SIZE[1], SIZE[0]], "counts": counts(one.mask)},
            "describe_anything": {"region": number},
        }
        if one.name == DESCRIBED:
            text = answers.detail(facts.facts_of(made, one), random.Random(0))
            entry["caption"] = text
            entry["describe_anything"]["turns"] = [{"question": language.DEFAULT_IMAGE, "answer": text, "fresh": True}]
        else:
            entry["describe_anything"]["suggested"] = True
        annotations.append(entry)
    file = {
        "info": {"description": "Describe Anything: the sample picture, drawn for this project"},
        "licenses": [{"id": 1, "name": "Things from Noto Color Emoji, SIL Open Font License 1.1"}],
        "images": [{"id": 1, "width": SIZE[0], "height": SIZE[1], "file_name": "sample.png", "license": 1}],
        "categories": [{"id": 1, "name": "region"}],
        "annotations": annotations,
    }
    (folder / "sample.json").write_text(json.dumps(file, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
