"""The real nginx configuration before two stub servers. Skipped where there is no nginx."""

import asyncio
import sys
import unittest
from pathlib import Path
from subprocess import DEVNULL

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from benchmark.exchange import Endpoint, Exchange  # noqa: E402
from doorcheck.backend import Backend  # noqa: E402
from doorcheck.check import Load, drained, killed, throughput  # noqa: E402
from doorcheck.door import Door, free_port, nginx  # noqa: E402

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

    def test_when_both_are_gone_the_door_says_so_in_the_apis_words(self):
        status, headers, body = asyncio.run(ask([free_port(), free_port()]))
        self.assertEqual((503, "2", "application/json"), (status, headers["retry-after"], headers["content-type"]))
        self.assertIn(b'"error"', body)


async def ask(ports: list[int]):
    with Door(ports) as door:
        async with Exchange(Endpoint.of(door.url)) as exchange:
            answer = await exchange.post(b"{}")
            return answer.status, answer.headers, await answer.body()


if __name__ == "__main__":
    unittest.main()
