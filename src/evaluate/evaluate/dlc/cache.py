"""Captions and judged answers as files, in the published forms: X.json and X_eval.json."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import files
from ..problem import Problem

QUERY = "query"


@dataclass
class Cache:
    """What is known of one set of captions, named by the stem of its file."""

    name: str
    out: Path
    captions: dict[str, str] = field(default_factory=dict)
    query: str | None = None
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Judged regions by id."""
    source: dict[str, Any] = field(default_factory=dict)
    """Who wrote and judged the captions, if this program asked."""

    @property
    def captions_file(self) -> Path:
        return self.out / f"{self.name}.json"

    @property
    def eval_file(self) -> Path:
        return self.out / f"{self.name}_eval.json"

    @property
    def source_file(self) -> Path:
        return self.out / f"{self.name}_source.json"

    @property
    def journal_file(self) -> Path:
        return self.out / f"{self.name}_journal.jsonl"

    def write_captions(self) -> None:
        """Unless the file already says the same."""
        data = {**self.captions, **({QUERY: self.query} if self.query is not None else {})}
        if not self.captions_file.is_file() or files.read_json(self.captions_file) != data:
            files.write_json(self.captions_file, data)

    def write_entries(self, totals: dict[str, float | None]) -> None:
        files.write_json(self.eval_file, {**self.entries, "avg_pos": totals["pos"], "avg_neg": totals["neg"]})

    def write_source(self) -> None:
        if self.source:
            files.write_json(self.source_file, self.source)


def load(name: str, out: Path, captions: Path | None = None) -> Cache:
    """From the folder, or from a captions file elsewhere, beside which answers may lie too."""
    cache = Cache(name, out)
    for file in (captions, cache.captions_file):
        if file and file.is_file():
            _read_captions(cache, file)
            break
    else:
        if captions:
            raise Problem(f"there is no file {captions}", 2)
    beside = captions.with_name(f"{name}_eval.json") if captions else cache.eval_file
    for file in (cache.eval_file, beside):
        if file.is_file():
            cache.entries = {
                region: entry
                for region, entry in files.read_object(file).items()
                if isinstance(entry, dict) and isinstance(entry.get("response"), list)
            }
            break
    if not cache.captions:
        cache.captions = {r: entry["pred"] for r, entry in cache.entries.items() if isinstance(entry.get("pred"), str)}
    if cache.source_file.is_file():
        cache.source = files.read_object(cache.source_file)
    return cache


def _read_captions(cache: Cache, file: Path) -> None:
    for region, text in files.read_object(file).items():
        if region == QUERY:
            cache.query = str(text)
        elif isinstance(text, str):
            cache.captions[str(region)] = text


def found(out: Path) -> list[str]:
    """Names of the captions and answers in a folder."""
    names = set()
    for file in out.glob("*.json"):
        if file.stem.endswith("_eval"):
            names.add(file.stem.removesuffix("_eval"))
        elif _has_query(file):
            names.add(file.stem)
    return sorted(names)


def _has_query(file: Path) -> bool:
    try:
        data = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and isinstance(data.get(QUERY), str)


def response(entry: dict[str, Any] | None, caption: str, number: int, prompt: str, count: int) -> str | None:
    """The answer that an earlier run got to the same question about the same caption."""
    if not entry or entry.get("pred", caption) != caption or len(entry["response"]) != count:
        return None
    asked = entry.get("prompt")
    if isinstance(asked, list) and len(asked) == count and asked[number] != prompt:
        return None
    said = entry["response"][number]
    return said if isinstance(said, str) else None
