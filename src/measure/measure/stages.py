"""`scripts/measure stages`: times a bundle stage by stage, without HTTP."""

import argparse
import os
from pathlib import Path

from .toolchain import become, java

EPILOG = """commands, one a line on standard input; each prints one line of JSON:
  first                a picture not seen before: decoding, vision, prefill, first token
  decode ROWS TOKENS   steps of that many sequences at once
  answers COUNT TOKENS whole answers, all at once
  stream COUNT         gaps of a running answer while others begin

example:
  scripts/measure stages bundles/dam-3b <<< first
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path)
    parser.add_argument("threads", type=int, nargs="?", default=os.cpu_count(), help="(%(default)s)")
    parser.add_argument("slots", type=int, nargs="?", default=8, help="(%(default)s)")
    parser.add_argument("context", type=int, nargs="?", default=512, help="tokens a slot (%(default)s)")


def run(options: argparse.Namespace) -> int:
    become(command(options.bundle, options.threads, options.slots, options.context))


def command(bundle: Path, threads: int, slots: int, context: int) -> list[str]:
    main = "io.github.describeanything.benchmark.Stages"
    return java(main, str(bundle), str(threads), str(slots), str(context))
