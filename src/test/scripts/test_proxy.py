"""Tests the configuration of docker/nginx with two stub servers. Skipped without nginx."""

import asyncio
import sys
import unittest
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL
from urllib.parse import urlsplit

from stub_server import Reply, StubServer, status, words

from measure.client import Client, Endpoint
from measure.proxy.check import Load, drained, killed, throughput
from measure.proxy.nginx import Proxy, nginx
from measure.server import ServerProcess, free_port

STUB = f"{sys.executable} {Path(__file__).parent / 'stub_process.py'} --port {{port}}"


@unittest.skipUnless(nginx(), "nginx is not installed")
class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.first, self.second = ServerProcess(STUB, DEVNULL), ServerProcess(STUB, DEVNULL)
        for server in (self.first, self.second):
            self.addCleanup(server.stop)
            server.start()

    def test_two_servers_have_more_throughput_than_one(self):
        self.assertGreater(throughput(Load(32, 8, 20, 20), self.first, self.second, rounds=1)["ratio"], 1.4)

    def test_when_one_is_killed_only_its_streams_are_cut(self):
        report = killed(Load(60, 8, 20, 20), self.first, self.second, after=0.5)
        self.assertTrue(report["ok"], report)
        self.assertGreater(report["cut_visibly"], 0, report)

    def test_draining_a_server_loses_nothing(self):
        report = drained(Load(60, 8, 20, 20), self.first, self.second, after=0.5)
        self.assertTrue(report["ok"], report)

    def test_a_full_or_draining_server_is_skipped(self):
        for refusal in (429, 503):
            answers = asyncio.run(asked(10, status(refusal, "Retry-After: 7"), words(3)))
            self.assertEqual([200] * 10, [answer[0] for answer in answers])

    def test_if_both_are_full_the_response_has_retry_after(self):
        answers = asyncio.run(asked(3, *[status(429, "Retry-After: 7")] * 2))
        self.assertEqual([(429, "7")] * 3, [(code, headers["retry-after"]) for code, headers, _ in answers])

    def test_metrics_are_not_public_however_the_path_is_spelt(self):
        with Proxy([self.first.port, self.second.port]) as proxy:
            for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/v1/../metrics/"):
                connection = HTTPConnection(urlsplit(proxy.url).netloc)
                connection.request("GET", path)
                answer = connection.getresponse()
                self.assertEqual(404, answer.status, path)
                self.assertIn(b"nginx", answer.read(), path)
                connection.close()

    def test_if_both_are_down_the_error_is_in_openais_form(self):
        code, headers, body = asyncio.run(through([free_port(), free_port()], 1))[0]
        self.assertEqual((503, "2", "application/json"), (code, headers["retry-after"], headers["content-type"]))
        self.assertIn(b'"error"', body)


async def asked(times: int, first: Reply, second: Reply):
    """Returns the responses of a proxy for two servers with these replies."""
    async with StubServer(first) as one, StubServer(second) as two:
        return await through([urlsplit(stub.url).port or 0 for stub in (one, two)], times)


async def through(ports: list[int], times: int):
    with Proxy(ports) as proxy:
        return [await ask(proxy.url) for _ in range(times)]


async def ask(url: str):
    async with Client(Endpoint.of(url)) as client, client.post(b"{}") as answer:
        return answer.status, answer.headers, await answer.body()
