"""Draws the benchmark of `scripts/evaluate dlc-bench --data mini`: DLC-Bench's files, for this generator's pictures.

    python drawn_benchmark.py ../../src/evaluate/evaluate/drawn

Needs pycocotools. The wording of the questions is what evaluate/dlc/rules.py reads.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco

from dam_mini import backgrounds, facts, scene, shapes, vocabulary
from dam_mini.facts import Facts
from dam_mini.scene import Scene
from dam_mini.thing import Thing

SIZE = (288, 216)
SEED = 990_027
REGIONS = 32
DESIGN = "noto"
LEAST = 100
"""Pixels of a region."""
NAMES = [*vocabulary.THINGS, *shapes.SHAPES]
QUESTION = "Which of these is true of the description?"


def scenes(rng: random.Random) -> Iterator[tuple[Scene, list[Thing]]]:
    """Scenes of two things or more that are all known and of one design."""
    while True:
        made = scene.ordinary(rng, training=False, size=SIZE)
        known = [t for t in made.things if t.kind != "unknown" and t.mask.sum() >= LEAST]
        if len(known) == len(made.things) >= 2 and all(t.design in ("", DESIGN) for t in known):
            yield made, known


def attributes(f: Facts) -> dict[str, str]:
    """What a detailed description should say of a thing besides its name."""
    found = {"colour": f.colour, "background": f.background, "size": f.size}
    if f.position_is_sharp:
        found["position"] = f.position
    if f.texture not in ("", "plain"):
        found["texture"] = f.texture
    return found


def positive(name: str, attribute: str, value: str, rng: random.Random) -> dict[str, Any]:
    choices = [
        [f"The {attribute} of the {name} is mentioned, as {value}.", 1],
        [f"The {name} is mentioned, its {attribute} is not.", 0.5],
        [f"The {name} is not mentioned.", 0],
        [f"The {attribute} of the {name} is mentioned, as something other than {value}.", -1],
    ]
    rng.shuffle(choices)
    return {"question": QUESTION, "choices": choices, "type": "positive"}


def negative(word: str, rng: random.Random) -> dict[str, Any]:
    """Asks about something that is not in the region."""
    choices = [[f"{vocabulary.with_article(word).capitalize()} is mentioned.", -1], [f"No {word} is mentioned.", 1]]
    rng.shuffle(choices)
    return {"question": QUESTION, "choices": choices, "type": "negative", "subtype": "salient negative"}


def negative_part(name: str, part: str, rng: random.Random) -> dict[str, Any]:
    choices = [
        [f"The {part} of the {name} is mentioned.", -1],
        [f"No {part} of the {name} is mentioned.", 1],
        [f"The {name} is not mentioned.", 0],
    ]
    rng.shuffle(choices)
    return {"question": QUESTION, "choices": choices, "type": "negative", "subtype": "negative part"}


def questions(made: Scene, thing: Thing, rng: random.Random) -> list[dict[str, Any]]:
    f = facts.facts_of(made, thing)
    wanted = list(attributes(f).items())
    asked = [positive(f.name, *one, rng) for one in rng.sample(wanted, min(4, len(wanted)))]
    others = sorted({t.name for t in made.things} - {f.name, *vocabulary.PLURAL})
    far = rng.choice([n for n in NAMES if n not in vocabulary.PLURAL and n not in {t.name for t in made.things}])
    ground = rng.choice([b for b in backgrounds.BACKGROUNDS if b != f.background])
    asked += [negative(word, rng) for word in (*others[:2], far, ground)]
    if not f.letter:
        asked.append(negative_part(f.name, "letter", rng))
    return asked


def main(folder: Path) -> None:
    rng = random.Random(SEED)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    qa: dict[str, Any] = {}
    names: dict[str, str] = {}
    for made, known in scenes(rng):
        if len(annotations) >= REGIONS:
            break
        serial = len(images) + 1
        file = f"drawn_{serial:02}.jpg"
        made.picture.convert("RGB").save(folder / "images" / file, quality=85)
        images.append({"id": serial, "file_name": file, "width": SIZE[0], "height": SIZE[1]})
        for thing in known[: REGIONS - len(annotations)]:
            number = 100 * serial + len(annotations) + 1
            lengths = coco.encode(np.asfortranarray(thing.mask.astype(np.uint8)))
            lengths["counts"] = lengths["counts"].decode()
            annotations.append({"id": number, "image_id": serial, "segmentation": lengths})
            qa[str(number)] = questions(made, thing, rng)
            names[str(number)] = thing.name
    write = {"annotations": {"images": images, "annotations": annotations}, "qa": qa, "class_names": names}
    for name, data in write.items():
        (folder / f"{name}.json").write_text(json.dumps(data, separators=(",", ":")) + "\n")
    print(f"{len(images)} pictures, {len(annotations)} regions, {sum(map(len, qa.values()))} questions")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
