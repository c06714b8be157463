"""Tests `measure load` with a server whose timing is known."""

import argparse
import asyncio
import base64
import json
import random
import struct
import tempfile
import unittest
import zlib
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

from stub_server import StubServer, begin, chunk, event, send, status, words

from measure.__main__ import main
from measure.client import Endpoint
from measure.load import command
from measure.load.arrivals import poisson
from measure.load.summary import quantile
from measure.metrics import parse as parse_metrics
from measure.pictures import masked_png


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(["--warm-up", "0", "--size", "32x24", *arguments])


def run(stub: StubServer, *arguments: str) -> dict:
    """Runs the client against the stub and returns its report."""

    async def both() -> dict:
        async with stub:
            return await command.measure(parse("--url", stub.url, *arguments))

    with redirect_stderr(StringIO()):
        return asyncio.run(both())


def level(stub: StubServer, *arguments: str) -> dict:
    return run(stub, *arguments)["levels"][0]


class Counts(unittest.TestCase):
    def reconcile(self, figures: dict) -> None:
        self.assertEqual(
            figures["requests"], sum(figures[name] for name in ("done", "refused", "failed", "unsent")), figures
        )

    def test_every_request_has_one_outcome(self):
        replies = [words(2), status(429, "Retry-After: 1"), status(503), status(400), status(500)]
        turn = iter(range(100))

        async def mixed(request, writer):
            await replies[next(turn) % 5](request, writer)

        figures = level(StubServer(mixed), "--requests", "20", "--concurrency", "3")
        self.reconcile(figures)
        self.assertEqual((4, 8, 8), (figures["done"], figures["refused"], figures["failed"]))
        self.assertEqual(4, figures["refused_with_retry_after"])
        self.assertEqual(4, figures["why"]["status 400: no"])

    def test_a_cut_stream_counts_as_failed(self):
        async def cut(request, writer):
            await begin(writer)
            await send(writer, chunk("half"))

        figures = level(StubServer(cut), "--requests", "2")
        self.assertEqual(2, figures["failed"])
        self.assertIn("stream cut", next(iter(figures["why"])))

    def test_an_end_without_done_counts_as_failed(self):
        async def no_done(request, writer):
            await begin(writer)
            await send(writer, chunk("all", "stop"))
            writer.write(b"0\r\n\r\n")

        self.assertEqual(1, level(StubServer(no_done), "--requests", "1")["failed"])

    def test_an_error_in_the_stream_counts_as_failed(self):
        async def broken(request, writer):
            await begin(writer)
            await send(writer, chunk("half") + event({"error": {"message": "out of memory"}}) + event("[DONE]"))

        figures = level(StubServer(broken), "--requests", "1")
        self.assertEqual({"error in the stream: out of memory": 1}, figures["why"])

    def test_connections_are_reused(self):
        stub = StubServer(words(2), kept=100)
        figures = level(stub, "--requests", "20", "--concurrency", "2")
        self.assertEqual((20, 20, 2), (figures["done"], len(stub.requests), stub.connections))

    def test_refused_requests_keep_their_connections(self):
        stub = StubServer(status(429), kept=100)
        self.assertEqual(20, level(stub, "--requests", "20")["refused"])
        self.assertEqual((20, 1), (len(stub.requests), stub.connections))

    def test_a_connection_closed_while_idle_loses_no_request(self):
        stub = StubServer(words(1), kept=3)
        self.assertEqual(20, level(stub, "--requests", "20")["done"])
        self.assertEqual((20, 7), (len(stub.requests), stub.connections))

    def test_a_request_is_repeated_if_its_idle_connection_closes_first(self):
        turn = iter(range(100))

        async def every_second(request, writer):
            if next(turn) % 2:
                writer.transport.abort()
            else:
                await words(1)(request, writer)

        stub = StubServer(every_second, kept=100)
        self.assertEqual(5, level(stub, "--requests", "5")["done"])
        self.assertEqual((9, 5), (len(stub.requests), stub.connections))

    def test_a_hanging_server_is_a_timeout(self):
        figures = level(StubServer(words(1, before=5)), "--requests", "1", "--timeout", "0.2")
        self.assertEqual({"timeout": 1}, figures["why"])

    def test_refused_connections_are_counted(self):
        with redirect_stderr(StringIO()):
            options = parse("--url", "http://127.0.0.1:9/v1", "--requests", "2")
            figures = asyncio.run(command.measure(options))["levels"][0]
        self.assertEqual(2, figures["failed"])
        self.reconcile(figures)

    def test_requests_beyond_the_clients_limit_are_unsent(self):
        figures = level(StubServer(words(1, before=0.5)), "--requests", "6", "--rates", "500", "--limit", "2")
        self.assertEqual((2, 4), (figures["done"], figures["unsent"]))
        self.reconcile(figures)

    def test_token_counts_come_from_the_server(self):
        figures = level(StubServer(words(5)), "--requests", "3")
        self.assertEqual(
            (600, 15, 15), tuple(figures[n] for n in ("prompt_tokens", "completion_tokens", "text_events"))
        )


