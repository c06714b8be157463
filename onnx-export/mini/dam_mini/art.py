"""Emoji art: fetching it into a folder of PNG files, and loading it from there.

Knows two designs, Noto Color Emoji and Twemoji, and where package clients put them. Licences are in
ART.md; the art itself is never part of the repository. `python -m dam_mini.art` fetches it.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import palette, vocabulary

DESIGNS = ("noto", "twemoji")
FOLDER = Path(os.environ.get("DAM_MINI_ART", Path.home() / ".cache" / "dam-mini" / "art"))
SYSTEM_FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")


@dataclass(frozen=True)
class Sprite:
    """One picture of a thing: RGBA cut to its visible box, and the colour name it deserves."""

    image: Image.Image
    colour: str


def codes() -> list[str]:
    return [*vocabulary.THINGS.values(), *vocabulary.UNKNOWN]


def is_there() -> bool:
    """Whether all of it was fetched: both designs of what is named, one of what is not."""
    return all((FOLDER / d / f"{c}.png").exists() for d in DESIGNS for c in vocabulary.THINGS.values()) and all(
        any((FOLDER / d / f"{c}.png").exists() for d in DESIGNS) for c in vocabulary.UNKNOWN
    )


@functools.cache
def sprites(code: str) -> dict[str, Sprite]:
    """The designs there are of a code point, by design."""
    found = {}
    for design in DESIGNS:
        path = FOLDER / design / f"{code}.png"
        if path.exists():
            image = Image.open(path).convert("RGBA")
            found[design] = Sprite(image, _colour(image))
    if not found:
        raise FileNotFoundError(f"no art for {code} in {FOLDER}: run python -m dam_mini.art")
    return found


@functools.lru_cache(4096)
def tinted(code: str, design: str, hue: int) -> Sprite:
    """A design with its hues turned by some degrees, and the colour it then deserves."""
    sprite = sprites(code)[design]
    if not hue:
        return sprite
    image = palette.turn_hue(sprite.image, hue)
    return Sprite(image, _colour(image))


def _colour(image: Image.Image) -> str:
    pixels = np.asarray(image)
    return palette.main_colour(pixels[pixels[..., 3] > 127][:, :3])


def _noto_font(work: Path) -> Path:
    if SYSTEM_FONT.exists():
        return SYSTEM_FONT
    subprocess.run(["apt-get", "download", "fonts-noto-color-emoji"], cwd=work, check=True)
    package = next(work.glob("fonts-noto-color-emoji*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(package), str(work / "deb")], check=True)
    return next((work / "deb").rglob("NotoColorEmoji.ttf"))


def _twemoji_folder(work: Path) -> Path:
    subprocess.run(["npm", "install", "--prefix", str(work), "emoji-datasource-twitter@16"], check=True)
    return work / "node_modules/emoji-datasource-twitter/img/twitter/64"


def fetch(twemoji: Path | None) -> None:
    """Fills FOLDER with a PNG for each design and code point; `twemoji` names a folder of them on disk."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        font = ImageFont.truetype(str(_noto_font(work)), 109)
        source = twemoji or _twemoji_folder(work)
        for design in DESIGNS:
            (FOLDER / design).mkdir(parents=True, exist_ok=True)
        for code in codes():
            text = "".join(chr(int(part, 16)) for part in code.split("-"))
            image = Image.new("RGBA", (136, 128), (0, 0, 0, 0))
            ImageDraw.Draw(image).text((0, 0), text, font=font, embedded_color=True)
            if image.getbbox():
                image.crop(image.getbbox()).save(FOLDER / "noto" / f"{code}.png")
            if (source / f"{code}.png").exists():
                image = Image.open(source / f"{code}.png").convert("RGBA")
                image.crop(image.getbbox()).save(FOLDER / "twemoji" / f"{code}.png")
    shutil.copy(Path(__file__).parent.parent / "ART.md", FOLDER / "ART.md")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fetch the emoji art through apt and npm.")
    parser.add_argument("--twemoji", type=Path, help="a folder with the 64 px files, if it is on disk already")
    fetch(parser.parse_args().twemoji)
    print(f"art is in {FOLDER}")
