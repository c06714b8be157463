"""Measures goodput and refusals at 2 and 5 times the peak throughput, in an open loop.

The speed of a shared machine drifts, so the peak is measured before and after each flood, and goodput is a share of
their mean. The two floods alternate; the result is the median of their turns.

Pictures repeat, so run the server with `--region-cache 0`. Requests that wait for the same picture share one encoding,
so there are enough pictures that none repeats among running requests. They are small, since the client shares the
machine.
"""

import asyncio
import sys
from collections import Counter
from itertools import cycle, islice, product
from statistics import median
from typing import Any

from ..load.arrivals import poisson
from ..load.loops import closed_loop, open_loop
from ..load.sample import Outcome, Sample
from ..load.summary import spread
from .health import Health
from .target import Options, Report, Target, bodies

PICTURES = 2000
OUTCOMES = ("stop", "length", "cancelled", "failed")


def overload(target: Target, options: Options) -> Report:
    asyncio.run(closed_loop(target.endpoint, bodies(options.warm_up, 1, options.max_tokens), 4, 60))
    pool = bodies(PICTURES, 7, options.max_tokens, options.size)
    peaks = warmed_up(target, options, pool)[-1:]
    levels: dict[int, list[Report]] = {2: [], 5: []}
    for turn, (factor, turns) in product(range(options.turns), levels.items()):
        level = flood(target, options, pool, peaks[-1] * factor, 10 * turn + factor)
        peaks.append(capacity(target, options, pool))
        level["goodput_of_peak"] = round(level["done_per_second"] / (sum(peaks[-2:]) / 2), 3)
        turns.append(level)
        print(f"{factor} times: {level['goodput_of_peak']} of the peak", file=sys.stderr)
    ok = {}
    for (factor, turns), share in zip(levels.items(), (0.95, 0.90), strict=True):
        goodput = median(level["goodput_of_peak"] for level in turns)
        ok[f"{factor}x: goodput at least {share} of peak"] = goodput >= share
        ok[f"{factor}x: every refusal has Retry-After"] = all(
            level["refused"] == level["refused_with_retry_after"] > 0 for level in turns
        )
        ok[f"{factor}x: refusals within 100 ms at p99"] = all(level["refusal"]["p99"] <= 0.1 for level in turns)
        ok[f"{factor}x: accepted = done + failed + cancelled"] = all(level["reconciled"] for level in turns)
        ok[f"{factor}x: nothing failed"] = all(level["failed"] == 0 for level in turns)
    return {
        "levels": {f"{factor}x": turns for factor, turns in levels.items()},
        "capacities_per_second": [round(peak, 2) for peak in peaks],
        "ok": ok,
    }


def warmed_up(target: Target, options: Options, pool: list[bytes]) -> list[float]:
    """Measures peaks, with a flood between each, until they rise by less than 3 %: Java's compiler takes minutes."""
    peaks = [capacity(target, options, pool)]
    for _ in range(5):
        flood(target, options, pool, 2 * peaks[-1], 1)
        peaks.append(capacity(target, options, pool))
        if peaks[-1] < 1.03 * peaks[-2]:
            break
    return peaks


def capacity(target: Target, options: Options, pool: list[bytes]) -> float:
    """Measures requests a second with enough callers to fill the slots and part of the queue, while polling /health."""
    samples: list[Sample] = []
    seconds = min(options.seconds, 30)

    async def run() -> None:
        task = asyncio.create_task(closed_loop(target.endpoint, cycle(pool), options.callers, 60, samples))
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with Health(target.port):
        asyncio.run(run())
    ends = sorted(sample.end for sample in samples if sample.outcome is Outcome.DONE)
    # Skip the first third, while the slots fill.
    counted = [end for end in ends if end > seconds / 3]
    return rate_of(counted)


def rate_of(ends: list[float]) -> float:
    """Returns completions a second between the first and the last."""
    return (len(ends) - 1) / (ends[-1] - ends[0])


def thirds(done: list[float], seconds: float) -> list[float]:
    """Returns requests a second in each third of a flood."""
    return [round(sum(k * seconds <= 3 * end < (k + 1) * seconds for end in done) * 3 / seconds, 2) for k in range(3)]


def flood(target: Target, options: Options, pool: list[bytes], rate: float, seed: int) -> dict[str, Any]:
    before = target.settled()
    number = int(rate * options.seconds)
    ready = list(islice(cycle(pool), number))
    with Health(target.port) as health:
        samples = asyncio.run(open_loop(target.endpoint, ready, poisson(rate, number, seed), 120, 4000))
    after = target.settled()
    counts = Counter(sample.outcome for sample in samples)
    done = sorted(sample.end for sample in samples if sample.outcome is Outcome.DONE)
    within = [end for end in done if options.seconds / 6 < end <= options.seconds]
    refused = [sample for sample in samples if sample.outcome is Outcome.REFUSED]

    def grown(name: str) -> int:
        return round(after[name] - before.get(name, 0))

    ended = {name: grown(f'dam_requests_total{{outcome="{name}"}}') for name in OUTCOMES}
    accepted = grown("dam_requests_accepted_total")
    return {
        "offered_per_second": round(rate, 2),
        "requests": len(samples),
        **{outcome.value: counts[outcome] for outcome in Outcome},
        "why": dict(Counter(sample.why for sample in samples if sample.outcome is Outcome.FAILED)),
        "done_per_second": round(rate_of(within), 3),
        "done_per_second_by_third": thirds(done, options.seconds),
        "refused_with_retry_after": sum(sample.retry_after for sample in refused),
        "refusal": spread(sample.end - sample.sent for sample in refused),
        "latency": spread(sample.latency for sample in samples if sample.outcome is Outcome.DONE),
        "health": spread(health.seconds),
        "client_late": spread(sample.late for sample in samples if sample.outcome is not Outcome.UNSENT),
        "accepted": accepted,
        "ended": ended,
        "reconciled": accepted == sum(ended.values()) and counts[Outcome.DONE] == ended["stop"] + ended["length"],
    }
