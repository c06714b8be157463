"""Judges answers against facts and counts them in the rows of the model card."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from . import disclosure, parse
from .case import Case
from .facts import Facts

TARGETS = {
    "name": 97,
    "colour": 97,
    "texture": 97,
    "background": 97,
    "size": 95,
    "letter": 95,
    "position (described)": 90,
    "position (asked)": 90,
    "how many things": 85,
    "motion in video": 95,
    "nearest neighbour": None,
    "nearest neighbour, name only": None,
    "same picture, two masks: both right": 95,
    "same crop, two backgrounds: both named": 95,
    "one box, two things: right by mask": 95,
    "unknown thing called unknown": None,
    "known thing not called unknown": None,
    "asked what it cannot know, says so": None,
    "one word, right": None,
    "brief, name right": None,
    "name in video": None,
}
"""Target of each row in per cent; None if it is only reported."""


def names(answer: str, f: Facts) -> bool:
    """Whether the answer names the thing."""
    return parse.name(answer) in (f.name, f.said)


@dataclass
class Scores:
    """Right answers and all answers by row; a pair is counted with its second case."""

    rows: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    pairs: dict[tuple[str, int], bool] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: Case, answer: str) -> None:
        before = {k: len(v) for k, v in self.rows.items()}
        self._judge(case, answer)
        missed = [k for k, v in self.rows.items() if len(v) > before.get(k, 0) and not v[-1]]
        if missed:
            self.wrong.append(
                {"rows": missed, "question": case.question, "answer": answer, "facts": case.facts.as_dict()}
            )

    def _add(self, row: str, right: bool) -> None:
        self.rows[row].append(right)

    def _judge(self, case: Case, answer: str) -> None:
        f, add = case.facts, self._add
        if case.pair >= 0:
            self._pair(case, answer)
        elif case.group == "video":
            add("motion in video", parse.motion(answer) in (f.motion, disclosure.told_motion(f.motion)))
            add("name in video", names(answer, f))
        elif case.asks == "detail":
            self._description(case, answer)
        elif case.asks == "count":
            add("how many things", parse.count(answer) == f.count)
        elif case.asks == "neighbour":
            claimed, side = parse.neighbour(answer)
            true = parse.name(f.neighbour)
            add("nearest neighbour", (claimed, side) == (true, f.relation))
            add("nearest neighbour, name only", claimed == true)
        elif case.asks == "position":
            add("position (asked)", parse.position(answer) == f.position)
        elif case.asks == "cannot know":
            add("asked what it cannot know, says so", parse.refuses(answer))
        elif case.asks == "colour":
            add("colour (asked)", parse.colour(answer) == f.colour)
        elif case.asks == "background":
            add("background (asked)", parse.background(answer) == f.background)
        elif case.asks == "size":
            add("size (asked)", parse.size(answer) == f.size)
        elif case.asks == "letter":
            right = parse.letter(answer) == f.letter if disclosure.LETTERS else "letter" in answer.lower()
            add("letter (asked)", right)
        elif case.group == "region" and case.asks in ("word", "brief"):
            add("one word, right" if case.asks == "word" else "brief, name right", names(answer, f))

    def _description(self, case: Case, answer: str) -> None:
        f, add = case.facts, self._add
        if case.group == "unknown":
            add("unknown thing called unknown", parse.is_unknown(answer))
        else:
            add("name", names(answer, f))
            if f.kind == "emoji":
                add("name of a known thing (not a shape)", names(answer, f))
            add("known thing not called unknown", not parse.is_unknown(answer))
        add("colour", parse.colour(answer) == f.colour)
        add("background", parse.background(answer) == f.background)
        if "size" in disclosure.DETAIL:
            add("size", parse.size(answer) == f.size)
        if f.kind == "shape":
            add("texture", parse.texture(answer) == f.texture)
            if f.letter and disclosure.LETTERS:
                add("letter", parse.letter(answer) == f.letter)
            else:
                add(
                    "letter noticed" if f.letter else "no letter invented",
                    ("letter" in answer.lower()) == bool(f.letter),
                )
        if f.position_is_sharp and "position" in disclosure.DETAIL:
            add("position (described)", parse.position(answer) == f.position)

    def _pair(self, case: Case, answer: str) -> None:
        f = case.facts
        if case.asks == "background":
            right, row = parse.background(answer) == f.background, "same crop, two backgrounds: both named"
        elif case.asks == "name":
            right, row = names(answer, f), "same picture, two masks: both right"
        else:
            right = parse.colour(answer) == f.colour and (case.asks == "colour" or names(answer, f))
            self.rows["one box, two things: right by mask"].append(right)
            return
        key = (case.group, case.pair)
        if key in self.pairs:
            self.rows[row].append(self.pairs.pop(key) and right)
        else:
            self.pairs[key] = right

    def as_dict(self) -> dict[str, Any]:
        order = [*TARGETS, *sorted(set(self.rows) - set(TARGETS))]
        return {
            row: {
                "right": sum(self.rows[row]),
                "of": len(self.rows[row]),
                "percent": round(100 * sum(self.rows[row]) / len(self.rows[row]), 1),
                "target": TARGETS.get(row),
            }
            for row in order
            if self.rows.get(row)
        }

    def table(self) -> str:
        lines = ["| fact | right | of | % | at least |", "| --- | --- | --- | --- | --- |"]
        for row, s in self.as_dict().items():
            target = s["target"] if s["target"] is not None else "reported"
            lines.append(f"| {row} | {s['right']} | {s['of']} | {s['percent']} | {target} |")
        return "\n".join(lines)
