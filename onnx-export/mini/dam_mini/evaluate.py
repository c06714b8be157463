"""Evaluates a model on held-out scenes and writes JSON and a table.

`python -m dam_mini.evaluate --base-url http://127.0.0.1:8000/v1` asks any OpenAI-compatible server;
`--checkpoint FOLDER` asks the torch model instead and can disable parts of it (`--ablations`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import case as cases
from .asker import Asker, HttpAsker, TorchAsker
from .case import Case
from .score import Scores


def held_out(regions: int, pairs: int, videos: int, seed: int) -> Iterator[Case]:
    return itertools.chain(
        cases.regions(regions, seed),
        cases.two_masks(pairs, seed),
        cases.two_grounds(pairs, seed),
        cases.one_box(pairs, seed),
        cases.videos(videos, seed),
    )


def score(asker: Asker, asked: Iterable[Case], progress: bool = True) -> Scores:
    scores, since = Scores(), time.time()
    for n, (case, answer) in enumerate(asker.answers(asked), 1):
        scores.add(case, answer)
        if progress and n % 100 == 0:
            print(f"\r{n} answers, {n / (time.time() - since):.1f} a second", end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)
    return scores


def ablations(folder: Path, pairs: int, seed: int) -> dict[str, dict[str, Any]]:
    """Scores with wrong or zeroed global features, and with the bounding box as mask."""
    out = {}
    for name in ("other context", "no context"):
        out[f"two backgrounds, {name}"] = score(
            TorchAsker(folder, name), cases.two_grounds(pairs, seed), False
        ).as_dict()
    boxed = (cases.full_box(c) for c in cases.one_box(pairs, seed))
    out["one box, mask replaced by the full box"] = score(TorchAsker(folder), boxed, False).as_dict()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--base-url", help="an OpenAI-compatible endpoint, with /v1")
    asked.add_argument("--checkpoint", type=Path, help="a checkpoint in the published layout, or a run folder")
    parser.add_argument("--model", default="dam-mini", help="the model name to send")
    parser.add_argument("--regions", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="which held-out scenes; never a training seed")
    parser.add_argument("--ablations", action="store_true", help="with --checkpoint: also take parts away")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where to write all figures and every wrong answer")
    a = parser.parse_args()
    if a.checkpoint:
        import torch

        torch.set_num_threads(a.threads)
    asker = TorchAsker(a.checkpoint) if a.checkpoint else HttpAsker(a.base_url, a.model)
    scores = score(asker, held_out(a.regions, a.pairs, a.videos, a.seed))
    print(scores.table())
    found: dict[str, Any] = {"scores": scores.as_dict(), "wrong": scores.wrong}
    if a.ablations and a.checkpoint:
        found["ablations"] = ablations(a.checkpoint, a.pairs, a.seed)
        for name, rows in found["ablations"].items():
            print(name, {k: f"{v['percent']} %" for k, v in rows.items()})
    if a.json:
        a.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
