"""Sends a mixed run to a Describe Anything server and checks that /metrics adds up. Run by scripts/metrics-check."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

from .exchange import Endpoint, Exchange
from .pictures import drawn
from .question import Question
from .scrape import scrape

OUTCOMES = ("stop", "length", "cancelled", "failed", "refused", "invalid")


class Seen(Counter):
    """What the callers saw: outcomes and sums of `usage`."""

    def usage(self, figures: dict) -> None:
        self["prompt"] += figures["prompt_tokens"]
        self["generation"] += figures["completion_tokens"]
        self["cached"] += (figures.get("prompt_tokens_details") or {}).get("cached_tokens") or 0


async def streamed(endpoint: Endpoint, body: dict, seen: Seen) -> None:
    async with Exchange(endpoint) as exchange:
        answer = await exchange.post(json.dumps(body | {"stream": True}).encode())
        if answer.status != 200:
            seen["refused" if answer.status in (429, 503) else "invalid"] += 1
            return
        reason = "failed"
        async for data in answer.events():
            if data == b"[DONE]":
                break
            chunk = json.loads(data)
            for choice in chunk.get("choices") or []:
                reason = choice.get("finish_reason") or reason
            if chunk.get("usage"):
                seen.usage(chunk["usage"])
        seen[reason] += 1


async def whole(endpoint: Endpoint, body: dict, seen: Seen) -> None:
    body = {name: value for name, value in body.items() if name != "stream_options"} | {"stream": False}
    async with Exchange(endpoint) as exchange:
        answer = await exchange.post(json.dumps(body).encode())
        if answer.status != 200:
            seen["refused" if answer.status in (429, 503) else "invalid"] += 1
            return
        completion = json.loads(await answer.body())
        seen.usage(completion["usage"])
        seen[completion["choices"][0]["finish_reason"]] += 1


async def left(endpoint: Endpoint, body: dict, seen: Seen) -> None:
    """A caller that goes when the first text arrives."""
    async with Exchange(endpoint) as exchange:
        answer = await exchange.post(json.dumps(body | {"stream": True}).encode())
        if answer.status != 200:
            seen["refused" if answer.status in (429, 503) else "invalid"] += 1
            return
        async for data in answer.events():
            if b'"content":"' in data.replace(b" ", b"") and b'"content":""' not in data.replace(b" ", b""):
                break
    seen["left"] += 1


async def run(endpoint: Endpoint, question: Question, rounds: int) -> Seen:
    seen, turn = Seen(), asyncio.Semaphore(6)

    async def one(caller, body: dict) -> None:
        async with turn:
            await caller(endpoint, body, seen)

    callers = []
    for number in range(rounds):
        good = json.loads(question.body(number))
        text_only = good | {"messages": [{"role": "user", "content": "What is this?"}]}
        again = json.loads(question.body(0))
        long = good | {"max_tokens": 400, "ignore_eos": True}
        callers += [one(streamed, good), one(whole, good), one(streamed, again), one(left, long), one(streamed, text_only)]
    await asyncio.gather(*callers)
    return seen


def settled(url: str, key: str | None, patience: float = 30) -> dict[str, float]:
    """A scrape when nothing is under way."""
    end = time.monotonic() + patience
    while True:
        now = scrape(url, key)
        if not now["dam_requests_running"] and not now["dam_requests_waiting"]:
            time.sleep(0.3)
            return scrape(url, key)
        if time.monotonic() > end:
            sys.exit("requests are still under way though every caller has left")
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/metrics-check", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1", help="base address (%(default)s)")
    parser.add_argument("--rounds", type=int, default=8, help="of five requests each (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the pictures (the clock)")
    options = parser.parse_args()
    key = os.environ.get("OPENAI_API_KEY")
    url = urlsplit(options.url)._replace(path="/metrics").geturl()
    question = Question("describe_anything_model", "What is it?", 24, drawn(160, 120, options.seed, 0))
    before = settled(url, key)
    seen = asyncio.run(run(Endpoint.of(options.url, key), question, options.rounds))
    after = settled(url, key)

    def grown(name: str) -> int:
        return round(after[name] - before.get(name, 0))

    outcomes = {name: grown(f'dam_requests_total{{outcome="{name}"}}') for name in OUTCOMES}
    checks = {
        "accepted = stop + length + cancelled + failed": (
            grown("dam_requests_accepted_total"),
            sum(outcomes[name] for name in OUTCOMES[:4]),
        ),
        "answers that callers read whole, and of those that left": (
            seen["stop"] + seen["length"] + seen["left"],
            outcomes["stop"] + outcomes["length"] + outcomes["cancelled"],
        ),
        "failed": (seen["failed"], outcomes["failed"]),
        "refused": (seen["refused"], outcomes["refused"]),
        "invalid": (seen["invalid"], outcomes["invalid"]),
    }
    if outcomes["cancelled"] == seen["left"]:  # else some answers ended before their caller was missed: not in sums
        for name in ("prompt", "generation", "cached"):
            checks[f"{name} tokens"] = (seen[name], grown(f"dam_{name}_tokens_total"))
    for name, (expected, found) in checks.items():
        print(f"{'ok  ' if expected == found else 'FAIL'} {name}: {expected} and {found}")
    print(f"seen by the callers: {dict(seen)}; outcomes: {outcomes}")
    return 0 if all(expected == found for expected, found in checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
