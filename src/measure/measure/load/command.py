"""`scripts/measure load`: measures latency and throughput at several levels of load."""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from .. import arguments
from ..client import Endpoint
from ..pictures import drawn, from_folder
from ..question import Question
from . import chart, table
from .arrivals import poisson
from .loops import closed_loop, open_loop
from .summary import summarise

EPILOG = """examples:
  closed loop, 1 to 8 concurrent callers, 32 requests a level:
    scripts/measure load --concurrency 1,2,4,8 --requests 32 --json run.json --svg run.svg
  open loop, Poisson arrivals at three rates, goals of 2 s to the first token and 20 s to the end:
    scripts/measure load --rates 0.5,1,2 --requests 100 --goal-first 2 --goal-latency 20
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.add_server(parser)
    parser.add_argument("--name", help="name of the run in the report (the URL)")
    load = parser.add_mutually_exclusive_group()
    load.add_argument("--concurrency", type=_whole, metavar="N,…", help="closed loop: concurrent callers of each level")
    load.add_argument(
        "--rates", type=arguments.numbers, metavar="R,…", help="open loop: arrivals a second of each level"
    )
    parser.add_argument("--requests", type=_at_least_one, default=32, help="requests a level (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=2, help="requests before the first level (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of arrivals and pictures (%(default)s)")
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="folder of masked .png and .webp files (by default pictures are drawn)",
    )
    parser.add_argument(
        "--size", type=arguments.size, default=(640, 480), metavar="WxH", help="size of drawn pictures (640x480)"
    )
    parser.add_argument("--distinct", type=int, default=0, help="number of different drawn pictures; 0: all differ")
    parser.add_argument(
        "--question", default="Describe the masked region in detail.", help="question about each picture (%(default)s)"
    )
    parser.add_argument("--max-tokens", type=int, default=64, help="maximum length of an answer (%(default)s)")
    parser.add_argument("--temperature", type=float, default=0.0, help="sampling temperature (%(default)s)")
    parser.add_argument(
        "--extra",
        type=json.loads,
        default={},
        metavar="JSON",
        help='other fields of the request, such as {"ignore_eos": true}',
    )
    parser.add_argument(
        "--timeout", type=float, default=300, help="seconds until a request counts as failed (%(default)s)"
    )
    parser.add_argument(
        "--limit", type=_at_least_one, default=1000, help="open loop: maximum open requests (%(default)s)"
    )
    parser.add_argument("--goal-first", type=float, default=5, help="goodput: seconds to the first token (%(default)s)")
    parser.add_argument("--goal-latency", type=float, default=60, help="goodput: seconds to the end (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report to FILE")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a chart to FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table to FILE")


def _whole(text: str) -> list[float]:
    values = arguments.numbers(text)
    if any(value != int(value) for value in values):
        raise argparse.ArgumentTypeError("expected whole numbers, separated by commas")
    return values


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected at least 1")
    return number


def run(options: argparse.Namespace) -> int:
    report = asyncio.run(measure(options))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    if options.svg:
        chart.draw([report], options.svg)
    if options.markdown:
        options.markdown.write_text(table.markdown(report["levels"]), "utf-8")
    return 0 if any(level["done"] for level in report["levels"]) else 1


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    endpoint = Endpoint.of(options.url, arguments.api_key(options))
    width, height = options.size
    source = from_folder(options.pictures) if options.pictures else drawn(width, height, options.seed, options.distinct)
    question = Question(options.model, options.question, options.max_tokens, source, options.temperature, options.extra)
    serial = count()  # continues through all levels, so that no level finds its pictures in the cache
    if options.warm_up:
        await closed_loop(endpoint, _bodies(question, serial, options.warm_up), 1, options.timeout)
    levels = []
    print(table.heading(), file=sys.stderr)
    for load in options.rates or options.concurrency or [1]:
        ready = _bodies(question, serial, options.requests)
        if options.rates:
            due = poisson(load, options.requests, options.seed)
            samples = await open_loop(endpoint, ready, due, options.timeout, options.limit)
        else:
            samples = await closed_loop(endpoint, ready, int(load), options.timeout)
        level = {
            "arrivals": "open" if options.rates else "closed",
            "load": load,
            **summarise(samples, options.goal_first, options.goal_latency),
        }
        levels.append(level)
        print(table.line(table.row(level)), file=sys.stderr)
        for why, times in level["why"].items():
            print(f"    {times} x {why}", file=sys.stderr)
    return {
        "name": options.name or options.url,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "client": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        "settings": {
            "url": options.url,
            "model": options.model,
            "requests": options.requests,
            "seed": options.seed,
            "pictures": "folder" if options.pictures else f"drawn {width}x{height}",
            "distinct": options.distinct,
            "question": options.question,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "extra": options.extra,
            "timeout": options.timeout,
            "goal_first": options.goal_first,
            "goal_latency": options.goal_latency,
        },
        "levels": levels,
    }


def _bodies(question: Question, serial: Iterator[int], number: int) -> list[bytes]:
    """Makes bodies before the clock starts, so that drawing does not disturb the measurement."""
    return [question.body(next(serial)) for _ in range(number)]
