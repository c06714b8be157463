"""Runs one level of load and returns a sample of every planned request."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from ..client import Client, Endpoint
from .caller import call
from .sample import Outcome, Sample


async def open_loop(
    endpoint: Endpoint, bodies: Sequence[bytes], due: Sequence[float], timeout: float, limit: int
) -> list[Sample]:
    """Sends each body when it is due, however slow the server is, unless `limit` requests are open."""
    samples: list[Sample] = []
    tasks: list[asyncio.Task[Sample]] = []
    running: set[asyncio.Task[Sample]] = set()
    async with Client(endpoint) as client:
        origin = time.perf_counter()
        for body, moment in zip(bodies, due, strict=True):
            await asyncio.sleep(max(0.0, origin + moment - time.perf_counter()))
            sample = Sample(intended=moment)
            samples.append(sample)
            if len(running) >= limit:
                sample.sent = sample.end = time.perf_counter() - origin
                continue
            task = asyncio.create_task(call(client, body, sample, origin, timeout))
            running.add(task)
            task.add_done_callback(running.discard)
            tasks.append(task)
        await asyncio.gather(*tasks)
    return samples


async def closed_loop(
    endpoint: Endpoint, bodies: Iterable[bytes], callers: int, timeout: float, samples: list[Sample] | None = None
) -> list[Sample]:
    """Runs `callers` concurrent callers. Each sends one request after the other, and waits 50 ms after a failed one.

    Samples are appended to `samples`, if given, when their requests begin, so that the caller can watch them.
    """
    samples = [] if samples is None else samples
    waiting = iter(bodies)
    async with Client(endpoint) as client:
        origin = time.perf_counter()

        async def caller() -> None:
            for body in waiting:
                sample = Sample(intended=time.perf_counter() - origin)
                samples.append(sample)
                await call(client, body, sample, origin, timeout)
                if sample.outcome is not Outcome.DONE:
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(caller() for _ in range(callers)))
    return samples
