"""The command line. Each subcommand is a module with `add_arguments(parser)` and `run(options)`, imported on demand."""

import argparse
import importlib
import sys

COMMANDS = {
    "load": ("measure.load.command", "measure latency and throughput of any OpenAI-compatible server at given loads"),
    "chart": ("measure.load.chart", "draw charts of reports written by `load --json`"),
    "stress": ("measure.stress.command", "test a server under attack, overload, idle connections or mixed requests"),
    "soak": ("measure.soak", "measure the memory of a running server over thousands of mixed requests"),
    "metrics": ("measure.reconcile", "check the /metrics of a running server against what clients saw"),
    "regions": ("measure.regions", "time one request with many regions against one request for each"),
    "tracking": ("measure.tracking", "time how the segmenter of a running server follows a thing through a video"),
    "proxy": ("measure.proxy.command", "test nginx with two servers: throughput, one killed, one drained"),
    "stages": ("measure.stages", "time a bundle stage by stage, without HTTP"),
    "kernels": ("measure.kernels", "run the JMH benchmarks of pixels, detokenizer and engine"),
    "llama": ("measure.llama.command", "time the decoder against llama.cpp with random weights of the same shape"),
    "container": (
        "measure.container",
        "build the container image without a container engine, run it and send a request",
    ),
    "checkpoint": ("measure.checkpoint", "write a checkpoint of random weights of the published model's size"),
    "screenshots": ("measure.screenshots", "take the screenshots of the page for docs/"),
}


def overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        ["usage: scripts/measure SUBCOMMAND [options]   (--help after a subcommand lists its options)", "", *lines]
    )


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"scripts/measure: no subcommand {name!r}\n\n{overview()}", file=sys.stderr)
        return 2
    module_name, summary = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(
        prog=f"scripts/measure {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=getattr(module, "EPILOG", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    # The other options of `kernels` go to JMH.
    if name == "kernels":
        options, options_of_jmh = parser.parse_known_args(rest)
        options.rest = options_of_jmh
    else:
        options = parser.parse_args(rest)
    return int(module.run(options))


if __name__ == "__main__":
    sys.exit(main())
