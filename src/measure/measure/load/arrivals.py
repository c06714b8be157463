"""When requests are due."""

import random


def poisson(rate: float, requests: int, seed: int) -> list[float]:
    """Due times in seconds of `requests` independent arrivals, `rate` a second on average."""
    chance, moment, moments = random.Random(seed), 0.0, []
    for _ in range(requests):
        moment += chance.expovariate(rate)
        moments.append(moment)
    return moments
