"""Makes coco.json and lvis.json with every form of segmentation, and what pycocotools makes of them.

    pip install pycocotools
    python src/test/bulk/resources/make_coco.py

The masks in *-masks.json are those of COCO.annToRLE, by annotation.
"""

import json
import random
from pathlib import Path

from pycocotools import mask
from pycocotools.coco import COCO

FOLDER = Path(__file__).parent
SIZES = [(64, 48), (37, 91), (120, 80)]


def polygon(chance: random.Random, width: int, height: int) -> list[float]:
    """Some corners, with parts of pixels, a few of them just outside."""
    corners = []
    for _ in range(chance.randint(3, 9)):
        corners += [round(chance.uniform(-1, width + 1), 2), round(chance.uniform(-1, height + 1), 2)]
    return corners


def runs(chance: random.Random, width: int, height: int) -> list[int]:
    """Plain counts of a crowd."""
    counts, left = [], width * height
    while left:
        counts.append(min(left, chance.randint(0 if not counts else 1, 200)))
        left -= counts[-1]
    return counts


def images(names: bool) -> list[dict]:
    """One entry a size; LVIS has addresses instead of names."""
    made = []
    for number, (width, height) in enumerate(SIZES):
        name = f"{number}.png"
        named = {"file_name": name} if names else {"coco_url": f"http://images.example/val2017/{name}"}
        made.append({"id": number, "width": width, "height": height, **named})
    return made


def annotation(chance: random.Random, number: int, forms: int) -> dict:
    """Polygons, several polygons, plain counts and compressed counts by turns."""
    image = chance.randrange(len(SIZES))
    width, height = SIZES[image]
    form = number % forms
    if form < 2:
        segmentation: object = [polygon(chance, width, height) for _ in range(1 + 2 * form)]
    else:
        segmentation = {"size": [height, width], "counts": runs(chance, width, height)}
        if form == 3:
            compressed = mask.frPyObjects(segmentation, height, width)
            segmentation = {"size": [height, width], "counts": compressed["counts"].decode()}
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "iscrowd": int(form == 2),
        "segmentation": segmentation,
    }


def write(name: str, dataset: dict) -> None:
    """The dataset, and its masks by pycocotools."""
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(dataset) + "\n")
    coco = COCO(str(path))
    masks = {}
    for made in dataset["annotations"]:
        masks[made["id"]] = coco.annToRLE(made)["counts"]
    texts = {key: it.decode() if isinstance(it, bytes) else it for key, it in masks.items()}
    (FOLDER / f"{name}-masks.json").write_text(json.dumps(texts, indent=0) + "\n")


def main() -> None:
    """Both files."""
    chance = random.Random(4)
    categories = [{"id": 1, "name": "thing"}]
    for name, names, forms in (("coco", True, 4), ("lvis", False, 2)):
        annotations = [annotation(chance, number, forms) for number in range(40)]
        write(name, {"images": images(names), "annotations": annotations, "categories": categories})


if __name__ == "__main__":
    main()
