"""`scripts/measure checkpoint`: writes random weights of the published model's size."""

import argparse

from .toolchain import ROOT, become, exporter_python

EPILOG = """Export it to measure the speed and memory of the published model; its answers mean nothing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", help="output folder; needs 7.2 GB")


def run(options: argparse.Namespace) -> int:
    script = ROOT / "scripts" / "lib" / "full_size_checkpoint.py"
    become(["nice", "-n", "5", exporter_python(), str(script), options.folder])
