"""The schedule of a run: the kind of each step and the learning rate, from the share of the time that is spent."""

from __future__ import annotations

import math

FLAT = 0.4
"""Share of the time before the learning rate falls."""
WARM_UP = 60
"""Steps in which the rate rises."""
LOOKS_UNTIL = 0.1
"""Share of the time for looks alone, in a run from nothing."""
LOOKS_WITH_TEXT_UNTIL = 0.75
"""Share of the time until which looks alternate with steps of the whole model."""
CYCLE = ("text", "look", "text", "look", "long", "look", "text", "look", "clip", "look")
"""The kinds of steps, in turn."""
CLIPS_FROM = 0.3
"""Share of the time before the first clip, in a run from nothing."""
WORDS_CYCLE = ("text", "text", "text", "long", "text", "text", "text", "text", "clip")
"""The same with frozen encoders."""


def rate(progress: float, step: int) -> float:
    """The share of the full learning rate: a short rise, a flat stretch, half a cosine down to 2 %."""
    fall = min(1.0, max(0.0, (progress - FLAT) / (1 - FLAT)))
    return min(1.0, (step + 1) / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))


def kind(progress: float, step: int, words: bool, from_weights: bool) -> str:
    """The kind of a step; `words` freezes the encoders, `from_weights` says that the run started from other weights."""
    if words:
        return WORDS_CYCLE[step % len(WORDS_CYCLE)]
    chosen = CYCLE[step % len(CYCLE)]
    if not from_weights and progress < LOOKS_UNTIL:
        return "look"
    if chosen == "look" and progress >= LOOKS_WITH_TEXT_UNTIL:
        return "text"
    if chosen == "clip" and not from_weights and progress < CLIPS_FROM:
        return "text"
    return chosen
