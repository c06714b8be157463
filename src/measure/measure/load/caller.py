"""Sends one request and records its times. Errors of the server are recorded, not raised."""

import asyncio
import json
import time
from collections.abc import Callable

from ..client import FAILURES, Answer, BrokenStream, Client
from .sample import Outcome, Sample


class StreamError(Exception):
    """The server reported an error inside the stream."""


async def call(client: Client, body: bytes, sample: Sample, origin: float, timeout: float) -> Sample:
    """Fills `sample`. Times count from `origin`, a value of `time.perf_counter()`."""

    def now() -> float:
        return time.perf_counter() - origin

    sample.sent = now()
    try:
        async with asyncio.timeout(timeout), client.post(body) as answer:
            sample.status = answer.status
            if answer.status == 200:
                await _read(answer, sample, now)
                sample.outcome = Outcome.DONE
            else:
                sample.retry_after = "retry-after" in answer.headers
                sample.outcome = Outcome.REFUSED if answer.status in (429, 503) else Outcome.FAILED
                sample.why = f"status {answer.status}"
                message = _message(await answer.body())
                if sample.outcome is Outcome.FAILED:
                    sample.why += f": {message}"
    except TimeoutError:
        sample.outcome, sample.why = Outcome.FAILED, "timeout"
    except StreamError as error:
        sample.outcome, sample.why = Outcome.FAILED, f"error in the stream: {error}"
    except (*FAILURES, ValueError, EOFError) as error:
        cut = "stream cut" if sample.status == 200 else "no answer"
        sample.outcome, sample.why = Outcome.FAILED, f"{cut}: {type(error).__name__}"
    sample.end = now()
    return sample


async def _read(answer: Answer, sample: Sample, now: Callable[[], float]) -> None:
    finished = done = False
    async for data in answer.events():
        if data == b"[DONE]":
            if not finished:
                raise BrokenStream("[DONE] without a finish_reason")
            done = True
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            raise StreamError(_message(data))
        for choice in chunk.get("choices") or []:
            if (choice.get("delta") or {}).get("content"):
                sample.events.append(now())
            finished |= bool(choice.get("finish_reason"))
        if usage := chunk.get("usage"):
            sample.prompt_tokens = usage.get("prompt_tokens") or 0
            sample.completion_tokens = usage.get("completion_tokens") or 0
            sample.cached_tokens = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    if not done:
        raise BrokenStream("no [DONE]")


def _message(body: bytes) -> str:
    try:
        error = json.loads(body)["error"]
        return str(error["message"] if isinstance(error, dict) else error)[:120]
    except (ValueError, KeyError, TypeError):
        return body[:80].decode("utf-8", "replace")
