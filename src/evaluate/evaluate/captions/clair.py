"""CLAIR: a judge says how likely two sets of captions describe the same picture."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from .. import prompts

SETTINGS: dict[str, Any] = {"temperature": 0, "max_tokens": 1024}
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def prompt(candidates: Sequence[str], targets: Sequence[str]) -> str:
    return prompts.fill(
        prompts.CLAIR, candidate_statements=_statements(candidates), target_statements=_statements(targets)
    )


def _statements(texts: Sequence[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)


def read(response: str) -> float | None:
    """The score in 0..1, or None if there is none to read."""
    points = _of_json(response)
    if points is None:
        found = _NUMBER.search(response)
        if not found:
            return None
        points = float(found[0])
        points = points * 100 if points < 1 else points
    return points / 100 if 0 <= points <= 100 else None


def _of_json(response: str) -> float | None:
    """`score` of the first object in the response."""
    start = response.find("{")
    if start < 0:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(response, start)
        points = found["score"]
        points = float(points) if isinstance(points, int | float | str) and not isinstance(points, bool) else None
    except (ValueError, KeyError, TypeError):
        return None
    return points if points is not None and math.isfinite(points) else None
