"""Tests `measure regions` with a server whose timing is known."""

import argparse
import asyncio
import json
import unittest
from contextlib import redirect_stdout
from io import StringIO

from stub_server import StubServer

from measure.regions import boxes, measure


def answers(seconds: float, text=lambda box, alone: str(box)):
    """Answers with a choice for each region, always after the same time."""

    async def reply(request, writer):
        await asyncio.sleep(seconds)
        regions = request["regions"]
        choices = [{"message": {"content": text(region["box"], len(regions) == 1)}} for region in regions]
        body = json.dumps({"choices": choices}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    return reply


def run(stub: StubServer, goal: float) -> tuple[int, str]:
    async def both() -> int:
        async with stub:
            options = {"url": stub.url, "model": "m", "key_env": "NONE", "question": "?", "max_tokens": 9, "goal": goal}
            return await measure(argparse.Namespace(**options, regions=4, size=(80, 60), rounds=2))

    out = StringIO()
    with redirect_stdout(out):
        status = asyncio.run(both())
    return status, out.getvalue()


class RegionsTest(unittest.TestCase):
    def test_one_request_for_four_regions_takes_a_quarter(self):
        stub = StubServer(answers(0.1))
        status, said = run(stub, 0.5)
        self.assertEqual(0, status, said)
        self.assertRegex(said, r"takes 0\.2\d of the time of 4; the texts are equal")
        pictures = {request["messages"][0]["content"][0]["image_url"]["url"] for request in stub.requests}
        self.assertEqual(5, len(pictures), "one for the warm-up and two per round, so that no region is cached")

    def test_fails_if_the_goal_is_missed_or_texts_differ(self):
        self.assertEqual(1, run(StubServer(answers(0.05)), 0.1)[0])
        status, said = run(StubServer(answers(0.05, lambda box, alone: f"{box} {alone}")), 0.5)
        self.assertEqual(1, status)
        self.assertIn("DIFFERENT", said)

    def test_boxes_are_inside_the_picture_and_do_not_overlap(self):
        things = boxes(1280, 960, 16)
        self.assertEqual(16, len(set(things)))
        for left, top, right, bottom in things:
            self.assertTrue(0 <= left < right <= 1280 and 0 <= top < bottom <= 960)
