"""`scripts/measure chart`: draws latency over load of one or more reports, as SVG or any other format of matplotlib."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PANELS = (("time_to_first_token", "Time to first token"), ("latency", "Whole answer"))
STROKES = {"p50": "-", "p90": "--", "p99": ":"}

EPILOG = """example:
  scripts/measure chart both.svg one.json other.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="output file: .svg, .png or .pdf")
    parser.add_argument("reports", nargs="+", type=Path, help="files written by `load --json`")


def run(options: argparse.Namespace) -> int:
    draw([json.loads(file.read_text("utf-8")) for file in options.reports], options.file)
    return 0


def draw(reports: Sequence[dict[str, Any]], file: Path) -> None:
    """Draws each report in a colour and each percentile in a line style, with seconds on a logarithmic scale."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, StrMethodFormatter

    figure, axes = pyplot.subplots(1, len(PANELS), sharey=True, figsize=(10, 4.8), layout="constrained")
    open_loop = reports[0]["levels"][0]["arrivals"] == "open"
    for panel, (key, title) in zip(axes, PANELS, strict=True):
        for number, report in enumerate(reports):
            levels = [level for level in report["levels"] if level[key]]
            for name, stroke in STROKES.items():
                panel.plot(
                    [level["load"] for level in levels],
                    [level[key][name] for level in levels],
                    stroke,
                    color=f"C{number}",
                    marker="o",
                    markersize=3,
                    label=f"{report['name']}, {name}",
                    gid=f"{key} {name} {number}",
                )
        panel.set(title=title, yscale="log", xlabel="requests a second" if open_loop else "concurrent requests")
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
    axes[0].set_ylabel("seconds")
    axes[0].yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    axes[0].yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes[0].yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(reports), frameon=False)
    figure.savefig(file)
    pyplot.close(figure)
