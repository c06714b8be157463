"""`scripts/measure kernels`: the JMH benchmarks of src/benchmark."""

import argparse

from .toolchain import become, java

EPILOG = """Options and names go to JMH:
  scripts/measure kernels -l            lists the benchmarks
  scripts/measure kernels PixelPath     runs benchmarks whose name matches
  scripts/measure kernels -f 1 -wi 2 -i 5
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "scripts/measure kernels [options of JMH]"


def run(options: argparse.Namespace) -> int:
    become(java("org.openjdk.jmh.Main", *options.rest))
