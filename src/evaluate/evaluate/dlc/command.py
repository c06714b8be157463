"""`scripts/evaluate dlc-bench`: captions, then scores."""

import argparse
import sys
from pathlib import Path
from typing import Any

from .. import arguments, prompts, published
from ..captioner import DLC_SETTINGS, describe, kept
from ..journal import Journal
from ..problem import Problem
from ..report import Report
from . import benchmark as benchmarks
from . import cache as caches
from . import scores
from .benchmark import Benchmark
from .cache import Cache
from .judging import judge

JUDGE = "meta-llama/Meta-Llama-3.1-8B-Instruct"
EPILOG = """examples:
  scripts/evaluate dlc-bench --data mini --out runs/mini
  scripts/evaluate dlc-bench --data DLC-Bench --judge-url http://127.0.0.1:9000/v1 --out runs/dam-3b
  scripts/evaluate dlc-bench --data DLC-Bench --captions dam_3b_v1.json --out runs/published

--out holds X.json (captions) and X_eval.json (answers), in the forms of the published scripts; X is the model's name,
or the captions file's. Answers in X_eval.json are used again. Without --url, --model and --captions, whatever such
files --out holds are scored. docs/evaluation.md says what to fetch.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, metavar="DIR", help="the benchmark's folder, or mini: drawn pictures")
    arguments.add_captioner(parser)
    parser.add_argument("--joint", action="store_true", help="ask as joint image and video models are asked")
    parser.add_argument("--captions", type=Path, nargs="+", metavar="FILE", help="captions to score, {id: caption}")
    parser.add_argument("--default-caption", metavar="TEXT", help="stands for a missing caption or one with an error")
    arguments.add_judge(parser, JUDGE)
    arguments.add_run(parser)
    parser.add_argument("--strict", action="store_true", help="fail if an answer of the judge cannot be read")
    parser.add_argument("--csv", action="store_true", help="print only pos,neg,avg")


def run(options: argparse.Namespace) -> int:
    mini = options.data == "mini"
    benchmark = benchmarks.read(benchmarks.DRAWN if mini else Path(options.data))
    rows = [arguments.run(evaluate(options, benchmark, cache)) for cache in _caches(options)]
    report = Report("dlc-bench-mini" if mini else "dlc-bench", rows, () if mini else published.DLC)
    report.protocol = _protocol(options, rows)
    if options.csv:
        print("\n".join(scores.csv(row["scores"]) for row in rows))
    else:
        print(report.markdown(), end="")
    report.write(options.out)
    print(f"Results are in {options.out}", file=sys.stderr)
    unread = sum(len(row["unread"]) for row in rows)
    if unread and options.strict:
        raise Problem(f"{unread} answers of the judge could not be read, and --strict was given")
    return 0


def _caches(options: argparse.Namespace) -> list[Cache]:
    if options.captions:
        names = [file.stem.removesuffix("_eval") for file in options.captions]
        if len(set(names)) < len(names):
            raise Problem("two captions files have the same name; rename one, since results are named after them", 2)
        return [caches.load(name, options.out, file) for name, file in zip(names, options.captions, strict=True)]
    name = arguments.file_name(options.model or arguments.MODEL)
    if options.model or options.url or options.data == "mini" or not caches.found(options.out):
        return [caches.load(name, options.out)]
    return [caches.load(name, options.out) for name in caches.found(options.out)]


async def evaluate(options: argparse.Namespace, benchmark: Benchmark, cache: Cache) -> dict[str, Any]:
    """A row of the report."""
    with Journal(cache.journal_file) as journal:
        await _caption(options, benchmark, cache, journal)
        captions = _complete(options, benchmark, cache)
        name, responses = await judge(options, JUDGE, benchmark, cache, captions, journal)
        unread = []
        cache.entries = {}
        for region, questions in benchmark.questions.items():
            cache.entries[region], unclear = scores.region(captions[region], questions, responses[region])
            unread += [{"region": region, **one} for one in unclear]
        totals = scores.total(cache.entries)
        cache.write_entries(totals)
        cache.write_source()
        journal.remove()
    return {
        "name": cache.name,
        "judge": name,
        "scores": totals,
        "regions": len(cache.entries),
        "questions": sum(len(entry["response"]) for entry in cache.entries.values()),
        "recognised": sum(entry["recognition_result"] for entry in cache.entries.values()),
        "unread": unread,
        "default_captions": sorted(region for region in captions if captions[region] != cache.captions.get(region)),
        "captioner": cache.source.get("captioner"),
    }


async def _caption(options: argparse.Namespace, benchmark: Benchmark, cache: Cache, journal: Journal) -> None:
    """Asks for the captions that are missing."""
    query = prompts.DAM_JOINT_IMAGE if options.joint else prompts.DAM_IMAGE
    question = query.rpartition("<image>\n")[2]
    wanted = [region for region in benchmark.questions if region not in cache.captions]
    if not wanted or not (options.url or not (options.captions or options.default_caption is not None)):
        cache.write_captions()
        return
    if cache.captions and cache.query is not None and cache.query.replace("\\n", "\n") != query:
        raise Problem(
            f"{cache.captions_file} holds captions for the prompt {cache.query!r}, and --joint "
            f"{'asks' if options.joint else 'was not given, which asks'} for another; choose another --out"
        )
    regions = benchmark.regions()
    known = {region.id: text for region in regions if (text := kept(journal, region.id, question)) is not None}
    missing = [region for region in regions if region.id not in cache.captions and region.id not in known]
    endpoint = arguments.captioner(options)
    refused = await describe(
        missing,
        endpoint,
        question,
        DLC_SETTINGS,
        journal,
        options.parallel,
        options.timeout,
        len(regions) - len(missing),
    )
    for region in regions:
        text = cache.captions.get(region.id, kept(journal, region.id, question))
        if text is not None:
            cache.captions[region.id] = text
    cache.query = query
    cache.source["captioner"] = {
        "url": endpoint.url,
        "model": endpoint.model,
        "question": question,
        "settings": {key: value for key, value in DLC_SETTINGS.items() if key not in refused},
        "refused_settings": sorted(refused),
    }
    cache.write_captions()
    cache.write_source()


def _complete(options: argparse.Namespace, benchmark: Benchmark, cache: Cache) -> dict[str, str]:
    """A caption for each region that is asked about."""
    default = options.default_caption
    bad = {
        region: "has no caption" if region not in cache.captions else f"has the caption {cache.captions[region]!r}"
        for region in benchmark.questions
        if cache.captions.get(region, "Error:").startswith("Error:")
    }
    if bad and default is None:
        region, why = next(iter(bad.items()))
        more = f", and {len(bad) - 1} others" if len(bad) > 1 else ""
        raise Problem(
            f"{cache.name}: region {region} {why}{more}. Remove captions with errors from {cache.captions_file} and "
            "give --url to ask for them, or give --default-caption."
        )
    return {region: default if region in bad else cache.captions[region] for region in benchmark.questions}


def _protocol(options: argparse.Namespace, rows: list[dict[str, Any]]) -> list[str]:
    lines = ["pos and neg are means over regions, avg is the mean of both. Scores of different judges do not compare."]
    for row in rows:
        captioner = row["captioner"]
        if captioner:
            settings = ", ".join(f"{name} {value}" for name, value in captioner["settings"].items())
            lines.append(f"{row['name']}: asked {captioner['question']!r} with {settings}.")
            if captioner["refused_settings"]:
                lines.append(f"{row['name']}: the server refused {', '.join(captioner['refused_settings'])}.")
        if row["default_captions"]:
            lines.append(f"{row['name']}: the default caption stands for {', '.join(row['default_captions'])}.")
        for one in row["unread"]:
            lines.append(
                f"{row['name']}: region {one['region']}, question {one['question']}: the judge's answer "
                f"{one['response'][:80]!r} could not be read ({one['why']}) and counts as none."
            )
    return lines
