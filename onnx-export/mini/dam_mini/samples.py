"""Writes the sample pictures of the README and of the server's own tests.

With `--checkpoint` it redraws each picture until the model answers correctly: the server's tests need pictures that
the model gets right. Its errors are counted by the evaluation. All emoji are from Noto, see ART.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import (
    art,
    backgrounds,
    clip,
    facts,
    judge,
    language,
    palette,
    preamble,
    scene as scenes,
    score,
    shapes,
    thing as things,
    vocabulary,
)
from .asker import TorchAsker
from .case import Case
from .facts import Facts
from .scene import Scene
from .thing import Thing

OUTLINES = ((235, 64, 120), (20, 110, 235))
"""Colours of the outlines in the README's picture."""


@dataclass(frozen=True)
class Sample:
    """Named frames, a question, and the words that the answer must and must not contain."""

    name: str
    case: Case
    must: list[str]
    must_not: list[str]
    asks: tuple[Case, ...] = ()
    """Questions in held-out phrasings."""


def emoji(name: str, size: str) -> Thing:
    code = vocabulary.THINGS[name]
    share = sum(things.SIZES[size]) / 2
    return Thing("emoji", name, size, share, art.sprites(code)["noto"].colour, code=code, design="noto")


def shape(name: str, size: str, colour: str, texture: str = "plain", letter: str = "") -> Thing:
    return Thing("shape", name, size, sum(things.SIZES[size]) / 2, colour, texture, letter)


def compose(ground: str, size: tuple[int, int], placed: list[tuple[Thing, float, float]], rng: random.Random) -> Scene:
    """A scene of given things at given centres, in shares of width and height."""
    w, h = size
    scene = Scene(backgrounds.paint(ground, w, h, rng), ground)
    for thing, x, y in placed:
        sprite = things.draw(thing, (w * h) ** 0.5, rng)
        scenes.place(scene, thing, sprite, round(x * w - sprite.width / 2), round(y * h - sprite.height / 2))
    return scenes.finish(scene, rng, clean=True)


def _sample(
    name: str, group: str, asks: str, question: str, scene: Scene, index: int, pair: int, others: bool = True
) -> Sample:
    thing = scene.things[index]
    f = facts.facts_of(scene, thing)
    wrong = [t.said for t in scene.things if t.said != thing.said] if others else []
    return Sample(name, Case(group, asks, question, (scene.picture,), (thing.mask,), f, pair), _words(f, asks), wrong)


def _words(f: Facts, asks: str) -> list[str]:
    if asks == "background":
        return [f.background]
    if asks == "colour":
        return [f.colour]
    return [f.colour, f.said] if f.kind == "shape" else [f.name]


def readme_scene(rng: random.Random) -> Scene:
    return compose(
        "wooden table",
        (640, 480),
        [
            (emoji("elephant", "large"), 0.24, 0.3),
            (shape("star", "medium-sized", "red", "striped"), 0.82, 0.22),
            (emoji("banana", "medium-sized"), 0.52, 0.82),
            (shape("square", "medium-sized", "blue", letter="B"), 0.85, 0.8),
            (emoji("alarm clock", "small"), 0.56, 0.5),
        ],
        rng,
    )


def two_masks(rng: random.Random) -> list[Sample]:
    names = rng.sample(list(vocabulary.THINGS), 2)
    other = shape(rng.choice(shapes.SHAPES), "medium-sized", rng.choice(palette.NAMES), rng.choice(shapes.TEXTURES))
    scene = compose(
        rng.choice(backgrounds.BACKGROUNDS),
        (320, 240),
        [
            (emoji(names[0], "medium-sized"), 0.2, 0.22),
            (emoji(names[1], "medium-sized"), 0.82, 0.5),
            (other, 0.35, 0.8),
        ],
        rng,
    )
    return [
        _sample(f"two-masks-{'abc'[k]}", "two masks", "detail", language.DEFAULT_IMAGE, scene, k, -1) for k in range(3)
    ]


