"""Trials: held-out phrasings, an unseen emoji design, preambles before the question, photographs.

`python -m dam_mini.trials --base-url http://127.0.0.1:8000/v1 --json out.json` asks any OpenAI-compatible server,
`--checkpoint FOLDER` the torch model.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from . import (
    answers,
    art,
    backgrounds,
    case as cases,
    clip,
    drawn_mask,
    example,
    facts,
    judge,
    language,
    parse,
    photos,
    preamble,
    scene as scenes,
    thing as things,
    vocabulary,
)
from .asker import Asker, HttpAsker, TorchAsker
from .case import Case
from .scene import Scene
from .thing import Thing


@dataclasses.dataclass
class Count:
    """Right answers out of all."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        """Counts one answer."""
        self.right += right
        self.of += 1

    @property
    def percent(self) -> float:
        """Right answers in per cent."""
        return round(100 * self.right / max(1, self.of), 1)

    def as_dict(self) -> dict[str, float]:
        """The counts for JSON."""
        return {"right": self.right, "of": self.of, "percent": self.percent}


def _turns(f: facts.Facts, count: int, rng: random.Random) -> list[language.Turn]:
    """Questions of all kinds in held-out phrasings."""
    found: list[language.Turn] = []
    while len(found) < count:
        one = language.turn(f, rng.choices(language.KINDS, language.WEIGHTS)[0], rng, held_out=True)
        if one:
            found.append(one)
    return found


def phrasings(count: int, seed: int) -> Iterator[Case]:
    """Questions in held-out phrasings about held-out scenes, one in eight of them clips."""
    rng = random.Random(cases.SEED + 20_000 + seed)
    done = 0
    while done < count:
        if rng.random() < 0.125:
            c = clip.draw_clip(rng, training=False)
            pictures, masks, f = tuple(c.pictures), tuple(c.masks), c.facts
        else:
            scene = scenes.ordinary(rng, training=False)
            thing = rng.choice([t for t in scene.things if t.mask.sum() > 60] or scene.things)
            pictures, f = (scene.picture,), facts.facts_of(scene, thing)
            masks = (drawn_mask.draw_mask(thing.mask, rng, example.is_alone(scene, thing)),)
        for turn in _turns(f, 6, rng):
            yield Case("phrasing", turn.fact, turn.question, pictures, masks, f, turn=turn)
            done += 1


def preambles(count: int, seed: int) -> Iterator[Case]:
    """Each question twice: alone, and after a preamble of 100 to 250 words; `pair` links the two."""
    rng = random.Random(cases.SEED + 21_000 + seed)
    for pair, one in enumerate(phrasings(count, seed + 1)):
        yield dataclasses.replace(one, group="alone", pair=pair)
        text = preamble.preamble(rng, 110, 235, held_out=True)
        yield dataclasses.replace(one, group="behind a preamble", pair=pair, question=text + one.question)


def styles(count: int, seed: int) -> Iterator[Case]:
    """Each known thing alone in a scene: `count` times in the evaluation design, once in each training design."""
    rng = random.Random(cases.SEED + 22_000 + seed)
    for name, code in vocabulary.THINGS.items():
        new = art.evaluation_sprites(code)
        drawn = [(art.EVALUATION_DESIGN, rng.choice(new)) for _ in range(count if new else 0)]
        for design, sprite in [*drawn, *art.sprites(code).items()]:
            size = rng.choice(["medium-sized", "large"])
            thing = Thing(
                "emoji", name, size, rng.uniform(*things.SIZES[size]), sprite.colour, code=code, sprite=sprite.image
            )
            scene = _alone(thing, rng)
            turn = language.Turn(
                "name", language.QUESTIONS["name"], answers.reply(facts.facts_of(scene, thing), "name", "")
            )
            yield Case(
                design, "name", turn.question, (scene.picture,), (thing.mask,), facts.facts_of(scene, thing), turn=turn
            )


def _alone(thing: Thing, rng: random.Random) -> Scene:
    while True:
        w, h = scenes.picture_size(rng)
        sprite = things.draw(thing, (w * h) ** 0.5, rng)
        if sprite.width < w - 4 and sprite.height < h - 4:
            break
    ground = rng.choice(backgrounds.BACKGROUNDS)
    scene = Scene(backgrounds.paint(ground, w, h, rng), ground)
    scenes.place(scene, thing, sprite, rng.randint(2, w - sprite.width - 2), rng.randint(2, h - sprite.height - 2))
    return scenes.finish(scene, rng)


def photographs(count: int, seed: int) -> Iterator[Case]:
    """Regions of the evaluation photographs, each with three questions: description, background, name."""
    del count, seed
    for name, image, region in photos.evaluation():
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).ellipse([round(v * s) for v, s in zip(region, image.size * 2, strict=True)], fill=255)
        scene = Scene(image, backgrounds.UNKNOWN, counted=False)
        thing = Thing("unknown", things.UNKNOWN_NAME, "", 0.0, "")
        thing.mask = np.asarray(mask) > 0
        scene.things.append(thing)
        scenes.finish(scene, random.Random(0), clean=True)
        for question in (language.DEFAULT_IMAGE, language.QUESTIONS["background"], language.QUESTIONS["name"]):
            yield Case(name, question, question, (image,), (thing.mask,), facts.facts_of(scene, thing))


def count_phrasings(answered: list[tuple[Case, str]]) -> dict[str, Any]:
    """Counts answers that are right and in the requested form: in total, by fact and by form."""
    rows: dict[str, dict[str, Count]] = {k: defaultdict(Count) for k in ("all", "kinds", "forms")}
    wrong = []
    for case, answer in answered:
        turn = case.turn
        assert turn is not None
        verdict = judge.judge(turn, case.facts, answer)
        both = verdict.right and verdict.formed
        for row, key in (("all", "right and in the form"), ("kinds", turn.fact), ("forms", turn.form or "none wished")):
            rows[row][key].add(both)
        rows["all"]["right"].add(verdict.right)
        rows["all"]["in the form"].add(verdict.formed)
        if not both:
            wrong.append(
                {"fact": turn.fact, "form": turn.form, "question": case.question, "answer": answer, "true": turn.answer}
                | dataclasses.asdict(verdict)
            )
    kinds = dict(sorted(rows["kinds"].items(), key=lambda item: item[1].percent))
    return {k: {n: c.as_dict() for n, c in v.items()} for k, v in (rows | {"kinds": kinds}).items()} | {"wrong": wrong}


def count_preambles(answered: list[tuple[Case, str]]) -> dict[str, Any]:
    """Counts answers that a preamble leaves unchanged, and right answers with and without it."""
    pairs: dict[int, dict[str, tuple[Case, str]]] = defaultdict(dict)
    for case, answer in answered:
        pairs[case.pair][case.group] = case, answer
    same, kept = Count(), Count()
    right: dict[str, Count] = defaultdict(Count)
    changed = []
    for both in pairs.values():
        verdicts = {}
        for group, (case, answer) in both.items():
            assert case.turn is not None
            verdict = judge.judge(case.turn, case.facts, answer)
            verdicts[group] = verdict.right and verdict.formed
            right[f"right {group}"].add(verdicts[group])
        (alone, one), (behind, other) = both["alone"], both["behind a preamble"]
        same.add(judge.plain(one) == judge.plain(other))
        if verdicts["alone"]:
            kept.add(verdicts["behind a preamble"])
        if judge.plain(one) != judge.plain(other):
            changed.append(
                {"question": alone.question, "alone": one, "behind": other, "words": len(behind.question.split())}
            )
    rows = {"the same answer": same, "right alone, and still right": kept, **right}
    return {k: v.as_dict() for k, v in rows.items()} | {"changed": changed}


def count_styles(answered: list[tuple[Case, str]]) -> dict[str, Any]:
    """Counts right, unrecognised and wrong names by design."""
    rows: dict[str, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
    wrong = []
    for case, answer in answered:
        said, unknown = parse.name(answer), parse.is_unknown(answer)
        right = said == case.facts.name
        for key, true in (("right", right), ("not known", unknown), ("wrong", not right and not unknown)):
            rows[case.group][key].add(true)
        if not right:
            wrong.append({"design": case.group, "name": case.facts.name, "answer": answer})
    return {d: {k: c.as_dict() for k, c in row.items()} for d, row in rows.items()} | {"missed": wrong}


def count_photographs(answered: list[tuple[Case, str]]) -> dict[str, Any]:
    """Photographs with an invented background or thing, and all answers about them."""
    said: dict[str, list[dict[str, str]]] = defaultdict(list)
    grounds, named = set(), set()
    for case, answer in answered:
        said[case.group].append({"question": case.question, "answer": answer})
        if parse.background(answer):
            grounds.add(case.group)
        if case.asks != language.QUESTIONS["background"] and not parse.is_unknown(answer):
            named.add(case.group)
    of = len(said)
    return {
        "photographs": of,
        "ground invented": sorted(grounds),
        "thing named": sorted(named),
        "said": said,
    }


TRIALS: dict[
    str, tuple[Callable[[int, int], Iterator[Case]], Callable[[list[tuple[Case, str]]], dict[str, Any]], int]
] = {
    "phrasings": (phrasings, count_phrasings, 2400),
    "styles": (styles, count_styles, 4),
    "preambles": (preambles, count_preambles, 600),
    "photographs": (photographs, count_photographs, 12),
}
"""Cases, counting and default number of cases of each trial."""


def run(asker: Asker, trial: str, count: int, seed: int) -> dict[str, Any]:
    """Runs one trial and returns its figures."""
    ask, counted, _ = TRIALS[trial]
    return counted(list(asker.answers(ask(count, seed))))


def shown(found: dict[str, Any]) -> str:
    """The figures without the answers, for printing."""
    return json.dumps(
        {k: v for k, v in found.items() if k not in ("wrong", "changed", "missed")}, indent=1, ensure_ascii=False
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--base-url", help="an OpenAI-compatible endpoint, with /v1")
    asked.add_argument("--checkpoint", type=Path, help="a checkpoint in the published layout, or a run folder")
    parser.add_argument("--model", default="dam-mini", help="the model name to send")
    parser.add_argument("--trial", choices=TRIALS, action="append", help="only this one; may be given again")
    parser.add_argument("--count", type=int, help="how much is asked in each")
    parser.add_argument("--seed", type=int, default=0, help="which held-out scenes; never a training seed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where to write all figures and every wrong answer")
    a = parser.parse_args()
    if a.checkpoint:
        import torch

        torch.set_num_threads(a.threads)
    asker = TorchAsker(a.checkpoint) if a.checkpoint else HttpAsker(a.base_url, a.model)
    found = {}
    for trial in a.trial or TRIALS:
        found[trial] = run(asker, trial, a.count or TRIALS[trial][2], a.seed)
        print(trial, shown(found[trial]))
    if a.json:
        a.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
