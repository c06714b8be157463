"""`scripts/measure soak`: sends thousands of mixed requests to a running server, whose memory must stay flat."""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import urlsplit

from . import arguments
from .client import FAILURES, Client, Endpoint
from .metrics import settled
from .pictures import PictureSource, drawn
from .question import Question
from .reconcile import Body, Caller, Tally, disconnecting, streamed, whole

MIB = 1 << 20
AT_ONCE = 6
ROUND = 1000
FLAT = 20


class RequestMix:
    """Draws random requests: short and long answers, cached and new pictures, bad requests, disconnects."""

    def __init__(self, model: str, seed: int) -> None:
        self._chance = Random(seed)
        self._serial = 0
        self._small = Question(model, "What is it?", 8, drawn(160, 120, seed, 0))
        self._large = Question(model, "What is it?", 8, drawn(1600, 1200, seed, 16))
        self._known = Question(model, "What colour is it?", 8, drawn(160, 120, seed + 1, 12))
        self._pictures = drawn(64, 64, seed, 4)

    def draw(self) -> tuple[str, Caller, Body | bytes]:
        """Returns the kind of a request, the function that sends it, and its body."""
        self._serial += 1
        small = json.loads(self._small.body(self._serial))
        kind = self._chance.choices(
            ("short", "whole", "long", "known", "large", "disconnects", "text only", "no picture", "not JSON", "huge"),
            (25, 10, 5, 20, 5, 15, 5, 5, 5, 5),
        )[0]
        match kind:
            case "short":
                return kind, streamed, small
            case "whole":
                return kind, whole, small
            case "long":
                return kind, streamed, small | {"max_tokens": 200, "ignore_eos": True}
            case "known":
                return kind, whole, json.loads(self._known.body(self._serial))
            case "large":
                return kind, streamed, json.loads(self._large.body(self._serial))
            case "disconnects":
                return kind, disconnecting, small | {"max_tokens": 400, "ignore_eos": True}
            case "text only":
                return kind, whole, small | {"messages": [{"role": "user", "content": "What is this?"}]}
            case "no picture":
                return kind, whole, _with_url(small, cut(self._pictures, self._serial))
            case "not JSON":
                return kind, raw, b'{"messages": [' + b"[" * 500
            case _:
                return kind, whole, _with_url(small, "data:image/png;base64," + "A" * (2 * MIB))


def cut(pictures: PictureSource, serial: int) -> str:
    """Returns the first half of a picture."""
    head, _, data = pictures(serial).partition(",")
    return head + "," + data[: len(data) // 8 * 4]


def _with_url(body: Body, url: str) -> Body:
    return body | {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


async def raw(client: Client, body: bytes, tally: Tally) -> None:
    async with client.post(body) as answer:
        tally["invalid" if answer.status == 400 else f"status {answer.status}"] += 1


async def send(endpoint: Endpoint, mix: RequestMix, count: int) -> tuple[Counter[str], Tally]:
    """Sends `count` requests, a few at a time."""
    kinds: Counter[str] = Counter()
    tally, turn = Tally(), asyncio.Semaphore(AT_ONCE)
    async with Client(endpoint) as client:

        async def one(kind: str, caller: Caller, body: Any) -> None:
            async with turn:
                kinds[kind] += 1
                try:
                    await caller(client, body, tally)
                except FAILURES as error:
                    tally[f"broken: {error}"] += 1

        # In batches, so that this program does not hold 2,000 bodies in memory.
        for start in range(0, count, 100):
            await asyncio.gather(*(one(*mix.draw()) for _ in range(min(100, count - start))))
    return kinds, tally


def warmed_up(round_of: Callable[[int], object], resident: Callable[[], float], most: int) -> tuple[int, float]:
    """Sends rounds until one adds less than ``FLAT`` MiB, when caches and Java's heap are full. A leak prevents that.

    Returns the number of requests, at most ``most``, and the resident MiB after them.
    """
    sent, now, before = 0, 0.0, float("-inf")
    while sent < most and now - before > FLAT:
        number = min(ROUND, most - sent)
        round_of(number)
        sent, now, before = sent + number, resident(), now
        print(f"resident after {sent} requests: {now:.0f} MiB", flush=True)
    return sent, now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.add_server(parser)
    parser.add_argument(
        "--warm-up",
        type=int,
        default=10_000,
        help=f"maximum requests before measuring; ends when {ROUND} of them add less than {FLAT} MiB (%(default)s)",
    )
    parser.add_argument("--requests", type=int, default=2000, help="requests while measuring (%(default)s)")
    parser.add_argument("--growth", type=int, default=100, help="allowed growth in MiB (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of requests and pictures (%(default)s)")


def run(options: argparse.Namespace) -> int:
    key = arguments.api_key(options)
    metrics = urlsplit(options.url)._replace(path="/metrics").geturl()
    endpoint, mix = Endpoint.of(options.url, key), RequestMix(options.model, options.seed)

    def resident() -> float:
        return settled(metrics, key)["process_resident_memory_bytes"] / MIB

    _, before = warmed_up(lambda number: asyncio.run(send(endpoint, mix, number)), resident, options.warm_up)
    kinds, tally = asyncio.run(send(endpoint, mix, options.requests))
    after = resident()
    outcomes = {name: times for name, times in tally.items() if name not in ("prompt", "generation", "cached")}
    print(f"sent: {dict(kinds)}; outcomes: {outcomes}")
    print(f"resident after {options.requests} more: {after:.0f} MiB, {after - before:+.0f}")
    good = after - before <= options.growth and not any(name.startswith(("broken", "status")) for name in outcomes)
    return 0 if good and not tally["failed"] else 1
