"""`scripts/evaluate videorefer`: VideoRefer-Bench-D, from predictions that are already there."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import arguments, files, prompts, published
from .asking import Judge, ModelJudge, ask, digest
from .captions.items import Item, predictions
from .crew import ask_all
from .endpoint import Chat, Endpoint
from .journal import Journal
from .problem import Problem
from .report import Report

SETTINGS: dict[str, Any] = {"temperature": 0, "max_tokens": 1024}
DIMENSIONS = {
    "SC": "Subject Correspondence",
    "AD": "Appearance Description",
    "TD": "Temporal Description",
    "HD": "Hallucination Detection",
}
_SCORE = re.compile(r"\d+\.\s+(.*?):\s+([\d.]+)")
EPILOG = """example:
  scripts/evaluate videorefer --predictions mine.json --judge-url https://api.openai.com/v1 --judge-model gpt-4o \\
      --out runs/videorefer     rows {prediction, answer}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--predictions", type=Path, required=True, metavar="FILE", help="rows {prediction, answer}")
    arguments.add_judge(parser)
    arguments.add_run(parser)


def run(options: argparse.Namespace) -> int:
    endpoint = arguments.judge(options)
    if not endpoint:
        raise Problem("VideoRefer-Bench-D needs --judge-url and --judge-model", 2)
    name, items = options.predictions.stem, predictions(options.predictions, None)
    responses = arguments.run(_ask(options, endpoint, name, items))
    found = [read(text) for text in responses]
    row = {"name": name, "judge": endpoint.model, "scores": means(found), "items": len(items)}
    lines = ["Means over the items that have the score, 0 to 5; avg is the mean of the four."]
    unread = [item.id for item, scores in zip(items, found, strict=True) if len(scores) < len(DIMENSIONS)]
    if unread:
        lines.append(f"{len(unread)} answers lack a score: {', '.join(unread[:20])}.")
    report = Report("videorefer-d", [row], published.VIDEOREFER, lines, 2)
    report.write(options.out)
    details = [
        {"id": item.id, "response": text, "scores": scores}
        for item, text, scores in zip(items, responses, found, strict=True)
    ]
    files.write_json(options.out / f"videorefer-d_{name}_scores.json", details, 1)
    print(report.markdown(), end="")
    print(f"Results are in {options.out}", file=sys.stderr)
    return 0


async def _ask(options: argparse.Namespace, endpoint: Endpoint, name: str, items: Sequence[Item]) -> list[str]:
    with Journal(options.out / f"videorefer-d_{name}_judge.jsonl") as journal:
        async with Chat(endpoint, options.timeout) as chat:
            judge: Judge = ModelJudge(chat)
            texts = [
                prompts.fill(prompts.VIDEOREFER_D_USER, answer=item.references[0], prediction=item.prediction or "")
                for item in items
            ]
            questions = {digest(judge.name, text): text for text in texts}

            async def one(key: str) -> None:
                messages = [
                    {"role": "system", "content": prompts.VIDEOREFER_D_SYSTEM},
                    {"role": "user", "content": questions[key]},
                ]
                journal.put(key, await ask(lambda: judge.answer(messages, SETTINGS), _whole))

            missing = [key for key in questions if journal.get(key) is None]
            await ask_all(missing, one, options.parallel, "answers", len(questions) - len(missing))
            return [str(journal.get(digest(judge.name, text))) for text in texts]


def read(response: str) -> dict[str, float]:
    """Scores by the names of the dimensions, as far as the response has them."""
    found = {}
    for name, value in _SCORE.findall(response):
        if name in DIMENSIONS.values() and name not in found:
            try:
                found[name] = float(value.rstrip("."))
            except ValueError:
                continue
    return found


def _whole(response: str) -> bool:
    return len(read(response)) == len(DIMENSIONS)


def means(found: Sequence[dict[str, float]]) -> dict[str, float | None]:
    scores: dict[str, float | None] = {}
    for short, name in DIMENSIONS.items():
        values = [one[name] for one in found if name in one]
        scores[short] = sum(values) / len(values) if values else None
    known = [value for value in scores.values() if value is not None]
    return {**scores, "avg": sum(known) / len(known) if len(known) == len(DIMENSIONS) else None}
