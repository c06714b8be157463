"""`scripts/measure checkpoint`: random weights in the published model's size, to be exported and timed."""

import argparse

from .toolchain import ROOT, become, exporter_python

EPILOG = """The answers of such a model mean nothing; its speed and memory are those of the published one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", help="where to write it; needs 7.2 GB")


def run(options: argparse.Namespace) -> int:
    script = ROOT / "scripts" / "lib" / "full_size_checkpoint.py"
    become(["nice", "-n", "5", exporter_python(), str(script), options.folder])
