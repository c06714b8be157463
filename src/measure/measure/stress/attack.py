"""Measures good requests with and without an attack, in turns."""

import asyncio
import signal
import subprocess
import sys
import time
from typing import Any

from ..load.arrivals import poisson
from ..load.loops import closed_loop, open_loop
from ..load.sample import Outcome, Sample
from ..load.summary import spread
from .health import Health
from .target import Options, Report, Target, bodies


def attack(target: Target, options: Options) -> Report:
    asyncio.run(closed_loop(target.endpoint, bodies(options.warm_up, 1, options.max_tokens), 2, 60))
    good = bodies(1, 2, options.max_tokens)[0]
    text = target.text(good)
    resident = target.resident()
    alone, under = Turn(target, options), Turn(target, options)
    for turn in range(options.turns):
        alone.run(10 + turn)
        attacker = subprocess.Popen(
            [sys.executable, "-m", "measure.stress.attacker", str(target.port), str(options.slow), str(options.pace)]
        )
        try:
            time.sleep(options.settle)
            under.run(100 + turn)
        finally:
            attacker.send_signal(signal.SIGKILL)
            attacker.wait()
        time.sleep(1)
    ratio = under.figures()["latency"]["p99"] / alone.figures()["latency"]["p99"]
    report: Report = {
        "alone": alone.figures(),
        "attacked": under.figures(),
        "p99_ratio": round(ratio, 3),
        "connections_held": 3 * options.slow,
        "same_text_after": target.text(good) == text,
        "resident_mib_grown": (target.resident() - resident) >> 20,
    }
    report["ok"] = {
        "p99 at most 1.25 times alone": ratio <= 1.25,
        "health within 100 ms": under.figures()["health"]["max"] <= 0.1,
        "all good requests answered": under.figures()["done"] == under.figures()["requests"],
        "the same text after": report["same_text_after"],
    }
    return report


class Turn:
    """The samples of several turns, all with or all without the attack."""

    def __init__(self, target: Target, options: Options):
        self._target, self._options = target, options
        self._samples: list[Sample] = []
        self._health: list[float] = []
        self._failures = 0

    def run(self, seed: int) -> None:
        options = self._options
        requests = int(options.rate * options.seconds)
        ready = bodies(requests, seed, options.max_tokens)
        # The same arrivals with and without the attack.
        due = poisson(options.rate, requests, seed % 10)
        with Health(self._target.port) as health:
            self._samples += asyncio.run(open_loop(self._target.endpoint, ready, due, 60, 1000))
        self._health += health.seconds
        self._failures += health.failures

    def figures(self) -> dict[str, Any]:
        done = [sample for sample in self._samples if sample.outcome is Outcome.DONE]
        return {
            "requests": len(self._samples),
            "done": len(done),
            "latency": spread(sample.latency for sample in done),
            "health": spread(self._health),
            "health_failures": self._failures,
        }
