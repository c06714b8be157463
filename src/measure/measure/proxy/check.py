"""Checks nginx with one server and two, with one killed under load, and with one drained under load."""

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..arguments import MODEL
from ..client import Endpoint
from ..load.loops import closed_loop
from ..load.sample import Outcome, Sample
from ..load.summary import summarise
from ..pictures import drawn
from ..question import Question
from ..server import ServerProcess
from .nginx import Proxy


@dataclass(frozen=True)
class Load:
    requests: int
    clients: int
    max_tokens: int
    timeout: float
    model: str = MODEL
    extra: dict[str, Any] | None = None

    def run(self, url: str, seed: int, meanwhile: Callable[[], None] | None = None, after: float = 0) -> list[Sample]:
        """Runs a closed loop. Calls `meanwhile` after `after` seconds, as soon as most callers are reading text."""
        question = Question(
            self.model,
            "Describe the masked region in detail.",
            self.max_tokens,
            drawn(160, 120, seed, 0),
            0.0,
            self.extra or {},
        )
        bodies = [question.body(serial) for serial in range(self.requests)]

        async def both() -> list[Sample]:
            samples: list[Sample] = []
            running = asyncio.create_task(closed_loop(Endpoint.of(url), bodies, self.clients, self.timeout, samples))
            if meanwhile:
                await asyncio.sleep(after)
                patience = 2000
                while not running.done() and 2 * streaming(samples, self.max_tokens // 2) <= self.clients and patience:
                    await asyncio.sleep(0.005)
                    patience -= 1
                meanwhile()
            return await running

        return asyncio.run(both())


def streaming(samples: list[Sample], most: int) -> int:
    """Counts the answers in progress with at most `most` pieces, which are far from their end."""
    return sum(0 < len(sample.events) <= most and not sample.end for sample in samples)


def throughput(load: Load, first: ServerProcess, second: ServerProcess, rounds: int = 3) -> dict[str, Any]:
    """Measures captions a minute through the proxy with one server and with two: medians of alternating rounds."""
    for server in (first, second):
        load.run(f"http://127.0.0.1:{server.port}/v1", 1)
    figures: dict[str, list[float]] = {"one": [], "two": []}
    for number in range(rounds):
        for name, servers in (("one", [first]), ("two", [first, second])):
            with Proxy([server.port for server in servers]) as proxy:
                samples = load.run(proxy.url, 100 + 2 * number + len(servers))
            figures[name].append(summarise(samples, 1e9, 1e9)["captions_per_minute"])
    one, two = (statistics.median(figures[name]) for name in ("one", "two"))
    if one == 0:
        raise SystemExit("No request was answered. Use --log FILE to see the output of the servers")
    return {"captions_per_minute": figures, "one": one, "two": two, "ratio": round(two / one, 3)}


def killed(load: Load, first: ServerProcess, second: ServerProcess, after: float) -> dict[str, Any]:
    """Kills one of two servers under load, counts the outcomes, and checks that it is used after a restart."""
    with Proxy([first.port, second.port]) as proxy:
        samples = load.run(proxy.url, 3, first.kill, after)
        first.stop()
        alone = load.run(proxy.url, 4)
        first.start()
        again = load.run(proxy.url, 5)
    figures = _counts(samples) | {"done_by_the_other": _done(alone), "done_after_its_return": _done(again)}
    failed = [sample for sample in samples if sample.outcome is not Outcome.DONE]
    figures["lost_before_they_began"] = sum(sample.status != 200 for sample in failed)
    figures["cut_visibly"] = sum(sample.status == 200 and sample.why != "timeout" for sample in failed)
    figures["hung"] = sum(sample.why == "timeout" for sample in failed)
    whole = _done(alone) == _done(again) == load.requests
    return figures | {"ok": not figures["lost_before_they_began"] and not figures["hung"] and whole}


def drained(load: Load, first: ServerProcess, second: ServerProcess, after: float) -> dict[str, Any]:
    """Drains one of two servers under load. No request may be lost."""
    with Proxy([first.port, second.port]) as proxy:
        samples = load.run(proxy.url, 6, first.drain, after)
        code = first.exit_code()
    first.start()
    figures = _counts(samples) | {"exit_code": code}
    return figures | {"ok": figures["done"] == load.requests and code == 0}


def _done(samples: list[Sample]) -> int:
    return sum(sample.outcome is Outcome.DONE for sample in samples)


def _counts(samples: list[Sample]) -> dict[str, Any]:
    figures = summarise(samples, 1e9, 1e9)
    return {name: figures[name] for name in ("requests", "done", "refused", "failed", "why")}
