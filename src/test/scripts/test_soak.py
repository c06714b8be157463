"""When a soak begins to count, and what it calls a leak. Run: python3 -m unittest discover -s src/test/scripts"""

import sys
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts")]

from benchmark.soak import warmed_up  # noqa: E402


class Server:
    """Whose memory after each request is a function of their number."""

    def __init__(self, resident) -> None:
        self._resident, self.sent = resident, 0

    def round_of(self, number: int) -> None:
        self.sent += number

    def resident(self) -> float:
        return self._resident(self.sent)


class SoakTest(unittest.TestCase):
    def warm_up(self, resident, most: int = 10_000) -> tuple[int, float]:
        server = Server(resident)
        with redirect_stdout(StringIO()):
            sent, now = warmed_up(server.round_of, server.resident, most)
        self.assertEqual(sent, server.sent)
        return sent, now

    def test_a_cache_that_fills_is_waited_for(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: 500 + min(sent, 4000) / 10), (5000, 900))

    def test_flat_memory_is_seen_after_two_rounds(self) -> None:
        self.assertEqual(self.warm_up(lambda _: 500), (2000, 500))

    def test_a_leak_lets_it_go_on_to_the_end(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: 500 + sent / 20), (10_000, 1000))

    def test_no_more_is_sent_than_asked_for(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: sent, 2500), (2500, 2500))


if __name__ == "__main__":
    unittest.main()
