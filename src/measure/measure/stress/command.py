"""`scripts/measure stress`: starts a server on loopback, puts it under stress and checks what it promises."""

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

EPILOG = """Takes minutes and wants a quiet machine. Linux only. Exits with 1 if a promise was broken.

  attack       good requests alone and beside slow, malformed and hostile ones
  overload     two and five times as many requests as can be served; run the server with --region-cache 0
  connections  what 1,000 idle connections and waiting streams cost; set
               JAVA_TOOL_OPTIONS="-Xms512m -Xmx512m -XX:+AlwaysPreTouch"
  mixed        10,000 good, cut, damaged and cancelled requests
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--command", default=f"{SERVE} --port {{port}}", help="starts a server (%(default)s)")
    parser.add_argument("--max-tokens", type=int, default=24, help="of good answers (%(default)s)")
    parser.add_argument("--size", type=arguments.size, default=(96, 72), help="of pictures when overloaded (96x72)")
    parser.add_argument("--warm-up", type=int, default=100, help="requests before measuring (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="of each level or turn (%(default)s)")
    parser.add_argument("--turns", type=int, default=2, help="of each kind (%(default)s)")
    parser.add_argument("--rate", type=float, default=4, help="good requests a second when attacked (%(default)s)")
    parser.add_argument("--slow", type=int, default=100, help="connections of each slow kind (%(default)s)")
    parser.add_argument("--pace", type=float, default=0.1, help="seconds between requests of each flood (%(default)s)")
    parser.add_argument("--settle", type=float, default=5, help="seconds of attack before measuring (%(default)s)")
    parser.add_argument("--connections", type=int, default=1000, help="idle ones (%(default)s)")
    parser.add_argument(
        "--requests", type=int, default=10_000, help="of a mixed run, or of a turn beside connections (%(default)s)"
    )
    parser.add_argument("--callers", type=int, default=12, help="at once (%(default)s)")
    parser.add_argument("--log", type=Path, default=Path("/dev/null"), help="of the server (%(default)s)")


def run(options: argparse.Namespace) -> int:
    with Target(options.command, options.log) as target:
        report = KINDS[options.kind](target, options)
    print(json.dumps(report, indent=2))
    return 0 if all(report["ok"].values()) else 1
