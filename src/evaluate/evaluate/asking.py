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


def _never(text: str) -> bool:
    return False


async def ask(
    answer: Callable[[], Awaitable[str]],
    readable: Callable[[str], bool],
    acceptable: Callable[[str], bool] = _never,
) -> str:
    """The first readable answer; after asking AGAIN times the first acceptable one, or else the last."""
    texts: list[str] = []
    for _ in range(1 + AGAIN):
        texts.append(await answer())
        if readable(texts[-1]):
            return texts[-1]
    return next(filter(acceptable, texts), texts[-1])


def digest(*parts: str) -> str:
    """A key for an answer to exactly these strings."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
