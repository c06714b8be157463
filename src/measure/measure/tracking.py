"""`scripts/measure tracking`: times how the segmenter of a running server follows a thing through a video."""

import argparse
import asyncio
import json
import time
from urllib.parse import urlsplit

from . import arguments, png
from .client import Client, Endpoint
from .metrics import scrape
from .pictures import data_url
from .regions import Box, picture

EPILOG = """Sends frames in which an ellipse moves, boxed on the first, and reads the times from /metrics."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.add_server(parser)
    parser.add_argument("--frames", type=int, default=16, metavar="N", help="frames of the video (%(default)s)")
    parser.add_argument("--size", type=arguments.size, default=(640, 480), metavar="WxH", help="their size (640x480)")


def run(options: argparse.Namespace) -> int:
    return asyncio.run(measure(options))


def thing(width: int, height: int, share: float) -> Box:
    """Returns the box of the ellipse when it has gone this share of its way."""
    left = round(width * (0.1 + 0.5 * share))
    return left, height // 3, left + width // 4, height * 2 // 3


async def measure(options: argparse.Namespace) -> int:
    width, height = options.size
    things = [thing(width, height, i / options.frames) for i in range(options.frames)]
    run_of = str(time.time_ns())
    pictures = [png.encode(width, height, png.RGB, picture(width, height, [it]), run_of, level=6) for it in things]
    frames = [data_url(it, "image/png") for it in pictures]
    body = {"frames": frames, "prompts": [{"box": things[0]}], "stream": True}
    key = arguments.api_key(options)
    address = urlsplit(options.url)
    metrics = f"{address.scheme}://{address.netloc}/metrics"
    before, start, times = scrape(metrics, key), time.perf_counter(), []
    endpoint, request = Endpoint.of(options.url, key, "/segmentations"), json.dumps(body).encode()
    async with Client(endpoint) as client, client.post(request) as answer:
        if answer.status != 200:
            raise SystemExit(f"The server answered {answer.status}: {(await answer.body()).decode()}")
        async for event in answer.events():
            if event != b"[DONE]":
                times.append(time.perf_counter() - start)
    after = scrape(metrics, key)

    def mean(name: str) -> float:
        grown = {it: after[f"{name}_{it}"] - before[f"{name}_{it}"] for it in ("sum", "count")}
        return grown["sum"] / grown["count"]

    print(
        f"{len(times)} frames of {width} x {height} in {times[-1]:.1f} s, the first after {times[0]:.1f} s:"
        f" embedding {mean('dam_segmentation_embedding_seconds'):.2f} s a frame,"
        f" tracking {mean('dam_segmentation_tracking_seconds'):.2f} s a thing on a frame"
    )
    return 0 if len(times) == options.frames else 1