class Clocks(unittest.TestCase):
    def test_times_of_first_token_gaps_and_whole_answer(self):
        figures = level(StubServer(words(5, before=0.1, between=0.05)), "--requests", "2")
        self.assertAlmostEqual(0.1, figures["time_to_first_token"]["p50"], delta=0.05)
        self.assertAlmostEqual(0.05, figures["between_events"]["p50"], delta=0.02)
        self.assertAlmostEqual(0.05, figures["per_token"]["p50"], delta=0.02)
        self.assertAlmostEqual(0.3, figures["latency"]["p50"], delta=0.1)

    def test_open_loop_latency_counts_from_the_due_time(self):
        """One answer at a time, 0.1 s each, with faster arrivals: latencies must include the queue."""
        figures = level(StubServer(words(1, before=0.1), at_once=1), "--requests", "8", "--rates", "200")
        self.assertGreater(figures["latency"]["max"], 0.6)
        self.assertEqual(8, figures["done"])

    def test_closed_loop_keeps_its_number_of_callers(self):
        busy, most = 0, 0

        async def watched(request, writer):
            nonlocal busy, most
            busy, most = busy + 1, max(most, busy + 1)
            await words(1, before=0.05)(request, writer)
            busy -= 1

        self.assertEqual(9, level(StubServer(watched), "--requests", "9", "--concurrency", "3")["done"])
        self.assertEqual(3, most)

    def test_goodput_counts_answers_within_the_goals(self):
        turn = iter(range(10))

        async def every_other_is_slow(request, writer):
            await words(1, before=0.4 * (next(turn) % 2))(request, writer)

        figures = level(StubServer(every_other_is_slow), "--requests", "4", "--goal-first", "0.2")
        self.assertEqual((4, 2, 0.5), (figures["done"], figures["good"], figures["goodput_share"]))

    def test_poisson_arrivals_repeat_by_seed_and_keep_their_rate(self):
        moments = poisson(10, 4000, 7)
        self.assertEqual(moments, poisson(10, 4000, 7))
        self.assertNotEqual(moments, poisson(10, 4000, 8))
        self.assertAlmostEqual(400, moments[-1], delta=30)

    def test_quantiles_interpolate_between_ranks(self):
        self.assertEqual(2.5, quantile([1, 2, 3, 4], 0.5))
        self.assertEqual(4, quantile([1, 2, 3, 4], 1))
        self.assertEqual(1, quantile([1], 0.99))


