"""The command line."""

import argparse
import json
import os
from pathlib import Path

EXAMPLES = """examples:
  closed loop, 1 to 8 callers, 32 requests a level:
    scripts/bench --url http://127.0.0.1:8000/v1 --concurrency 1,2,4,8 --requests 32 --json run.json --svg run.svg
  open loop, Poisson arrivals at three rates, answers due within 2 s and 20 s:
    scripts/bench --url http://127.0.0.1:8000/v1 --rates 0.5,1,2 --requests 100 --goal-first 2 --goal-latency 20
  two runs in one picture:
    scripts/bench --chart both.svg one.json other.json
"""


def numbers(text: str) -> list[float]:
    values = [float(part) for part in text.split(",") if part]
    if not values or min(values) <= 0:
        raise argparse.ArgumentTypeError("positive numbers, separated by commas")
    return values


def size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Loads an OpenAI-compatible server with questions about masked pictures, streamed, and reports "
        "what a caller sees.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1", help="base address (%(default)s)")
    parser.add_argument("--model", default="describe_anything_model", help="model name (%(default)s)")
    parser.add_argument("--name", help="the run's name in the report (the address)")
    parser.add_argument("--key-env", default="OPENAI_API_KEY", help="variable that holds the API key (%(default)s)")
    load = parser.add_mutually_exclusive_group()
    load.add_argument("--concurrency", type=numbers, metavar="N,…", help="closed loop: callers at once, by level")
    load.add_argument("--rates", type=numbers, metavar="R,…", help="open loop: arrivals a second, by level")
    parser.add_argument("--requests", type=int, default=32, help="requests a level (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=2, help="requests before the first level (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of arrivals and pictures (%(default)s)")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="masked .png and .webp files to ask about")
    parser.add_argument("--size", type=size, default=(640, 480), metavar="WxH", help="of drawn pictures (640x480)")
    parser.add_argument("--distinct", type=int, default=0, help="drawn pictures before they repeat; 0: never")
    parser.add_argument("--question", default="Describe the masked region in detail.", help="(%(default)s)")
    parser.add_argument("--max-tokens", type=int, default=64, help="(%(default)s)")
    parser.add_argument("--temperature", type=float, default=0.0, help="(%(default)s)")
    parser.add_argument("--extra", type=json.loads, default={}, metavar="JSON", help='e.g. {"ignore_eos": true}')
    parser.add_argument("--timeout", type=float, default=300, help="seconds a request may take (%(default)s)")
    parser.add_argument("--limit", type=int, default=1000, help="open requests in the open loop (%(default)s)")
    parser.add_argument("--goal-first", type=float, default=5, help="goodput: seconds to the first token (%(default)s)")
    parser.add_argument("--goal-latency", type=float, default=60, help="goodput: seconds to the end (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report here")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the picture here")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="only draw reports that exist: name them behind")
    parser.add_argument("reports", nargs="*", type=Path, help="with --chart: reports written by --json")
    options = parser.parse_args(arguments)
    if bool(options.chart) != bool(options.reports):
        parser.error("--chart needs reports, and reports need --chart")
    if options.requests < 1 or options.warm_up < 0 or options.limit < 1:
        parser.error("--requests and --limit must be at least 1, --warm-up at least 0")
    if options.concurrency and any(value != int(value) for value in options.concurrency):
        parser.error("--concurrency takes whole numbers")
    options.key = os.environ.get(options.key_env) or None
    return options
