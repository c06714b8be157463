"""`scripts/measure container`: builds docker/Dockerfile, runs the image and sends it a request."""

import argparse
from pathlib import Path

from .toolchain import ROOT, become

EPILOG = """Needs root on Debian, buildah, debootstrap and curl. Prints sizes, start time and resident memory."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", nargs="?", type=Path, help="bundle to mount at /model (the built-in model)")
    parser.add_argument("--port", type=int, default=8765, help="port of the server (%(default)s)")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the base system here for the next run")


def run(options: argparse.Namespace) -> int:
    command = [str(ROOT / "docker" / "check-image"), *([str(options.bundle)] if options.bundle else [])]
    become(command, DAM_PORT=str(options.port), **({"KEEP": options.keep} if options.keep else {}))
