"""Emoji art: `python -m dam_mini.art` fetches it into a folder of PNG files; the rest loads it from there.

Licences are in ART.md. The art is not part of the repository.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import palette, vocabulary

DESIGNS = ("noto", "noto-v1", "twemoji", "fluent-emoji", "fluent-emoji-flat", "emojione", "fxemoji")
"""Designs for training; the packages are `@iconify-json/NAME`."""
EVALUATION_DESIGN = "streamline-emojis"
"""The design for evaluation only."""
FOLDER = Path(os.environ.get("DAM_MINI_ART", Path.home() / ".cache" / "dam-mini" / "art"))
SIDE = 112
"""Width in pixels at which a picture is rasterised, before it is cropped."""
OTHER_NAMES: dict[tuple[str, str], str] = {
    ("fxemoji", "1f408"): "catside",
    ("fxemoji", "1f415"): "dogside",
    ("fxemoji", "1f697"): "automobile",
    ("fxemoji", "1f355"): "sliceofpizza",
    ("fxemoji", "1f3e0"): "housebuilding",
    ("fxemoji", "1f433"): "spurtingwhale",
    ("fxemoji", "2702-fe0f"): "blackscissors",
    ("fxemoji", "1f381"): "present",
    ("fxemoji", "1f41d"): "honeybee",
    ("fxemoji", "1f33d"): "earofmaize",
    ("fxemoji", "1f346"): "aubergine",
    ("fxemoji", "1f37a"): "beermug",
    ("fxemoji", "1f6a2"): "ship",
    ("fxemoji", "1f3f0"): "europeancastle",
    ("fxemoji", "1f4bb"): "personalcomputer",
    ("fxemoji", "1f4f1"): "cellphone",
    ("fxemoji", "260e-fe0f"): "blacktelephone",
    ("fxemoji", "270f-fe0f"): "pencil",
    ("fxemoji", "1f50d"): "leftmagnifyingglass",
    ("fxemoji", "1f512"): "lock",
    ("fxemoji", "1f455"): "mansshirt",
    ("fxemoji", "1f462"): "boot",
    ("fxemoji", "1f392"): "schoolsatchel",
    ("fxemoji", "1f6a6"): "verticaltrafficlight",
    ("fxemoji", "1f30d"): "europeafricaglobe",
    ("fxemoji", "2600-fe0f"): "sunrays",
    ("fxemoji", "1f40e"): "horse",
    ("fxemoji", "1f404"): "cow",
    ("fxemoji", "1f411"): "sheep",
    ("fxemoji", "1f437"): "pigside",
    ("fxemoji", "1f383"): "jackolantern",
    ("fxemoji", "231b"): "hourglass",
    ("fxemoji", "1f6bd"): "toilet",
    ("streamline-emojis", "1f41f"): "tropical-fish",
    ("streamline-emojis", "1f438"): "frog-face",
    ("streamline-emojis", "1f43c"): "panda-face",
    ("streamline-emojis", "1f3e0"): "house-with-garden",
    ("streamline-emojis", "26c4"): "snowman",
    ("streamline-emojis", "1f4d5"): "green-book",
    ("streamline-emojis", "1f377"): "wine-glass",
    ("streamline-emojis", "1f30d"): "globe-showing-europe-africa",
    ("streamline-emojis", "2600-fe0f"): "sun-with-face",
    ("streamline-emojis", "1f916"): "robot-face",
    ("streamline-emojis", "1f392"): "school-backpack",
    ("streamline-emojis", "231b"): "hourglass-done",
    ("streamline-emojis", "26bd"): "",
}
"""Icon names that differ from the Unicode name; "" if the icon shows another thing."""
RASTERISE = """
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
const { Resvg } = createRequire(process.argv[2] + '/')('@resvg/resvg-js');
const fitTo = { mode: 'width', value: Number(process.argv[3]) };
for (const line of readFileSync(0, 'utf8').split('\\n').filter(Boolean)) {
  const { svg, out } = JSON.parse(line);
  writeFileSync(out, new Resvg(svg, { fitTo }).render().asPng());
}
"""
"""Rasterises one SVG for each line of JSON on standard input. Arguments: packages folder, width."""


@dataclass(frozen=True)
class Sprite:
    """One picture of a thing: RGBA cropped to its visible box, and its colour name."""

    image: Image.Image
    colour: str


def codes() -> list[str]:
    """All code points, of known and unknown things."""
    return list(dict.fromkeys([*vocabulary.FIRST.values(), *vocabulary.MORE.values(), *vocabulary.UNKNOWN]))


def is_there() -> bool:
    """Whether the art was fetched: at least two designs of each known thing, one of each unknown."""
    known = all(sum((FOLDER / d / f"{c}.png").exists() for d in DESIGNS) > 1 for c in vocabulary.THINGS.values())
    return known and all(any((FOLDER / d / f"{c}.png").exists() for d in DESIGNS) for c in vocabulary.UNKNOWN)


@functools.cache
def sprites(code: str) -> dict[str, Sprite]:
    """The pictures of a code point by training design."""
    found = {}
    for design in DESIGNS:
        path = FOLDER / design / f"{code}.png"
        if path.exists() and (code, design) not in vocabulary.LEFT_OUT:
            found[design] = _load(path)
    if not found:
        raise FileNotFoundError(f"no art for {code} in {FOLDER}: run python -m dam_mini.art")
    return found


@functools.cache
def evaluation_sprites(code: str) -> list[Sprite]:
    """The pictures of a code point in the evaluation design; none, one or several."""
    return [_load(path) for path in sorted((FOLDER / EVALUATION_DESIGN).glob(f"{code}.*png"))]


def _load(path: Path) -> Sprite:
    image = Image.open(path).convert("RGBA")
    return Sprite(image, colour_of(image))


@functools.lru_cache(4096)
def tinted(code: str, design: str, hue: int) -> Sprite:
    """A picture with its hues turned by some degrees, and its new colour name."""
    sprite = evaluation_sprites(code)[0] if design == EVALUATION_DESIGN else sprites(code)[design]
    if not hue:
        return sprite
    image = palette.turn_hue(sprite.image, hue)
    return Sprite(image, colour_of(image))


def colour_of(image: Image.Image) -> str:
    """The colour name of the visible pixels of an RGBA picture."""
    pixels = np.asarray(image)
    return palette.main_colour(pixels[pixels[..., 3] > 127][:, :3])


def _slug(name: str) -> str:
    name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def _icons(design: str, code: str, label: str, found: dict[str, dict[str, Any]]) -> list[str]:
    """The icon names of a code point in a design's package; numbered if there are several."""
    name = OTHER_NAMES.get((design, code), label.replace("-", "") if design == "fxemoji" else label)
    return [n for n in (name, *(f"{name}-{k}" for k in (1, 2, 3))) if n in found]


