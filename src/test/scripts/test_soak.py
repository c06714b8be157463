"""Tests when `measure soak` starts to measure, and what counts as a leak."""

import unittest
from contextlib import redirect_stdout
from io import StringIO

from measure.soak import warmed_up


class Server:
    """A server whose memory is a function of the number of requests."""

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

    def test_warm_up_lasts_until_the_cache_is_full(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: 500 + min(sent, 4000) / 10), (5000, 900))

    def test_flat_memory_ends_warm_up_after_two_rounds(self) -> None:
        self.assertEqual(self.warm_up(lambda _: 500), (2000, 500))

    def test_a_leak_uses_up_all_warm_up_requests(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: 500 + sent / 20), (10_000, 1000))

    def test_warm_up_sends_at_most_the_given_number(self) -> None:
        self.assertEqual(self.warm_up(lambda sent: sent, 2500), (2500, 2500))
