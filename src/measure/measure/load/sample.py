"""What happened to one request. Times are seconds on one monotonic clock, from the start of the level."""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # 429 or 503: the server is full
    FAILED = "failed"  # any other status, an error inside the stream, a cut stream, no connection, a timeout
    UNSENT = "unsent"  # the client had reached its own limit of open requests


@dataclass
class Sample:
    intended: float  # when the request was due; latency counts from here, so that a stalled server's queue shows
    sent: float = 0.0
    events: list[float] = field(default_factory=list)  # arrivals of text
    end: float = 0.0
    outcome: Outcome = Outcome.UNSENT
    status: int = 0  # of HTTP; 0 until an answer begins
    why: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    retry_after: bool = False

    @property
    def first_token(self) -> float:
        """Seconds from the due time to the first text; an answer without text counts to its end."""
        return (self.events[0] if self.events else self.end) - self.intended

    @property
    def latency(self) -> float:
        return self.end - self.intended

    @property
    def late(self) -> float:
        """How far the client itself was behind schedule."""
        return self.sent - self.intended

    @property
    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.events)]

    @property
    def per_token(self) -> float | None:
        """Seconds a token after the first, over the whole answer; None below two tokens."""
        if self.completion_tokens < 2 or len(self.events) < 2:
            return None
        return (self.events[-1] - self.events[0]) / (self.completion_tokens - 1)
