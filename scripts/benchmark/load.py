"""Runs one level of load and returns a sample for every request that was planned."""

import asyncio
import time
from collections.abc import Sequence

from .exchange import Connections, Endpoint
from .sample import Outcome, Sample
from .visitor import visit


async def open_loop(
    endpoint: Endpoint, bodies: Sequence[bytes], due: Sequence[float], timeout: float, limit: int
) -> list[Sample]:
    """Sends each body when it is due, whatever the server does; beyond `limit` open requests it is left unsent."""
    origin = time.perf_counter()
    samples, tasks, running = [], [], set()
    connections = Connections(endpoint)
    for body, moment in zip(bodies, due):
        await asyncio.sleep(max(0.0, origin + moment - time.perf_counter()))
        sample = Sample(intended=moment)
        samples.append(sample)
        if len(running) >= limit:
            sample.sent = sample.end = time.perf_counter() - origin
            continue
        task = asyncio.create_task(visit(endpoint, connections, body, sample, origin, timeout))
        running.add(task)
        task.add_done_callback(running.discard)
        tasks.append(task)
    await asyncio.gather(*tasks)
    connections.close()
    return samples


async def closed_loop(
    endpoint: Endpoint, bodies: Sequence[bytes], clients: int, timeout: float, samples: list[Sample] | None = None
) -> list[Sample]:
    """`clients` callers, each sending its next request when its last has ended. A refused caller waits a moment.

    Who wants to watch gives the list that `samples` are to be put into when they begin.
    """
    origin = time.perf_counter()
    samples = [] if samples is None else samples
    waiting = iter(bodies)
    connections = Connections(endpoint)

    async def caller() -> None:
        for body in waiting:
            sample = Sample(intended=time.perf_counter() - origin)
            samples.append(sample)
            await visit(endpoint, connections, body, sample, origin, timeout)
            if sample.outcome is not Outcome.DONE:
                await asyncio.sleep(0.05)

    try:
        await asyncio.gather(*(caller() for _ in range(clients)))
    finally:
        connections.close()
    return samples
