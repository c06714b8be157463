"""A rule-based benchmark for detailed localised captioning on drawn scenes, modelled on DLC-Bench.

It needs no reference captions and no judge model: every attribute is a fact of the generator and is looked for in
the answer. Scores follow DLC-Bench: a positive attribute scores 1 if named, 0 if left out, -1 if wrong; a negative
attribute scores 1 if absent, -1 if present. If the description does not name the thing, each score is at most 0.
Scores are averaged per region and kind, then over regions; the final score is the mean of both kinds.

`python -m dam_mini.dlc --base-url http://127.0.0.1:8000/v1` asks any OpenAI-compatible server.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import (
    backgrounds,
    disclosure,
    drawn_mask,
    example,
    facts,
    language,
    palette,
    parse,
    scene as scenes,
    score,
    shapes,
    vocabulary,
)
from .asker import Asker, HttpAsker, TorchAsker
from .case import SEED, Case


@dataclass(frozen=True)
class Instance:
    """A region, and the words that a description of it must not contain."""

    case: Case
    absent: tuple[str, ...]


def instances(count: int, seed: int) -> Iterator[Instance]:
    rng = random.Random(SEED + 9000 + seed)
    names = [*vocabulary.THINGS, *shapes.SHAPES]
    done = 0
    while done < count:
        scene = scenes.ordinary(rng, training=False)
        visible = [t for t in scene.things if t.mask.sum() > 60 and t.kind != "unknown"]
        if not visible:
            continue
        thing = rng.choice(visible)
        mask = drawn_mask.draw_mask(thing.mask, rng, example.is_alone(scene, thing))
        f = facts.facts_of(scene, thing)
        case = Case("dlc", "detail", language.DEFAULT_IMAGE, (scene.picture,), (mask,), f)
        others = {t.name for t in scene.things if t.kind != "unknown"} - {thing.name}
        absent = [*sorted(others)[:2], rng.choice([n for n in names if n != thing.name and n not in others])]
        absent.append(rng.choice([c for c in palette.NAMES if c != f.colour]))
        absent.append(rng.choice([b for b in backgrounds.BACKGROUNDS if b != f.background]))
        absent.append(rng.choice(["letter"] if f.kind == "shape" and not f.letter else ["crack", "shadow"]))
        yield Instance(case, tuple(absent))
        done += 1


def positive(f: facts.Facts, answer: str) -> dict[str, float]:
    """The score of each attribute that the region has."""
    claims = {
        "colour": (parse.colour(answer), f.colour),
        "background": (parse.background(answer), f.background),
    }
    if "size" in disclosure.DETAIL:
        claims["size"] = (parse.size(answer), f.size)
    if f.position_is_sharp and "position" in disclosure.DETAIL:
        claims["position"] = (parse.position(answer), f.position)
    if f.kind == "shape":
        claims["texture"] = (parse.texture(answer), f.texture)
    if f.letter and "letter" in disclosure.DETAIL and disclosure.LETTERS:
        claims["letter"] = (parse.letter(answer), f.letter)
    return {k: 0.0 if not said else 1.0 if said == true else -1.0 for k, (said, true) in claims.items()}


def negative(absent: tuple[str, ...], answer: str) -> dict[str, float]:
    low = answer.lower()
    return {word: -1.0 if re.search(rf"\b{re.escape(word)}\b", low) else 1.0 for word in absent}


def judge(instance: Instance, answer: str) -> dict[str, Any]:
    f = instance.case.facts
    recognised = score.names(answer, f)
    kinds = {"positive": positive(f, answer), "negative": negative(instance.absent, answer)}
    scores = {}
    for kind, parts in kinds.items():
        values = [v if recognised else min(0.0, v) for v in parts.values()]
        scores[kind] = sum(values) / len(values)
    return {"recognised": recognised, **scores, "answer": answer, "attributes": kinds, "facts": f.as_dict()}


def run(asker: Asker, asked: list[Instance]) -> dict[str, Any]:
    by_case = {id(i.case): i for i in asked}
    judged = [judge(by_case[id(case)], answer) for case, answer in asker.answers(i.case for i in asked)]
    n = len(judged)
    mean = {k: 100 * sum(j[k] for j in judged) / n for k in ("recognised", "positive", "negative")}
    mean["final"] = (mean["positive"] + mean["negative"]) / 2
    return {"regions": n, "scores": {k: round(v, 1) for k, v in mean.items()}, "judged": judged}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--base-url", help="an OpenAI-compatible endpoint, with /v1")
    who.add_argument("--checkpoint", type=Path, help="a checkpoint in the published layout, or a run folder")
    parser.add_argument("--model", default="dam-mini")
    parser.add_argument("--regions", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    a = parser.parse_args()
    asker = TorchAsker(a.checkpoint) if a.checkpoint else HttpAsker(a.base_url, a.model)
    found = run(asker, list(instances(a.regions, a.seed)))
    print("| regions | recognised | positive | negative | final |\n| --- | --- | --- | --- | --- |")
    s = found["scores"]
    print(f"| {found['regions']} | {s['recognised']} | {s['positive']} | {s['negative']} | {s['final']} |")
    if a.json:
        a.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
