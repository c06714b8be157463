"""Chooses the subcommand. Each is a module with `add_arguments(parser)` and `run(options)`, imported on demand."""

import argparse
import importlib
import sys

from .problem import Problem

COMMANDS = {
    "dlc-bench": ("evaluate.dlc.command", "captions of DLC-Bench, scored by a language model"),
    "keywords": ("evaluate.keywords.command", "class names of LVIS and PACO regions: similarity and word overlap"),
    "captions": ("evaluate.captions.command", "captions of Ref-L4 and Flickr30k Entities: BLEU to CIDEr, and CLAIR"),
    "videorefer": ("evaluate.videorefer", "video descriptions of VideoRefer-Bench-D, scored by a language model"),
}


def overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        ["usage: scripts/evaluate SUBCOMMAND [options]   (--help after a subcommand lists its options)", "", *lines]
    )


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"scripts/evaluate: no subcommand {name!r}\n\n{overview()}", file=sys.stderr)
        return 2
    module_name, summary = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(
        prog=f"scripts/evaluate {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=getattr(module, "EPILOG", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(rest)))
    except Problem as problem:
        print(f"scripts/evaluate {name}: {problem}", file=sys.stderr)
        return problem.code


if __name__ == "__main__":
    sys.exit(main())
