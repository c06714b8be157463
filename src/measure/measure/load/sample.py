"""The outcome and times of one request. Times are in seconds from the start of the level."""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # 429 or 503
    FAILED = "failed"  # any other status, an error inside the stream, a cut stream, no connection, a timeout
    UNSENT = "unsent"  # the client had reached its limit of open requests


@dataclass
class Sample:
    intended: float  # when the request was due; latency counts from here, to include waiting for a stalled server
    sent: float = 0.0
    events: list[float] = field(default_factory=list)  # arrival times of text
    end: float = 0.0
    outcome: Outcome = Outcome.UNSENT
    status: int = 0  # HTTP status; 0 until an answer begins
    why: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    retry_after: bool = False

    @property
    def first_token(self) -> float:
        """Seconds from the due time to the first text, or to the end of an answer without text."""
        return (self.events[0] if self.events else self.end) - self.intended

    @property
    def latency(self) -> float:
        return self.end - self.intended

    @property
    def late(self) -> float:
        """Seconds that the client was behind schedule."""
        return self.sent - self.intended

    @property
    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.events)]

    @property
    def per_token(self) -> float | None:
        """Seconds for each token after the first; None for fewer than two tokens."""
        if self.completion_tokens < 2 or len(self.events) < 2:
            return None
        return (self.events[-1] - self.events[0]) / (self.completion_tokens - 1)
