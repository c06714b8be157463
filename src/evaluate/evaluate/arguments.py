"""Options that several subcommands share."""

import argparse
import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from .endpoint import Endpoint
from .problem import Interrupted, Problem

URL = "http://127.0.0.1:8000/v1"
MODEL = "describe_anything_model"
Result = TypeVar("Result")


def add_captioner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help=f"server that writes the captions ({URL})")
    parser.add_argument("--model", help=f"its model ({MODEL})")
    parser.add_argument("--api-key", metavar="KEY", help="its key (default: the variable OPENAI_API_KEY)")


def add_judge(parser: argparse.ArgumentParser, model: str | None = None) -> None:
    parser.add_argument("--judge-url", metavar="URL", help="server of the judge, OpenAI-compatible")
    parser.add_argument("--judge-model", metavar="MODEL", help="its model" + (f" ({model})" if model else ""))
    parser.add_argument("--judge-api-key", metavar="KEY", help="its key (default: the variable JUDGE_API_KEY)")


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for answers and results")
    parser.add_argument("--parallel", type=_count, default=8, metavar="N", help="requests at once (%(default)s)")
    parser.add_argument("--timeout", type=_seconds, default=600, metavar="SECONDS", help="for one answer (%(default)s)")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError("expected a positive number")
    return number


def need_one(options: argparse.Namespace, first: str, second: str) -> None:
    """Exactly one of two options must be given."""
    given = [name for name in (first, second) if getattr(options, name.lstrip("-").replace("-", "_"))]
    if len(given) != 1:
        raise Problem(f"give either {first} or {second}", 2)


def picture_folders(folder: Path) -> list[Path]:
    """Where pictures lie beside a benchmark's file, if --images does not say."""
    return [folder / name for name in ("images", "train2017", "val2017", ".")]


def captioner(options: argparse.Namespace) -> Endpoint:
    return Endpoint.of(options.url or URL, options.model or MODEL, options.api_key)


def judge(options: argparse.Namespace, model: str | None = None) -> Endpoint | None:
    """The judge's endpoint, or None if none is named."""
    if not options.judge_url:
        return None
    named = options.judge_model or model
    if not named:
        raise Problem("--judge-url needs --judge-model", 2)
    return Endpoint.of(options.judge_url, named, options.judge_api_key, "JUDGE_API_KEY")


def file_name(model: str) -> str:
    """A model's name as the name of a file."""
    return re.sub(r"[^\w.-]+", "_", model).strip("._") or "model"


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Like asyncio.run, but a signal outside of questions also ends with one line."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt as error:
        raise Interrupted from error
