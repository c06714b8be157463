"""`scripts/measure metrics`: sends good, bad and cancelled requests to a running server, and checks its /metrics."""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from . import arguments
from .client import Answer, Client, Endpoint
from .metrics import settled
from .pictures import drawn
from .question import Question

OUTCOMES = ("stop", "length", "cancelled", "failed", "refused", "invalid")

Body = dict[str, Any]


class Tally(Counter[str]):
    """Counts what clients see: outcomes and sums of `usage`."""

    def add_usage(self, figures: dict[str, Any]) -> None:
        self["prompt"] += figures["prompt_tokens"]
        self["generation"] += figures["completion_tokens"]
        self["cached"] += (figures.get("prompt_tokens_details") or {}).get("cached_tokens") or 0

    def add_refusal(self, answer: Answer) -> bool:
        """Counts the answer if it is an error. Returns whether it is."""
        if answer.status != 200:
            self["refused" if answer.status in (429, 503) else "invalid"] += 1
        return answer.status != 200


Caller = Callable[[Client, Any, Tally], Awaitable[None]]


async def streamed(client: Client, body: Body, tally: Tally) -> None:
    async with client.post(json.dumps(body | {"stream": True}).encode()) as answer:
        if tally.add_refusal(answer):
            return
        reason = "failed"
        async for data in answer.events():
            if data == b"[DONE]":
                continue
            chunk = json.loads(data)
            for choice in chunk.get("choices") or []:
                reason = choice.get("finish_reason") or reason
            if chunk.get("usage"):
                tally.add_usage(chunk["usage"])
        tally[reason] += 1


async def whole(client: Client, body: Body, tally: Tally) -> None:
    body = {name: value for name, value in body.items() if name != "stream_options"} | {"stream": False}
    async with client.post(json.dumps(body).encode()) as answer:
        if tally.add_refusal(answer):
            return
        completion = json.loads(await answer.body())
        tally.add_usage(completion["usage"])
        tally[completion["choices"][0]["finish_reason"]] += 1


async def disconnecting(client: Client, body: Body, tally: Tally) -> None:
    """Closes the connection when the first text arrives."""
    async with client.post(json.dumps(body | {"stream": True}).encode()) as answer:
        if tally.add_refusal(answer):
            return
        async for data in answer.events():
            if b'"content":"' in data.replace(b" ", b"") and b'"content":""' not in data.replace(b" ", b""):
                break
    tally["disconnected"] += 1


async def send(endpoint: Endpoint, question: Question, rounds: int) -> Tally:
    tally, turn = Tally(), asyncio.Semaphore(6)
    async with Client(endpoint) as client:

        async def one(caller: Caller, body: Body) -> None:
            async with turn:
                await caller(client, body, tally)

        calls = []
        for number in range(rounds):
            good = json.loads(question.body(number))
            text_only = good | {"messages": [{"role": "user", "content": "What is this?"}]}
            again = json.loads(question.body(0))
            long = good | {"max_tokens": 400, "ignore_eos": True}
            calls += [one(streamed, good), one(whole, good), one(streamed, again)]
            calls += [one(disconnecting, long), one(streamed, text_only)]
        await asyncio.gather(*calls)
    return tally


def add_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.add_server(parser)
    parser.add_argument("--rounds", type=int, default=8, help="rounds of five requests (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="seed of the pictures (the current time)")


def run(options: argparse.Namespace) -> int:
    key = arguments.api_key(options)
    url = urlsplit(options.url)._replace(path="/metrics").geturl()
    question = Question(options.model, "What is it?", 24, drawn(160, 120, options.seed, 0))
    before = settled(url, key)
    tally = asyncio.run(send(Endpoint.of(options.url, key), question, options.rounds))
    after = settled(url, key)

    def grown(name: str) -> int:
        return round(after[name] - before.get(name, 0))

    outcomes = {name: grown(f'dam_requests_total{{outcome="{name}"}}') for name in OUTCOMES}
    checks = {
        "accepted = stop + length + cancelled + failed": (
            grown("dam_requests_accepted_total"),
            sum(outcomes[name] for name in OUTCOMES[:4]),
        ),
        "complete and disconnected answers": (
            tally["stop"] + tally["length"] + tally["disconnected"],
            outcomes["stop"] + outcomes["length"] + outcomes["cancelled"],
        ),
        "failed": (tally["failed"], outcomes["failed"]),
        "refused": (tally["refused"], outcomes["refused"]),
        "invalid": (tally["invalid"], outcomes["invalid"]),
    }
    # Otherwise some answers ended before the server noticed the disconnect, and clients cannot know their token counts.
    if outcomes["cancelled"] == tally["disconnected"]:
        for name in ("prompt", "generation", "cached"):
            checks[f"{name} tokens"] = (tally[name], grown(f"dam_{name}_tokens_total"))
    for name, (expected, found) in checks.items():
        print(f"{'ok  ' if expected == found else 'FAIL'} {name}: {expected} and {found}")
    print(f"clients saw: {dict(tally)}; outcomes: {outcomes}")
    return 0 if all(expected == found for expected, found in checks.values()) else 1
