"""Formats the figures of a level as a line for a terminal, or as a row of Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any

COLUMNS = (
    "load",
    "done",
    "refused",
    "failed",
    "unsent",
    "captions/min",
    "tokens/s",
    "goodput",
    "first p50",
    "first p99",
    "gap p50",
    "gap p99",
    "whole p50",
    "whole p90",
    "whole p99",
)


def row(level: dict[str, Any]) -> list[str]:
    return [
        f"{level['load']:g}",
        *(str(level[outcome]) for outcome in ("done", "refused", "failed", "unsent")),
        f"{level['captions_per_minute']:.1f}",
        f"{level['tokens_per_second']:.1f}",
        f"{level['goodput_share']:.0%}",
        *(_milliseconds(level["time_to_first_token"], name) for name in ("p50", "p99")),
        *(_milliseconds(level["between_events"], name) for name in ("p50", "p99")),
        *(_milliseconds(level["latency"], name) for name in ("p50", "p90", "p99")),
    ]


def heading() -> str:
    return line(COLUMNS)


def line(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:>{len(column)}}" for cell, column in zip(cells, COLUMNS, strict=True))


def markdown(levels: Iterable[dict[str, Any]]) -> str:
    rows: list[Sequence[str]] = [COLUMNS, ["---:"] * len(COLUMNS), *(row(level) for level in levels)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows) + "\n"


def _milliseconds(figures: dict[str, Any] | None, name: str) -> str:
    return "-" if figures is None else f"{figures[name] * 1000:.0f} ms"
