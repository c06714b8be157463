"""`scripts/measure stages`: times a bundle stage by stage, without HTTP."""

import argparse
import os
from pathlib import Path

from .toolchain import become, java

EPILOG = """Reads commands from standard input, one a line, and prints a line of JSON for each:
  first                 a new picture: image decoding, vision, prefill, first token
  decode ROWS TOKENS    decode steps of ROWS sequences
  answers COUNT TOKENS  COUNT whole answers at the same time
  stream COUNT          gaps between tokens of an answer while COUNT others begin

example:
  scripts/measure stages bundles/dam-3b <<< first
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, help="folder of the bundle")
    parser.add_argument(
        "threads", type=int, nargs="?", default=os.cpu_count(), help="threads of the model (%(default)s)"
    )
    parser.add_argument("slots", type=int, nargs="?", default=8, help="sequences at the same time (%(default)s)")
    parser.add_argument("context", type=int, nargs="?", default=512, help="tokens a slot (%(default)s)")
    parser.add_argument(
        "schedule",
        nargs="?",
        default="auto",
        choices=("latency", "throughput", "auto"),
        help="as the server's --schedule (%(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    become(command(options.bundle, options.threads, options.slots, options.context, options.schedule))


def command(bundle: Path, threads: int, slots: int, context: int, schedule: str = "auto") -> list[str]:
    main = "io.github.describeanything.benchmark.Stages"
    return java(main, str(bundle), str(threads), str(slots), str(context), schedule)
