"""`scripts/measure stress`: starts a server on loopback, puts it under stress and checks its guarantees."""

import argparse
import json
from pathlib import Path

from .. import arguments
from ..toolchain import SERVE
from .attack import attack
from .connections import connections
from .mixed import mixed
from .overload import overload
from .target import Target

KINDS = {"attack": attack, "overload": overload, "connections": connections, "mixed": mixed}

EPILOG = """Takes minutes and needs a quiet machine. Linux only. Exits with 1 if a check fails.

  attack       good requests with and without slow, malformed and hostile ones
  overload     two and five times the peak load; run the server with --region-cache 0
  connections  memory of 1,000 idle connections and of waiting streams; set
               JAVA_TOOL_OPTIONS="-Xms512m -Xmx512m -XX:+AlwaysPreTouch"
  mixed        10,000 good, truncated, damaged and cancelled requests
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS, help="see below")
    parser.add_argument(
        "--command", default=f"{SERVE} --port {{port}}", help="command that starts the server (%(default)s)"
    )
    parser.add_argument("--max-tokens", type=int, default=24, help="maximum length of good answers (%(default)s)")
    parser.add_argument("--size", type=arguments.size, default=(96, 72), help="overload: size of pictures (96x72)")
    parser.add_argument("--warm-up", type=int, default=100, help="requests before measuring (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="seconds of each level or turn (%(default)s)")
    parser.add_argument("--turns", type=int, default=2, help="turns of each kind (%(default)s)")
    parser.add_argument("--rate", type=float, default=4, help="attack: good requests a second (%(default)s)")
    parser.add_argument("--slow", type=int, default=100, help="attack: connections of each slow kind (%(default)s)")
    parser.add_argument(
        "--pace", type=float, default=0.1, help="attack: seconds between requests of a flood (%(default)s)"
    )
    parser.add_argument("--settle", type=float, default=5, help="attack: seconds before measuring (%(default)s)")
    parser.add_argument("--connections", type=int, default=1000, help="idle connections (%(default)s)")
    parser.add_argument(
        "--requests",
        type=int,
        default=10_000,
        help="requests of a mixed run, or of a turn with idle connections (%(default)s)",
    )
    parser.add_argument("--callers", type=int, default=12, help="concurrent callers (%(default)s)")
    parser.add_argument(
        "--log", type=Path, default=Path("/dev/null"), help="file for the server's output (%(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    with Target(options.command, options.log) as target:
        report = KINDS[options.kind](target, options)
    print(json.dumps(report, indent=2))
    return 0 if all(report["ok"].values()) else 1
