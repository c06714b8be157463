"""`scripts/evaluate captions`: captions against references."""

import argparse
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import arguments, files, published
from ..asking import ModelJudge
from ..captioner import GREEDY, key
from ..endpoint import Chat
from ..journal import Journal
from ..predicting import predict
from ..problem import Problem
from ..report import Report
from . import flickr30k, items, metrics, refl4
from .items import Item
from .judging import CaptionJudge

COLUMNS = ("BLEU", *metrics.NAMES, metrics.SPICE, "CLAIR")
EPILOG = """examples:
  scripts/evaluate captions --benchmark ref-l4 --data Ref-L4 --url http://127.0.0.1:8000/v1 \\
      --judge-url https://api.openai.com/v1 --judge-model gpt-4o-mini --out runs/ref-l4
  scripts/evaluate captions --benchmark flickr30k --data flickr30k_entities --images flickr30k-images --out runs/flickr
  scripts/evaluate captions --benchmark ref-l4 --predictions mine.json --out runs/mine     rows {prediction, references}
"""


@dataclass(frozen=True)
class Benchmark:
    """`read` is None where only predictions can be scored. `question` is ours where the paper's is unpublished."""

    read: Callable[[Path, list[Path]], list[Item]] | None
    question: str
    condenses: bool = False
    longest: int | None = None
    """Words of a prediction that count."""


BENCHMARKS = {
    "ref-l4": Benchmark(refl4.read, "Describe the masked region in detail.", condenses=True),
    "flickr30k": Benchmark(flickr30k.read, "Describe the masked region in a short phrase."),
    "hc-stvg": Benchmark(None, "", longest=100),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--benchmark", required=True, choices=sorted(BENCHMARKS))
    parser.add_argument("--data", type=Path, metavar="PATH", help="Ref-L4's rows or their folder; Flickr30k Entities")
    parser.add_argument("--images", type=Path, nargs="+", default=[], metavar="DIR", help="the pictures")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="score these instead; needs no server")
    arguments.add_captioner(parser)
    parser.add_argument("--prompt", help="the question, instead of the benchmark's")
    arguments.add_judge(parser)
    parser.add_argument("--spice", action="store_true", help="SPICE too; fetches its parser, 390 MB, once")
    arguments.add_run(parser)


def run(options: argparse.Namespace) -> int:
    arguments.need_one(options, "--data", "--predictions")
    benchmark = BENCHMARKS[options.benchmark]
    options.prompt = options.prompt or benchmark.question
    endpoint = arguments.judge(options)
    name, found, predictions, refused = _predictions(options, benchmark)
    scores, details, lines = arguments.run(_score(options, benchmark, endpoint, name, found, predictions))
    if refused:
        lines.append(f"The server refused {', '.join(sorted(refused))}.")
    row = {"name": name, "judge": endpoint.model if endpoint else "", "scores": scores, "items": len(found)}
    report = Report(options.benchmark, [row], published.CAPTIONS[options.benchmark], lines, 1, COLUMNS)
    report.write(options.out)
    files.write_json(options.out / f"{options.benchmark}_{name}_scores.json", details, 1)
    print(report.markdown(), end="")
    print(f"Results are in {options.out}", file=sys.stderr)
    return 0


def _predictions(options: argparse.Namespace, benchmark: Benchmark) -> tuple[str, list[Item], list[str], set[str]]:
    if options.predictions:
        found = items.predictions(options.predictions, benchmark.longest)
        return options.predictions.stem, found, [item.prediction or "" for item in found], set()
    if not benchmark.read:
        raise Problem(f"{options.benchmark} is scored from --predictions only", 2)
    folder = options.data if options.data.is_dir() else options.data.parent
    found = benchmark.read(options.data, [*options.images, *arguments.picture_folders(folder)])
    name = arguments.file_name(options.model or arguments.MODEL)
    regions = {item.region.id: item.region for item in found if item.region}
    texts, refused = arguments.run(predict(options, name, list(regions.values()), options.prompt, GREEDY))
    return name, found, [texts[key(item.region.id)] for item in found if item.region], refused


async def _score(
    options: argparse.Namespace,
    benchmark: Benchmark,
    endpoint: Any,
    name: str,
    found: list[Item],
    predictions: list[str],
) -> tuple[dict[str, float | None], list[dict[str, Any]], list[str]]:
    """The scores in percent, those of each item, and the protocol."""
    details: list[dict[str, Any]] = [
        {"id": item.id, "prediction": said, "references": list(item.references)}
        for item, said in zip(found, predictions, strict=True)
    ]
    compared, targets = predictions, [list(item.references) for item in found]
    clair: dict[str, float | None] = {}
    lines = _protocol(options, benchmark, len(found))
    async with AsyncExitStack() as stack:
        if endpoint:
            chat = await stack.enter_async_context(Chat(endpoint, options.timeout))
            journal = stack.enter_context(Journal(options.out / f"{options.benchmark}_{name}_judge.jsonl"))
            judge = CaptionJudge(ModelJudge(chat), journal, options.parallel)
            if benchmark.condenses:
                phrases = await judge.condensed([*predictions, *(text for some in targets for text in some)])
                compared = [phrases[said] for said in predictions]
                targets = [[phrases[text] for text in some] for some in targets]
            values, unread = await judge.clair(found, predictions)
            clair["CLAIR"] = 100 * sum(values) / len(values)
            for detail, value in zip(details, values, strict=True):
                detail["clair"] = value
            if unread:
                lines.append(
                    f"CLAIR: {len(unread)} answers could not be read and count as 0: {', '.join(unread[:20])}."
                )
    total, each = metrics.score(compared, targets, options.spice)
    for detail, said, some, values_of_one in zip(details, compared, targets, each, strict=True):
        detail |= {"compared": said, "compared_references": some} if endpoint and benchmark.condenses else {}
        detail["scores"] = values_of_one
    return {name: 100 * value for name, value in total.items()} | clair, details, lines


def _protocol(options: argparse.Namespace, benchmark: Benchmark, count: int) -> list[str]:
    lines = [
        f"{count} items; pycocoevalcap 1.2; all scores times 100. The paper does not say which BLEU it gives.",
    ]
    if not options.predictions:
        lines.append(f"The paper's prompt is unpublished; asked {options.prompt!r} at temperature 0.")
    if options.benchmark == "flickr30k":
        lines.append(
            "The paper's split and references are unpublished; ours: each phrase of the test split, with itself."
        )
    if benchmark.longest:
        lines.append(f"Predictions are cut to {benchmark.longest} words.")
    if benchmark.condenses and options.judge_url:
        lines.append(
            "BLEU to CIDEr are of answers and references that the judge condensed (the paper's prompt is unpublished; "
            "PixelRefer's was used), CLAIR is of both as they are."
        )
    elif benchmark.condenses:
        lines.append("Nothing was condensed, since no judge was named, so the paper's numbers do not compare.")
    if not options.judge_url:
        lines.append("CLAIR is left out: it needs --judge-url and --judge-model.")
    if not options.spice:
        lines.append("SPICE is left out: its parser, Stanford CoreNLP 3.6.0 (GPL, 390 MB), is fetched with --spice.")
    return lines
