"""Sends 10,000 good, bad and cancelled requests and records the resident memory after each thousand."""

import asyncio
import json
import random
import time
from contextlib import suppress

from ..client import FAILURES, Client
from .target import Options, Report, Target, bodies

Request = tuple[bytes, bool]  # body, and whether the client disconnects early


def mixed(target: Target, options: Options) -> Report:
    chance = random.Random(1)
    good = bodies(200, 60, 4, (96, 72))
    asyncio.run(run(target, [(chance.choice(good), False) for _ in range(options.warm_up * 10)], options.callers))
    reference = target.text(good[0])
    before, weights, start = target.resident(), [], time.perf_counter()
    for _ in range(10):
        asyncio.run(run(target, [one(chance, good) for _ in range(options.requests // 10)], options.callers))
        weights.append((target.resident() - before) >> 20)
    metrics = target.settled()
    ended = sum(
        metrics.get(f'dam_requests_total{{outcome="{name}"}}', 0) for name in ("stop", "length", "cancelled", "failed")
    )
    return {
        "requests": options.requests,
        "seconds": round(time.perf_counter() - start),
        "resident_mib_at_start": before >> 20,
        "grown_mib_after_each_tenth": weights,
        "outcomes": {name: int(value) for name, value in metrics.items() if name.startswith("dam_requests_total")},
        "ok": {
            "at most 100 MiB more": max(weights) <= 100,
            "the same text after": target.text(good[0]) == reference,
            "accepted = done + failed + cancelled": metrics["dam_requests_accepted_total"] == ended,
            "nothing failed": not metrics.get('dam_requests_total{outcome="failed"}', 0),
        },
    }


def one(chance: random.Random, good: list[bytes]) -> Request:
    body = chance.choice(good)
    match chance.randrange(6):
        case 0:
            return body[: chance.randrange(len(body))], False
        case 1:
            at = chance.randrange(len(body))
            return body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :], False
        case 2:
            return json.dumps(json.loads(body) | {"max_tokens": 300}).encode(), True
        case 3:
            return json.dumps(
                json.loads(body) | {"stream": False, "stream_options": None}
            ).encode(), chance.random() < 0.3
        case _:
            return body, False


async def run(target: Target, requests: list[Request], callers: int) -> None:
    waiting = iter(requests)
    async with Client(target.endpoint) as client:

        async def caller() -> None:
            for body, disconnects in waiting:
                with suppress(*FAILURES):
                    async with asyncio.timeout(60), client.post(body) as answer:
                        async for _ in answer.pieces():
                            if disconnects:
                                break

        await asyncio.gather(*(caller() for _ in range(callers)))
