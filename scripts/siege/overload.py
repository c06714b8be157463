"""Peak throughput, then 2 and 5 times as many requests as that, open loop: what is still done, and how the rest is refused.

The peak is taken before and after each flood, and their mean is what a flood is held against: machines that are shared
do not stay as fast as they were. Both floods come in turns, and the median of a flood's turns counts.

The same pictures come again and again, so the server has to run with `--region-cache 0`. There are enough of them that
none comes again while it may still be under way, since what is asked twice at once is encoded once; they are small, since
this client shares the machine with the server.
"""

import asyncio
import sys
from collections import Counter
from itertools import cycle, islice, product
from statistics import median

from benchmark.arrivals import poisson
from benchmark.load import closed_loop, open_loop
from benchmark.sample import Outcome
from benchmark.summary import spread

from .health import Health
from .target import Target, bodies

PICTURES = 2000
OUTCOMES = ("stop", "length", "cancelled", "failed")


def overload(target: Target, options) -> dict:
    asyncio.run(closed_loop(target.endpoint, bodies(options.warm_up, 1, options.max_tokens), 4, 60))
    pool = bodies(PICTURES, 7, options.max_tokens, options.size)
    peaks = warmed_up(target, options, pool)[-1:]
    levels: dict[int, list[dict]] = {2: [], 5: []}
    for turn, (factor, turns) in product(range(options.turns), levels.items()):
        level = flood(target, options, pool, peaks[-1] * factor, 10 * turn + factor)
        peaks.append(capacity(target, options, pool))
        level["goodput_of_peak"] = round(level["done_per_second"] / (sum(peaks[-2:]) / 2), 3)
        turns.append(level)
        print(f"{factor} times: {level['goodput_of_peak']} of the peak", file=sys.stderr)
    ok = {}
    for (factor, turns), share in zip(levels.items(), (0.95, 0.90)):
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
        "capacities_per_second": [round(it, 2) for it in peaks],
        "ok": ok,
    }


def warmed_up(target: Target, options, pool: list[bytes]) -> list[float]:
    """Peaks until one is hardly above the one before, a flood between each: Java compiles for minutes, as code is used."""
    peaks = [capacity(target, options, pool)]
    for _ in range(5):
        flood(target, options, pool, 2 * peaks[-1], 1)
        peaks.append(capacity(target, options, pool))
        if peaks[-1] < 1.03 * peaks[-2]:
            break
    return peaks


def capacity(target: Target, options, pool: list[bytes]) -> float:
    """Requests a second with as many callers as keep the slots and a few places of the queue full, /health asked as in a flood."""
    samples, seconds = [], min(options.seconds, 30)

    async def run() -> None:
        task = asyncio.create_task(closed_loop(target.endpoint, cycle(pool), options.callers, 60, samples))
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with Health(target.port):
        asyncio.run(run())
    ends = sorted(it.end for it in samples if it.outcome is Outcome.DONE)
    # Rates are taken from the first third on, when the slots are full.
    counted = [end for end in ends if end > seconds / 3]
    return (len(counted) - 1) / (counted[-1] - counted[0])


def thirds(done: list[float], seconds: float) -> list[float]:
    """Requests a second in each third of a flood."""
    return [round(sum(k * seconds <= 3 * end < (k + 1) * seconds for end in done) * 3 / seconds, 2) for k in range(3)]


def flood(target: Target, options, pool: list[bytes], rate: float, factor: int) -> dict:
    before = target.settled()
    number = int(rate * options.seconds)
    ready = list(islice(cycle(pool), number))
    with Health(target.port) as health:
        samples = asyncio.run(open_loop(target.endpoint, ready, poisson(rate, number, factor), 120, 4000))
    after = target.settled()
    counts = Counter(it.outcome for it in samples)
    done = sorted(it.end for it in samples if it.outcome is Outcome.DONE)
    within = [end for end in done if options.seconds / 6 < end <= options.seconds]
    refused = [it for it in samples if it.outcome is Outcome.REFUSED]

    def grown(name: str) -> int:
        return round(after[name] - before.get(name, 0))

    ended = {name: grown(f'dam_requests_total{{outcome="{name}"}}') for name in OUTCOMES}
    accepted = grown("dam_requests_accepted_total")
    return {
        "offered_per_second": round(rate, 2),
        "requests": len(samples),
        **{outcome.value: counts[outcome] for outcome in Outcome},
        "why": dict(Counter(it.why for it in samples if it.outcome is Outcome.FAILED)),
        "done_per_second": round((len(within) - 1) / (within[-1] - within[0]), 3),
        "done_per_second_by_third": thirds(done, options.seconds),
        "refused_with_retry_after": sum(it.retry_after for it in refused),
        "refusal": spread(it.end - it.sent for it in refused),
        "latency": spread(it.latency for it in samples if it.outcome is Outcome.DONE),
        "health": spread(health.seconds),
        "client_late": spread(it.late for it in samples if it.outcome is not Outcome.UNSENT),
        "accepted": accepted,
        "ended": ended,
        "reconciled": accepted == sum(ended.values()) and counts[Outcome.DONE] == ended["stop"] + ended["length"],
    }
