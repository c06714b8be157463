"""A run's scores beside published ones: JSON, a Markdown table, and a chart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import files
from .published import Row

PANELS = 4
"""Of a chart, side by side."""


@dataclass
class Report:
    """`ours` has a dictionary for each set of captions, with `name`, `judge` and `scores`.

    `protocol` says what the numbers depend on, a sentence each. `decimals` is how many are printed.
    """

    benchmark: str
    ours: list[dict[str, Any]]
    published: Sequence[Row] = ()
    protocol: list[str] = field(default_factory=list)
    decimals: int = 3
    order: Sequence[str] = ()
    """Of the columns; those that are not named come last."""

    def rows(self) -> list[tuple[Row, bool]]:
        """Ours, then the published ones."""
        own = [(Row(one["name"], one.get("judge") or "", one["scores"]), True) for one in self.ours]
        return own + [(row, False) for row in self.published]

    def columns(self) -> list[str]:
        found = dict.fromkeys(name for row, _ in self.rows() for name in row.values)
        return [*(name for name in self.order if name in found), *(name for name in found if name not in self.order)]

    def markdown(self) -> str:
        columns, rows = self.columns(), self.rows()
        judged = any(row.judge for row, _ in rows)
        head = ["captions", *(["judge"] if judged else []), *columns]
        lines = [head, [*["---"] * (len(head) - len(columns)), *["---:"] * len(columns)]]
        for row, own in rows:
            label = f"**{row.label}**" if own else row.label
            cells = (self._cell(row.values.get(name)) for name in columns)
            lines.append([label, *([row.judge or "-"] if judged else []), *cells])
        table = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
        return "\n".join([table, "", *(f"- {sentence}" for sentence in self.protocol)]) + "\n"

    def _cell(self, value: float | None) -> str:
        return "-" if value is None else f"{value:.{self.decimals}f}"

    def write(self, out: Path) -> None:
        """BENCHMARK.json, .md and .png. Rows of earlier runs stay, unless a new one has the same name."""
        file = out / f"{self.benchmark}.json"
        self.ours += _earlier(file, {one["name"] for one in self.ours})
        data = {
            "benchmark": self.benchmark,
            "ours": self.ours,
            "published": [vars(row) for row in self.published],
            "protocol": self.protocol,
        }
        files.write(file, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        files.write(out / f"{self.benchmark}.md", f"# {self.benchmark}\n\n{self.markdown()}")
        self._draw(out / f"{self.benchmark}.png")

    def _draw(self, file: Path) -> None:
        """A panel a score, a bar a row."""
        import matplotlib

        matplotlib.use("agg")
        from matplotlib import pyplot

        columns, rows = self.columns(), self.rows()
        labels = [f"{row.label}\n{row.judge}" if row.judge else row.label for row, _ in rows]
        colours = ["C0" if own else "0.75" for _, own in rows]
        across = min(len(columns), PANELS)
        down = -(-len(columns) // across)
        size = (2.6 + 2.1 * across, 0.6 + down * (0.6 + 0.4 * len(rows)))
        figure, grid = pyplot.subplots(down, across, sharey=True, figsize=size, layout="constrained", squeeze=False)
        for panel, name in zip(grid.flat, columns, strict=False):
            values = [row.values.get(name) for row, _ in rows]
            bars = panel.barh(range(len(rows)), [value or 0 for value in values], color=colours)
            panel.bar_label(bars, [self._cell(value) for value in values], padding=3, fontsize=8)
            panel.set_title(name, fontsize=10)
            panel.set_yticks(range(len(rows)), labels, fontsize=8)
            longest = max(10.0**-self.decimals, *(abs(value or 0) for value in values))
            panel.set_xlim(-1.6 * longest if any((value or 0) < 0 for value in values) else 0, 1.28 * longest)
            panel.axvline(0, color="black", linewidth=0.8)
            panel.tick_params(axis="x", labelsize=7)
            panel.spines[["top", "right"]].set_visible(False)
        for panel in grid.flat[len(columns) :]:
            panel.set_visible(False)
        grid[0][0].invert_yaxis()
        figure.suptitle(self.benchmark, fontsize=11)
        figure.savefig(file, dpi=130)
        pyplot.close(figure)


def _earlier(file: Path, names: set[str]) -> list[dict[str, Any]]:
    try:
        found = json.loads(file.read_text("utf-8"))["ours"]
        return [one for one in found if one["name"] not in names and isinstance(one["scores"], dict)]
    except (OSError, ValueError, LookupError, TypeError):
        return []