def same_crop(rng: random.Random) -> list[Sample]:
    state = rng.getrandbits(32)
    samples = []
    for k, ground in enumerate(rng.sample(backgrounds.BACKGROUNDS, 2)):
        draw = random.Random(state)
        w, h = 320, 240
        scene = Scene(backgrounds.paint(ground, w, h, random.Random(state)), ground)
        name = draw.choice(list(vocabulary.THINGS))
        thing = emoji(name, "small")
        sprite = things.draw(thing, (w * h) ** 0.5, draw)
        x, y = round(0.35 * w), round(0.55 * h)
        half_x, half_y = max(48, sprite.width) * 1.5 + 2, max(48, sprite.height) * 1.5 + 2
        cx, cy = x + sprite.width / 2, y + sprite.height / 2
        box = round(cx - half_x), round(cy - half_y), round(cx + half_x), round(cy + half_y)
        scene.picture.paste(scenes.CARD, box)
        scenes.place(scene, thing, sprite, x, y)
        scene.counted = False
        scenes.finish(scene, draw, clean=True)
        samples.append(
            _sample(f"same-crop-{'ab'[k]}", "two grounds", "background", language.DEFAULT_IMAGE, scene, 0, 0)
        )
    for own, other in (samples, samples[::-1]):
        own.must_not.append(other.case.facts.background)
    return samples


def one_box(rng: random.Random) -> list[Sample]:
    scene = scenes.halves(rng)
    samples = [
        _sample(f"one-box-{'ab'[k]}", "one box", "colour", language.DEFAULT_IMAGE, scene, k, 0, False) for k in range(2)
    ]
    for own, other in (samples, samples[::-1]):
        own.must_not.append(other.case.facts.colour)
    return samples


def moving(rng: random.Random) -> list[Sample]:
    state = random.Random(rng.getrandbits(32))
    while True:
        c = clip.draw_clip(state, motion=rng.choice(["left", "right"]), size=(256, 192))
        if c.facts.kind == "shape":
            break
    case = Case("video", "motion", language.DEFAULT_VIDEO, tuple(c.pictures), tuple(c.masks), c.facts)
    opposite = clip.REVERSED[c.facts.motion]
    return [Sample("clip", case, [c.facts.said, f"to the {c.facts.motion}"], [f"to the {opposite}"])]


ASKED = ("name", "colour", "size", "position", "background", "motion", "describe")
"""Facts asked for in held-out phrasings."""
ASKS = 3
"""Held-out questions for each sample; the last follows a preamble."""


def with_questions(sample: Sample, rng: random.Random) -> Sample:
    """The sample with held-out questions about its region."""
    turns: list[language.Turn] = []
    while len(turns) < ASKS:
        one = language.turn(
            sample.case.facts, rng.choice(["fact", "fact", "describe", "yes or no"]), rng, held_out=True
        )
        plain_one = one and one.form not in ("", "detail", "no colour") and one.fact not in {t.fact for t in turns}
        if one and plain_one and (one.fact in ASKED or one.fact.startswith("yes or no")):
            turns.append(one)
    before = [""] * (ASKS - 1) + [preamble.preamble(rng, 100, 150, held_out=True)]
    asks = [
        dataclasses.replace(sample.case, group="asked", question=text + turn.question, turn=turn, pair=-1)
        for text, turn in zip(before, turns, strict=True)
    ]
    return dataclasses.replace(sample, asks=tuple(asks))


def true_to_all(samples: list[Sample], asker: TorchAsker | None) -> bool:
    """Whether the model answers all questions of the samples correctly."""
    if asker is None:
        return True
    judged, said = score.Scores(), True
    for case, answer in asker.answers([s.case for s in samples]):
        sample = next(s for s in samples if s.case is case)
        judged.add(case, answer)
        low = answer.lower()
        said &= all(w in low for w in sample.must) and not any(w in low for w in sample.must_not)
    asked = [case for s in samples for case in s.asks]
    for case, answer in asker.answers(asked):
        said &= case.turn is not None and judge.plain(answer) == judge.plain(case.turn.answer)
    return said and not judged.wrong