def _svg(icon: dict[str, Any], icons: dict[str, Any]) -> str:
    box = [icon.get(k, icons.get(k, d)) for k, d in (("left", 0), ("top", 0), ("width", 16), ("height", 16))]
    view = " ".join(str(v) for v in box)
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} viewBox="{view}">{icon["body"]}</svg>'


def _install(work: Path) -> Path:
    packages = [f"@iconify-json/{d}" for d in (*DESIGNS, EVALUATION_DESIGN)] + [
        "@resvg/resvg-js@2",
        "emojibase-data@16",
    ]
    subprocess.run(["npm", "install", "--prefix", str(work), "--no-audit", "--no-fund", *packages], check=True)
    return work / "node_modules"


def fetch(packages: Path | None) -> None:
    """Fills FOLDER with a PNG for each design and code point; `packages` is a node_modules folder."""
    with tempfile.TemporaryDirectory() as temporary:
        source = packages or _install(Path(temporary))
        labels = {
            e["hexcode"].lower(): _slug(e["label"])
            for e in json.loads((source / "emojibase-data/en/data.json").read_text())
        }
        jobs = []
        for design in (*DESIGNS, EVALUATION_DESIGN):
            (FOLDER / design).mkdir(parents=True, exist_ok=True)
            icons = json.loads((source / "@iconify-json" / design / "icons.json").read_text())
            found = {
                **icons["icons"],
                **{k: icons["icons"].get(v["parent"]) for k, v in icons.get("aliases", {}).items()},
            }
            found = {k: v for k, v in found.items() if v}
            for code in codes():
                label = labels.get(code) or labels[code.removesuffix("-fe0f")]
                for k, name in enumerate(_icons(design, code, label, found)):
                    out = FOLDER / design / (f"{code}.{k}.png" if k else f"{code}.png")
                    jobs.append(json.dumps({"svg": _svg(found[name], icons), "out": str(out)}))
        script = Path(temporary) / "rasterise.mjs"
        script.write_text(RASTERISE)
        while jobs:  # the rasteriser stops at a picture it cannot read: skip that one
            command = ["node", str(script), str(source.resolve().parent), str(SIDE)]
            done = subprocess.run(command, input="\n".join(jobs), text=True)
            if not done.returncode:
                break
            written = next((k for k, job in enumerate(jobs) if not Path(json.loads(job)["out"]).exists()), len(jobs))
            print(f"left out: {json.loads(jobs[written])['out']}")
            jobs = jobs[written + 1 :]
    for path in FOLDER.glob("*/*.png"):
        image = Image.open(path).convert("RGBA")
        image.crop(image.getbbox()).save(path)
    shutil.copy(Path(__file__).parent.parent / "ART.md", FOLDER / "ART.md")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fetch the emoji art through npm.")
    parser.add_argument("--packages", type=Path, help="a node_modules folder that holds the packages already")
    fetch(parser.parse_args().packages)
    print(f"art is in {FOLDER}")
