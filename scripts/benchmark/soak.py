"""Many mixed requests to a Describe Anything server, whose memory must not grow. Run by scripts/soak."""

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from urllib.parse import urlsplit

from .exchange import BrokenStream, Endpoint, Exchange
from .pictures import PictureSource, drawn
from .question import Question
from .reconcile import Seen, left, settled, streamed, whole

MIB = 1 << 20
AT_ONCE = 6
ROUND = 1000
FLAT = 20


class Visitors:
    """Draws a request at random: short and long answers, known and new pictures, good, bad and abandoned ones."""

    def __init__(self, model: str, seed: int) -> None:
        self._chance = Random(seed)
        self._serial = 0
        self._small = Question(model, "What is it?", 8, drawn(160, 120, seed, 0))
        self._large = Question(model, "What is it?", 8, drawn(1600, 1200, seed, 16))
        self._known = Question(model, "What colour is it?", 8, drawn(160, 120, seed + 1, 12))
        self._broken = drawn(64, 64, seed, 4)

    def draw(self) -> tuple[str, object, dict | bytes]:
        """A kind, who asks, and what is sent."""
        self._serial += 1
        small = json.loads(self._small.body(self._serial))
        kind = self._chance.choices(
            ("short", "whole", "long", "known", "large", "leaves", "text only", "no picture", "not JSON", "huge"),
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
            case "leaves":
                return kind, left, small | {"max_tokens": 400, "ignore_eos": True}
            case "text only":
                return kind, whole, small | {"messages": [{"role": "user", "content": "What is this?"}]}
            case "no picture":
                return kind, whole, _with_url(small, broken(self._broken, self._serial))
            case "not JSON":
                return kind, raw, b'{"messages": [' + b"[" * 500
            case _:
                return kind, whole, _with_url(small, "data:image/png;base64," + "A" * (2 * MIB))


def broken(pictures: PictureSource, serial: int) -> str:
    """A picture that ends too early."""
    url = pictures(serial)
    head, _, data = url.partition(",")
    return head + "," + data[: len(data) // 8 * 4]


def _with_url(body: dict, url: str) -> dict:
    return body | {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


async def raw(endpoint: Endpoint, body: bytes, seen: Seen) -> None:
    async with Exchange(endpoint) as exchange:
        answer = await exchange.post(body)
        seen["invalid" if answer.status == 400 else f"status {answer.status}"] += 1


async def send(endpoint: Endpoint, visitors: Visitors, count: int) -> tuple[Counter, Seen]:
    """So many requests, a few at a time."""
    kinds, seen, turn = Counter(), Seen(), asyncio.Semaphore(AT_ONCE)

    async def one(kind: str, caller, body) -> None:
        async with turn:
            kinds[kind] += 1
            try:
                await caller(endpoint, body, seen)
            except (BrokenStream, ConnectionError, asyncio.IncompleteReadError) as error:
                seen[f"broken: {error}"] += 1

    # Drawn in batches: 2,000 bodies at once would be memory of this program's own.
    for start in range(0, count, 100):
        await asyncio.gather(*(one(*visitors.draw()) for _ in range(min(100, count - start))))
    return kinds, seen


def warmed_up(round_of: Callable[[int], object], resident: Callable[[], float], most: int) -> tuple[int, float]:
    """Sends until a round adds next to nothing: then caches and Java's heap are full, which what leaks never is.

    Returns how many were sent, at most ``most``, and the MiB resident after them.
    """
    sent, now, before = 0, 0.0, float("-inf")
    while sent < most and now - before > FLAT:
        number = min(ROUND, most - sent)
        round_of(number)
        sent, now, before = sent + number, resident(), now
        print(f"resident after {sent} requests: {now:.0f} MiB", flush=True)
    return sent, now


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1", help="base address (%(default)s)")
    parser.add_argument("--model", default="describe_anything_model", help="model name (%(default)s)")
    parser.add_argument(
        "--warm-up",
        type=int,
        default=10_000,
        help=f"most requests before the first look; fewer if {ROUND} of them add less than {FLAT} MiB (%(default)s)",
    )
    parser.add_argument("--requests", type=int, default=2000, help="requests between the looks (%(default)s)")
    parser.add_argument("--growth", type=int, default=100, help="most MiB it may grow by (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of everything drawn (%(default)s)")
    options = parser.parse_args()
    key = os.environ.get("OPENAI_API_KEY")
    metrics = urlsplit(options.url)._replace(path="/metrics").geturl()
    endpoint, visitors = Endpoint.of(options.url, key), Visitors(options.model, options.seed)

    def resident() -> float:
        return settled(metrics, key)["process_resident_memory_bytes"] / MIB

    _, before = warmed_up(lambda number: asyncio.run(send(endpoint, visitors, number)), resident, options.warm_up)
    kinds, seen = asyncio.run(send(endpoint, visitors, options.requests))
    after = resident()
    outcomes = {name: times for name, times in seen.items() if name not in ("prompt", "generation", "cached")}
    print(f"sent: {dict(kinds)}; seen: {outcomes}")
    print(f"resident after {options.requests} more: {after:.0f} MiB, {after - before:+.0f}")
    good = after - before <= options.growth and not any(name.startswith(("broken", "status")) for name in outcomes)
    return 0 if good and not seen["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
