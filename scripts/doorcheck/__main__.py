"""From the command line to a verdict."""

import argparse
import json
import sys
from pathlib import Path

from .backend import Backend
from .check import Load, drained, killed, throughput
from .door import nginx

SERVE = Path(__file__).resolve().parents[1] / "serve"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/two-servers-check", description=__doc__)
    parser.add_argument("--command", default=f"{SERVE} --port {{port}}", help="starts a server (%(default)s)")
    parser.add_argument("--requests", type=int, default=60, help="of each run (%(default)s)")
    parser.add_argument("--clients", type=int, default=8, help="at once (%(default)s)")
    parser.add_argument("--max-tokens", type=int, default=64, help="(%(default)s)")
    parser.add_argument("--extra", type=json.loads, default={}, metavar="JSON", help="further fields of the requests")
    parser.add_argument("--after", type=float, default=1.5, help="seconds into a run that a server goes (%(default)s)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds after which a request hangs (%(default)s)")
    parser.add_argument("--log", type=Path, default=Path("/dev/null"), help="of the servers (%(default)s)")
    options = parser.parse_args()
    if not nginx():
        print("nginx is not installed")
        return 2
    load = Load(options.requests, options.clients, options.max_tokens, options.timeout, extra=options.extra)
    with options.log.open("ab") as log:
        servers = [Backend(options.command, log) for _ in range(2)]
        try:
            for server in servers:
                server.start()
            report = {"throughput": throughput(load, *servers)}
            report["killed"] = killed(load, *servers, options.after)
            report["drained"] = drained(load, *servers, options.after)
        finally:
            for server in servers:
                server.stop()
    print(json.dumps(report, indent=2))
    return 0 if report["killed"]["ok"] and report["drained"]["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
