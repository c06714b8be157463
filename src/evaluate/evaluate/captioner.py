"""Asks a server to describe regions, and keeps each answer as it arrives."""

import asyncio
from collections.abc import Sequence
from typing import Any

from .asking import AGAIN
from .crew import work
from .endpoint import Chat, Endpoint
from .journal import Journal
from .problem import Problem
from .regions import Region

DLC_SETTINGS: dict[str, Any] = {"temperature": 0.2, "top_p": 1, "top_k": 50, "max_tokens": 512, "seed": 123}
"""Of the published script: temperature 0.2, no top_p, the library's default top_k, seed 123."""
GREEDY: dict[str, Any] = {"temperature": 0, "max_tokens": 512}


async def describe(
    regions: Sequence[Region],
    endpoint: Endpoint,
    question: str,
    settings: dict[str, Any],
    journal: Journal,
    at_once: int,
    timeout: float,
    done: int = 0,
) -> set[str]:
    """Puts `caption ID` of each region into the journal, and returns the settings that the server refused.

    Raises a Problem that names the regions without a caption.
    """

    async def one(region: Region) -> None:
        picture = await asyncio.to_thread(region.png)
        content = [
            {"type": "image_url", "image_url": {"url": picture}},
            {"type": "text", "text": question},
        ]
        text = ""
        for _ in range(1 + AGAIN):  # some servers answer nothing when they are in trouble
            text = (await chat.ask([{"role": "user", "content": content}], settings)).strip()
            if text:
                break
        journal.put(key(region.id), {"question": question, "text": text})

    async with Chat(endpoint, timeout) as chat:
        failed = await work(regions, one, at_once, "captions", done)
    if failed:
        names = ", ".join(region.id for region, _ in failed[:10])
        raise Problem(
            f"{len(failed)} regions have no caption ({names}). {failed[0][1]} The same command asks for them again."
        )
    return chat.refused


def key(region: str) -> str:
    return f"caption {region}"


def kept(journal: Journal, region: str, question: str) -> str | None:
    """The caption of an earlier run that asked the same."""
    entry = journal.get(key(region))
    return entry["text"] if entry and entry["question"] == question else None
