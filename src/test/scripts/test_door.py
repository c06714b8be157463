"""The real nginx configuration before two stub servers. Skipped where there is no nginx."""

import asyncio
import sys
import unittest
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from benchmark.exchange import Endpoint, Exchange  # noqa: E402
from doorcheck.backend import Backend  # noqa: E402
from doorcheck.check import Load, drained, killed, throughput  # noqa: E402
from doorcheck.door import Door, free_port, nginx  # noqa: E402
from stub_server import Reply, StubServer, status, words  # noqa: E402

STUB = f"{sys.executable} {Path(__file__).parent / 'stub_process.py'} --port {{port}}"


@unittest.skipUnless(nginx(), "nginx is not installed")
class DoorTest(unittest.TestCase):
    def setUp(self):
        self.servers = [Backend(STUB, DEVNULL), Backend(STUB, DEVNULL)]
        for server in self.servers:
            self.addCleanup(server.stop)
            server.start()

    def test_two_servers_answer_more_than_one(self):
        self.assertGreater(throughput(Load(32, 8, 20, 20), *self.servers, rounds=1)["ratio"], 1.4)

    def test_when_one_is_killed_only_begun_streams_are_cut(self):
        report = killed(Load(60, 8, 20, 20), *self.servers, after=0.5)
        self.assertTrue(report["ok"], report)
        self.assertGreater(report["cut_visibly"], 0, report)

    def test_when_one_drains_nothing_is_lost(self):
        report = drained(Load(60, 8, 20, 20), *self.servers, after=0.5)
        self.assertTrue(report["ok"], report)

    def test_a_full_or_draining_one_is_passed_over(self):
        for refusal in (429, 503):
            answers = asyncio.run(asked(10, status(refusal, "Retry-After: 7"), words(3)))
            self.assertEqual([200] * 10, [answer[0] for answer in answers])

    def test_when_both_are_full_the_caller_is_told_when_to_come_again(self):
        answers = asyncio.run(asked(3, *[status(429, "Retry-After: 7")] * 2))
        self.assertEqual([(429, "7")] * 3, [(code, headers["retry-after"]) for code, headers, _ in answers])

    def test_metrics_are_kept_behind_the_door_however_they_are_spelt(self):
        with Door([server.port for server in self.servers]) as door:
            for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/v1/../metrics/"):
                connection = HTTPConnection(urlsplit(door.url).netloc)
                connection.request("GET", path)
                answer = connection.getresponse()
                self.assertEqual(404, answer.status, path)
                self.assertIn(b"nginx", answer.read(), path)
                connection.close()

    def test_when_both_are_gone_the_door_says_so_in_the_apis_words(self):
        code, headers, body = asyncio.run(through([free_port(), free_port()], 1))[0]
        self.assertEqual((503, "2", "application/json"), (code, headers["retry-after"], headers["content-type"]))
        self.assertIn(b'"error"', body)


async def asked(times: int, first: Reply, second: Reply):
    """The answers of a door before two servers that reply so."""
    async with StubServer(first) as one, StubServer(second) as two:
        return await through([Endpoint.of(stub.url).port for stub in (one, two)], times)


async def through(ports: list[int], times: int):
    with Door(ports) as door:
        return [await ask(door.url) for _ in range(times)]


async def ask(url: str):
    async with Exchange(Endpoint.of(url)) as exchange:
        answer = await exchange.post(b"{}")
        return answer.status, answer.headers, await answer.body()


if __name__ == "__main__":
    unittest.main()
