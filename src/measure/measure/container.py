"""`scripts/measure container`: builds docker/Dockerfile, runs the image and asks it to describe a picture."""

import argparse
from pathlib import Path

from .toolchain import ROOT, become

EPILOG = (
    """Needs root on Debian, with buildah, debootstrap and curl. Prints sizes, the time to ready and resident memory."""
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", nargs="?", type=Path, help="a bundle to mount at /model (the built-in model)")
    parser.add_argument("--port", type=int, default=8765, help="(%(default)s)")
    parser.add_argument("--keep", metavar="FOLDER", help="keeps the base system here for the next run")


def run(options: argparse.Namespace) -> int:
    command = [str(ROOT / "docker" / "check-image"), *([str(options.bundle)] if options.bundle else [])]
    become(command, DAM_PORT=str(options.port), **({"KEEP": options.keep} if options.keep else {}))
