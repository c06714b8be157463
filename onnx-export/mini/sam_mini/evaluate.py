"""Measures masks on unseen things, and tracking on unseen clips, as shares of what the model's mask grid can hold.

`python -m sam_mini.evaluate --checkpoint FOLDER` runs the torch model; `--base-url http://127.0.0.1:8000/v1` asks a
server.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from . import case as cases, clicks
from .case import Case, Click
from .masker import HttpMasker, Masker, Prompt, TorchMasker

BATCH = 16
MARKS = ("mask", "box", "click")


def still(masker: Masker, count: int, seed: int) -> dict[str, list[float]]:
    """IoU of each thing by kind of prompt, and the ceiling's.

    The first click is the middle of the thing, a later one the middle of the largest error.
    """
    found: dict[str, list[float]] = defaultdict(list)
    asked = cases.things(count, seed)
    rng = random.Random(seed)
    while some := list(itertools.islice(asked, BATCH)):

        def score(name: str, masks: list[np.ndarray], some: list[Case] = some) -> None:
            found[name] += [cases.overlap(case.mask, mask) for case, mask in zip(some, masks, strict=True)]

        score("ceiling", [cases.through_grid(it.mask) for it in some])
        anywhere = [Click(*clicks.any_point(it.mask, rng), True) for it in some]
        prompts = [Prompt(it.picture, [click]) for it, click in zip(some, anywhere, strict=True)]
        score("one click anywhere", masker.masks(prompts))
        made: list[list[Click]] = [[] for _ in some]
        got: list[np.ndarray | None] = [None for _ in some]
        for k in (1, 2, 3):
            for case, own, mask in zip(some, made, got, strict=True):
                own.append(cases.next_click(case.mask, mask))
            prompts = [Prompt(it.picture, own) for it, own in zip(some, made, strict=True)]
            masks = masker.masks(prompts)
            got = list(masks)
            if k != 2:
                score("one click" if k == 1 else "three clicks", masks)
        score("box", masker.masks([Prompt(it.picture, box=clicks.box(it.mask)) for it in some]))
        print(f"\r{len(found['box'])} things", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def named(masker: HttpMasker, model: str, count: int, seed: int) -> tuple[int, int]:
    """How many clicked things get the name that their exact masks give, and how many there were."""
    same = 0
    for case in cases.things(count, seed):
        exact = case.picture.convert("RGBA")
        exact.putalpha(Image.fromarray(case.mask.astype(np.uint8) * 255))
        clicked = masker.name(case.picture, model, cases.next_click(case.mask, None))
        same += clicked == masker.name(exact, model)
    return same, count


def tracked(masker: TorchMasker, count: int, seed: int) -> dict[str, list[float]]:
    """Mean IoU of each clip's unmarked frames by kind of mark, and the ceiling's."""
    found: dict[str, list[float]] = defaultdict(list)
    for clip, thing, frame in cases.moving(count, seed):
        exact = clip.masks[:, thing]
        others = [i for i in range(len(exact)) if i != frame]
        found["clips: ceiling"].append(
            float(np.mean([cases.overlap(exact[i], cases.through_grid(exact[i])) for i in others]))
        )
        for by in MARKS:
            masks = masker.track(clip, thing, frame, by)
            found[f"clips: {by}"].append(float(np.mean([cases.overlap(exact[i], masks[i]) for i in others])))
    return found


def table(found: dict[str, list[float]]) -> str:
    """Mean IoU and share of the ceiling by kind of prompt."""
    lines = ["| prompt | mean IoU | share of the ceiling | n |", "| --- | --- | --- | --- |"]
    for name, values in found.items():
        ceiling = float(np.mean(found["clips: ceiling" if name.startswith("clips") else "ceiling"]))
        mean = float(np.mean(values))
        lines.append(f"| {name} | {mean:.3f} | {mean / ceiling:.3f} | {len(values)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--base-url", help="a server, with /v1")
    asked.add_argument("--checkpoint", type=Path, help="a checkpoint in the published layout, or a run folder")
    parser.add_argument("--things", type=int, default=1000)
    parser.add_argument("--clips", type=int, default=200, help="with --checkpoint")
    parser.add_argument("--names", type=int, default=200, help="with --base-url: things to click on and ask about")
    parser.add_argument("--model", default="dam-mini", help="with --base-url: the model that names them")
    parser.add_argument("--seed", type=int, default=0, help="which held-out scenes; never a training seed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where to write the IoU of every thing and clip")
    a = parser.parse_args()
    if a.checkpoint:
        import torch

        torch.set_num_threads(a.threads)
        local = TorchMasker(a.checkpoint)
        found = still(local, a.things, a.seed)
        if a.clips:
            found |= tracked(local, a.clips, a.seed)
    else:
        server = HttpMasker(a.base_url)
        same, asked_for = named(server, a.model, a.names, a.seed)
        print(f"{same} of {asked_for} clicks give the name that the exact mask gives")
        found = still(server, a.things, a.seed)
    print(table(found))
    if a.json:
        a.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
