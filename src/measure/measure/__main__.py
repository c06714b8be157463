"""Chooses the subcommand. Each is a module with `add_arguments(parser)` and `run(options)`, imported on demand."""

import argparse
import importlib
import sys

COMMANDS = {
    "load": ("measure.load.command", "latency and throughput of any OpenAI-compatible server, at given loads"),
    "chart": ("measure.load.chart", "draw the reports that `load --json` wrote"),
    "stress": ("measure.stress.command", "attack, overload, idle connections or 10,000 mixed requests"),
    "soak": ("measure.soak", "memory of a running server over thousands of mixed requests"),
    "metrics": ("measure.reconcile", "compare /metrics of a running server with what its clients saw"),
    "regions": ("measure.regions", "many regions in one call against one call each"),
    "proxy": ("measure.proxy.command", "nginx before two servers: throughput, one killed, one drained"),
    "stages": ("measure.stages", "time a bundle stage by stage, without HTTP"),
    "kernels": ("measure.kernels", "JMH benchmarks of pixels, detokenizer and the engine's own step time"),
    "llama": ("measure.llama.command", "the decoder against llama.cpp on random weights of the same shape"),
    "container": ("measure.container", "build the image without a container engine, run it and ask it"),
    "checkpoint": ("measure.checkpoint", "write a checkpoint of random weights in the published model's size"),
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
    # Only `kernels` has options that are not ours: they go to JMH.
    if name == "kernels":
        options, options_of_jmh = parser.parse_known_args(rest)
        options.rest = options_of_jmh
    else:
        options = parser.parse_args(rest)
    return int(module.run(options))


if __name__ == "__main__":
    sys.exit(main())