class Requests(unittest.TestCase):
    def test_pictures_differ_in_every_level_unless_distinct_limits_them(self):
        stub = StubServer(words(1))
        run(stub, "--requests", "3", "--concurrency", "1,2")
        urls = [request["messages"][0]["content"][0]["image_url"]["url"] for request in stub.requests]
        self.assertEqual(6, len(set(urls)))
        stub = StubServer(words(1))
        run(stub, "--requests", "3", "--concurrency", "1,2", "--distinct", "1")
        self.assertEqual(1, len({json.dumps(request) for request in stub.requests}))

    def test_extra_fields_and_the_key_are_sent(self):
        stub = StubServer(words(1))
        run(stub, "--requests", "1", "--extra", '{"ignore_eos": true}', "--key-env", "PATH")
        self.assertIs(True, stub.requests[0]["ignore_eos"])
        self.assertIs(True, stub.requests[0]["stream"])
        self.assertIn("Authorization: Bearer ", stub.heads[0])

    def test_a_folders_pictures_are_sent_in_turn(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("b.png", "a.png"):
                (Path(folder) / name).write_bytes(name.encode())
            stub = StubServer(words(1))
            run(stub, "--requests", "3", "--pictures", folder)
        urls = [request["messages"][0]["content"][0]["image_url"]["url"] for request in stub.requests]
        names = [base64.b64decode(url.partition(",")[2]).decode() for url in urls]
        self.assertEqual(["a.png", "b.png", "a.png"], names)

    def test_base_addresses(self):
        self.assertEqual("http://h/v1/chat/completions", Endpoint.of("http://h/v1/").url)
        self.assertEqual("http://h/v1/chat/completions", Endpoint.of("http://h/v1/chat/completions").url)
        with self.assertRaisesRegex(SystemExit, "Not an http"):
            Endpoint.of("ftp://h/v1")

    def test_drawn_pictures_are_masked_pngs(self):
        png = masked_png(64, 48, random.Random(3))
        self.assertEqual((64, 48, 8, 6), struct.unpack(">IIBB", png[16:26]))
        length = struct.unpack(">I", png[33:37])[0]
        rows = zlib.decompress(png[41 : 41 + length])
        alpha = {value for y in range(48) for value in rows[y * 257 + 4 : (y + 1) * 257 : 4]}
        self.assertEqual({0, 255}, alpha)


def curves(file: str) -> int:
    """Counts the curves of a chart."""
    groups = ElementTree.parse(file).getroot().findall(".//{*}g")
    return sum("p50" in name or "p90" in name or "p99" in name for name in (group.get("id", "") for group in groups))


class Reports(unittest.TestCase):
    def test_json_svg_and_markdown_are_written(self):
        async def both(folder: str) -> int:
            async with StubServer(words(3, before=0.01)) as stub:
                arguments = ["--url", stub.url, "--concurrency", "1,2", "--requests", "4", "--size", "16x16"]
                for kind in ("json", "svg", "markdown"):
                    arguments += [f"--{kind}", f"{folder}/run.{kind}"]
                return await asyncio.to_thread(main, ["load", *arguments])

        with tempfile.TemporaryDirectory() as folder, redirect_stderr(StringIO()):
            self.assertEqual(0, asyncio.run(both(folder)))
            report = json.loads(Path(folder, "run.json").read_text())
            self.assertEqual([1, 2], [entry["load"] for entry in report["levels"]])
            self.assertEqual(6, curves(f"{folder}/run.svg"))
            self.assertEqual(4, len(Path(folder, "run.markdown").read_text().splitlines()))
            self.assertEqual(0, main(["chart", f"{folder}/two.svg", f"{folder}/run.json", f"{folder}/run.json"]))
            self.assertEqual(12, curves(f"{folder}/two.svg"))

    def test_metrics_are_parsed_with_labels(self):
        page = '# HELP a b\n# TYPE a counter\na_total{outcome="stop"} 4.0\nb 1.5E7\nc NaN\n'
        figures = parse_metrics(page)
        self.assertEqual((4, 1.5e7), (figures['a_total{outcome="stop"}'], figures["b"]))

    def test_metrics_are_summed_over_models(self):
        page = 'a{model="m",outcome="stop"} 4.0\na{model="n",outcome="stop"} 1.0\nb{model="m"} 2.0\nb{model=""} 3.0\n'
        self.assertEqual({'a{outcome="stop"}': 5, "b": 5}, parse_metrics(page))
