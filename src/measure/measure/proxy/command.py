"""`scripts/measure proxy`: tests nginx with two servers."""

import argparse
import json
import sys
from pathlib import Path

from ..server import ServerProcess
from ..toolchain import SERVE
from .check import Load, drained, killed, throughput
from .nginx import nginx

EPILOG = """Measures the throughput of one server and of two, then kills one and drains one under load.
Exits with 1 if a request was lost before its answer began, or hung."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--command", default=f"{SERVE} --port {{port}}", help="command that starts a server (%(default)s)"
    )
    parser.add_argument("--requests", type=int, default=60, help="requests of each run (%(default)s)")
    parser.add_argument("--clients", type=int, default=8, help="concurrent clients (%(default)s)")
    parser.add_argument("--max-tokens", type=int, default=64, help="maximum length of an answer (%(default)s)")
    parser.add_argument("--extra", type=json.loads, default={}, metavar="JSON", help="other fields of the requests")
    parser.add_argument(
        "--after", type=float, default=1.5, help="seconds until a server is killed or drained (%(default)s)"
    )
    parser.add_argument(
        "--timeout", type=float, default=120, help="seconds after which a request counts as hung (%(default)s)"
    )
    parser.add_argument(
        "--log", type=Path, default=Path("/dev/null"), help="file for the servers' output (%(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    if not nginx():
        sys.exit("nginx is needed: install the package nginx-light")
    load = Load(options.requests, options.clients, options.max_tokens, options.timeout, extra=options.extra)
    with options.log.open("ab") as log:
        servers = [ServerProcess(options.command, log) for _ in range(2)]
        try:
            for server in servers:
                server.start()
            first, second = servers
            report = {"throughput": throughput(load, first, second)}
            report["killed"] = killed(load, first, second, options.after)
            report["drained"] = drained(load, first, second, options.after)
        finally:
            for server in servers:
                server.stop()
    print(json.dumps(report, indent=2))
    return 0 if report["killed"]["ok"] and report["drained"]["ok"] else 1