def write(folder: Path, samples: list[Sample]) -> list[dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for s in samples:
        frames = s.case.rgba()
        files = [f"{s.name}.png"] if len(frames) == 1 else [f"{s.name}-{i}.png" for i in range(len(frames))]
        for file, frame in zip(files, frames, strict=True):
            frame.save(folder / file, optimize=True)
        f = s.case.facts
        shown = {
            k: getattr(f, k)
            for k in ("name", "colour", "texture", "letter", "size", "position", "background", "motion")
        }
        if not f.position_is_sharp:
            shown["position"] = ""
        entries.append(
            {
                "name": s.name,
                "files": files,
                "question": s.case.question,
                "must": s.must,
                "must_not": s.must_not,
                "asks": [{"question": c.question, "answer": c.turn.answer} for c in s.asks if c.turn],
                "facts": {k: v for k, v in shown.items() if v} | ({"count": f.count} if f.count else {}),
            }
        )
    return entries


def marked(scene: Scene, shown: list[Thing]) -> Image.Image:
    """The picture with numbered outlines of some masks."""
    picture = np.asarray(scene.picture.convert("RGB")).copy()
    for thing, colour in zip(shown, OUTLINES, strict=True):
        mask = Image.fromarray(thing.mask.astype(np.uint8) * 255)
        wide, near = (np.asarray(mask.filter(ImageFilter.MaxFilter(k))) > 0 for k in (11, 3))
        picture[wide & ~near] = colour
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for number, (thing, colour) in enumerate(zip(shown, OUTLINES, strict=True), 1):
        x, y = thing.box[0], max(thing.box[1] - 8, 18)
        draw.ellipse([x - 16, y - 16, x + 16, y + 16], fill=colour, outline="white", width=2)
        draw.text((x, y), str(number), fill="white", font=shapes.fonts(20)[0], anchor="mm")
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=Path, required=True, help="folder for the tests' pictures and samples.json")
    parser.add_argument("--docs", type=Path, required=True, help="folder for the README's sample")
    parser.add_argument("--checkpoint", type=Path, help="draw until this model answers truly")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    asker = TorchAsker(a.checkpoint) if a.checkpoint else None
    entries = []
    for make in (two_masks, same_crop, one_box, moving):
        for attempt in range(200):
            rng = random.Random(f"{a.seed} {make.__name__} {attempt}")
            samples = [with_questions(s, rng) for s in make(rng)]
            if true_to_all(samples, asker):
                break
        else:
            raise SystemExit(f"no sample of {make.__name__} was answered truly")
        print(f"{make.__name__}: drawn {attempt + 1} times")
        entries += write(a.tests, samples)
    (a.tests / "samples.json").write_text(json.dumps(entries, indent=1) + "\n")
    for attempt in range(50):
        scene = readme_scene(random.Random(f"{a.seed} {attempt}"))
        shown = [
            _sample(f"sample-{t.name.replace(' ', '-')}", "region", "detail", language.DEFAULT_IMAGE, scene, k, -1)
            for k, t in enumerate(scene.things)
        ]
        if true_to_all([shown[0], shown[1]], asker):
            break
    print(f"readme_scene: drawn {attempt + 1} times")
    entries = write(a.docs, [dataclasses.replace(s, name=f"sample-{k}") for k, s in enumerate(shown[:2], 1)])
    scene.picture.save(a.docs / "sample.png", optimize=True)
    marked(scene, scene.things[:2]).save(a.docs / "marked.png", optimize=True)
    (a.docs / "sample.json").write_text(json.dumps(entries, indent=1) + "\n")
    np.testing.assert_array_equal(np.asarray(Image.open(a.docs / "sample.png")), np.asarray(scene.picture))


if __name__ == "__main__":
    main()
