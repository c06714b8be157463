"""Summarises samples. Latencies are of complete answers only; counts are of all requests."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .sample import Outcome, Sample

QUANTILES = (0.5, 0.9, 0.99)


def quantile(values: Sequence[float], share: float) -> float:
    """Interpolates linearly between the two nearest ranks. `values` must be sorted and not empty."""
    rank = share * (len(values) - 1)
    low = int(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (rank - low)


def spread(values: Iterable[float]) -> dict[str, Any] | None:
    """Returns mean, p50, p90, p99 and maximum in seconds; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    figures = {f"p{round(share * 100)}": round(quantile(ordered, share), 6) for share in QUANTILES}
    return {
        "count": len(ordered),
        "mean": round(sum(ordered) / len(ordered), 6),
        **figures,
        "max": round(ordered[-1], 6),
    }


def summarise(samples: Sequence[Sample], goal_first: float, goal_latency: float) -> dict[str, Any]:
    done = [sample for sample in samples if sample.outcome is Outcome.DONE]
    counts = Counter(sample.outcome for sample in samples)
    begin = min((sample.intended for sample in samples), default=0.0)
    seconds = max((sample.end for sample in samples), default=0.0) - begin
    rate = 1 / seconds if seconds > 0 else 0.0
    tokens = sum(sample.completion_tokens for sample in done)
    good = sum(sample.first_token <= goal_first and sample.latency <= goal_latency for sample in done)
    return {
        "requests": len(samples),
        **{outcome.value: counts[outcome] for outcome in Outcome},
        "why": dict(Counter(sample.why for sample in samples if sample.why).most_common(12)),
        "refused_with_retry_after": sum(s.outcome is Outcome.REFUSED and s.retry_after for s in samples),
        "seconds": round(seconds, 4),
        "requests_per_second": round(len(done) * rate, 4),
        "captions_per_minute": round(len(done) * rate * 60, 3),
        "prompt_tokens": sum(sample.prompt_tokens for sample in done),
        "cached_tokens": sum(sample.cached_tokens for sample in done),
        "completion_tokens": tokens,
        "tokens_per_second": round(tokens * rate, 3),
        "text_events": sum(len(sample.events) for sample in done),
        "good": good,
        "goodput_per_second": round(good * rate, 4),
        "goodput_share": round(good / len(samples), 4) if samples else 0.0,
        "time_to_first_token": spread(sample.first_token for sample in done),
        "between_events": spread(gap for sample in done for gap in sample.gaps),
        "per_token": spread(sample.per_token for sample in done if sample.per_token is not None),
        "latency": spread(sample.latency for sample in done),
        "refusal": spread(s.end - s.sent for s in samples if s.outcome is Outcome.REFUSED),
        "client_late": spread(sample.late for sample in samples if sample.outcome is not Outcome.UNSENT),
    }
