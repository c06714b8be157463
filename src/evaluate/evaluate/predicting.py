"""Captions of a benchmark's regions, kept in --out so that no region is asked about twice."""

import argparse
from collections.abc import Sequence
from typing import Any

from . import arguments
from .captioner import describe, kept, key
from .journal import Journal
from .regions import Region


async def predict(
    options: argparse.Namespace, name: str, regions: Sequence[Region], question: str, settings: dict[str, Any]
) -> tuple[dict[str, str], set[str]]:
    """Captions by their key in OUT/BENCHMARK_NAME.jsonl, and the settings that the server refused."""
    with Journal(options.out / f"{options.benchmark}_{name}.jsonl") as journal:
        missing = [region for region in regions if kept(journal, region.id, question) is None]
        refused: set[str] = set()
        if missing:
            done = len(regions) - len(missing)
            endpoint = arguments.captioner(options)
            refused = await describe(
                missing, endpoint, question, settings, journal, options.parallel, options.timeout, done
            )
        return {key(region.id): kept(journal, region.id, question) or "" for region in regions}, refused
