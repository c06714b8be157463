"""Questions to a judge whose answer must be readable: asked again if it is not."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .endpoint import Chat

AGAIN = 3
"""How often a question is asked again whose answer cannot be read."""


class Judge(Protocol):
    """Answers questions. `name` stands beside every score."""

    @property
    def name(self) -> str: ...

    async def answer(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> str: ...


@dataclass
class ModelJudge:
    """A language model behind an endpoint."""

    chat: Chat

    @property
    def name(self) -> str:
        return self.chat.endpoint.model

    async def answer(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> str:
        return await self.chat.ask(messages, settings)


async def ask(answer: Callable[[], Awaitable[str]], readable: Callable[[str], bool]) -> str:
    """The first readable answer, or the last one after asking AGAIN times."""
    text = await answer()
    for _ in range(AGAIN):
        if readable(text):
            break
        text = await answer()
    return text


def digest(*parts: str) -> str:
    """A key for an answer to exactly these strings."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
