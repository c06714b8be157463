"""Chat completions of any OpenAI-compatible server, repeated until they are whole.

Knows HTTP, what is worth repeating, and which settings other servers refuse. Knows nothing of what is asked.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from tqdm import tqdm

from .problem import Problem

ATTEMPTS = 10
ATTEMPTS_TO_CONNECT = 4
"""At a server that never answered: it is probably not running."""
LONGEST_PAUSE = 30.0
"""Seconds between two attempts, if the server does not ask for more."""
LONGEST_RETRY_AFTER = 300.0
DROPPABLE = ("top_k", "seed", "frequency_penalty", "presence_penalty", "top_p", "temperature")
"""Settings that are left out for a server that refuses them. The report names them."""


class Refused(Problem):
    """The server refuses this request, and would again."""


class GaveUp(Problem):
    """No usable answer after all attempts."""


class Unusable(Problem):
    """The address, the key or the model is wrong: no request can succeed."""


class _Retry(Exception):
    def __init__(self, why: str, pause: float | None = None, connected: bool = True):
        super().__init__(why)
        self.pause, self.connected = pause, connected


@dataclass(frozen=True)
class Endpoint:
    """A server and the model to ask there."""

    url: str
    model: str
    key: str | None = None

    @staticmethod
    def of(url: str, model: str, key: str | None = None, variable: str = "OPENAI_API_KEY") -> "Endpoint":
        """From a base address, with or without `/v1` or `/chat/completions`. The key may come from the environment."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Problem(f"{url} is not an http(s) address", 2)
        path = parts.path.rstrip("/") or "/v1"
        path = path if path.endswith("/chat/completions") else f"{path}/chat/completions"
        return Endpoint(parts._replace(path=path).geturl(), model, key or os.environ.get(variable) or None)


class Chat:
    """`async with Chat(endpoint, timeout) as chat: text = await chat.ask(messages, settings)`. Calls may be concurrent.

    `refused` collects the settings that the server did not take.
    """

    def __init__(self, endpoint: Endpoint, timeout: float, attempts: int = ATTEMPTS, pause: float = 0.5):
        self.endpoint, self._attempts, self._pause = endpoint, attempts, pause
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 20))
        self.refused: set[str] = set()
        self._renamed = self._reached = False
        self._said: set[str] = set()

    async def __aenter__(self) -> "Chat":
        host = urlsplit(self.endpoint.url).hostname or ""
        headers = {"Authorization": f"Bearer {self.endpoint.key}"} if self.endpoint.key else {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=self._timeout,
            headers=headers,
            trust_env=host != "localhost" and not host.startswith("127.") and host != "::1",
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._session.close()

    async def ask(self, messages: Sequence[dict[str, Any]], settings: dict[str, Any]) -> str:
        """The text of the answer. Raises Refused, GaveUp or Unusable."""
        last = ""
        for attempt in range(self._attempts):
            try:
                return await self._once(messages, settings)
            except _Retry as retry:
                last = str(retry)
                self._reached = self._reached or retry.connected
                if not self._reached and attempt + 1 >= ATTEMPTS_TO_CONNECT:
                    raise Unusable(
                        f"nothing answers at {self.endpoint.url}: is the server running? ({last})"
                    ) from retry
                self._say(last)
                if attempt + 1 < self._attempts:
                    await asyncio.sleep(retry.pause if retry.pause is not None else self._backoff(attempt))
        raise GaveUp(f"{self.endpoint.url} gave no usable answer in {self._attempts} attempts; the last: {last}")

    def _say(self, why: str) -> None:
        """Once for each kind of failure."""
        kind = why.split(":")[0]
        if kind not in self._said:
            self._said.add(kind)
            tqdm.write(f"{self.endpoint.url}: {why}; trying again", file=sys.stderr)

    def _backoff(self, attempt: int) -> float:
        longest = min(LONGEST_PAUSE, self._pause * 2**attempt)
        return random.uniform(longest / 2, longest)

    def _body(self, messages: Sequence[dict[str, Any]], settings: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in settings.items() if name not in self.refused}
        if self._renamed and "max_tokens" in kept:
            kept["max_completion_tokens"] = kept.pop("max_tokens")
        return {"model": self.endpoint.model, "messages": list(messages), **kept}

    async def _once(self, messages: Sequence[dict[str, Any]], settings: dict[str, Any]) -> str:
        body = self._body(messages, settings)
        try:
            async with self._session.post(self.endpoint.url, json=body) as response:
                status, headers = response.status, response.headers
                data = await response.read()
        except TimeoutError as error:
            raise _Retry(f"no answer within {self._timeout.total:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            connected = not isinstance(error, aiohttp.ClientConnectorError)
            raise _Retry(f"{type(error).__name__}: {error}", connected=connected) from error
        self._reached = True
        if 200 <= status < 300:
            return _text(data)
        why = f"{status}: {_message(data)}"
        if status in (408, 409, 425, 429) or status >= 500:
            raise _Retry(why, _retry_after(headers.get("Retry-After")))
        if status in (400, 422) and self._adapt(data, body):
            return await self._once(messages, settings)
        if status in (401, 403, 404, 405):
            raise Unusable(f"{self.endpoint.url} (model {self.endpoint.model}) answered {why}")
        raise Refused(f"{self.endpoint.url} answered {why}")

    def _adapt(self, data: bytes, body: dict[str, Any]) -> bool:
        """Leaves out or renames the setting that the error names; whether another try makes sense."""
        named = _parameter(data) or _message(data)
        if "max_tokens" in body and "max_tokens" in named and "max_completion_tokens" in _message(data):
            self._renamed = True
            return True
        for name in DROPPABLE:
            if name in named and name in body:
                self.refused.add(name)
                return True
        return False


def _text(data: bytes) -> str:
    try:
        content = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise _Retry(f"an answer that is not a chat completion: {data[:80]!r}") from error
    if isinstance(content, list):
        content = "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise _Retry("an answer without text")
    return content


def _error(data: bytes) -> Any:
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return found.get("error", found) if isinstance(found, dict) else None


def _message(data: bytes) -> str:
    error = _error(data)
    text = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    return str(text or data[:200].decode("utf-8", "replace"))[:300]


def _parameter(data: bytes) -> str:
    error = _error(data)
    return str(error.get("param") or "") if isinstance(error, dict) else ""


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number or a date; None if the server names none."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, min(LONGEST_RETRY_AFTER, seconds)) if seconds == seconds else None
