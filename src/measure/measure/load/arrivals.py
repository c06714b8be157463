"""Arrival times of requests."""

import random


def poisson(rate: float, requests: int, seed: int) -> list[float]:
    """Returns the arrival times, in seconds, of a Poisson process with `rate` arrivals a second."""
    chance, moment, moments = random.Random(seed), 0.0, []
    for _ in range(requests):
        moment += chance.expovariate(rate)
        moments.append(moment)
    return moments
