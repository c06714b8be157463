"""`scripts/measure regions`: times one request with many regions against one request for each."""

import argparse
import asyncio
import json
import random
import statistics
import time

from . import arguments, png
from .client import Client, Endpoint
from .pictures import data_url

Box = tuple[int, int, int, int]

EPILOG = (
    """Alternates between the two. Exits with 1 if texts differ, or if one request takes more than the given share."""
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.add_server(parser)
    parser.add_argument("--regions", type=int, default=16, metavar="N", help="regions of the picture (%(default)s)")
    parser.add_argument(
        "--size", type=arguments.size, default=(1280, 960), metavar="WxH", help="size of the picture (1280x960)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="rounds; the result is their median (%(default)s)"
    )
    parser.add_argument(
        "--question", default="Describe the masked region in detail.", help="question about each region (%(default)s)"
    )
    parser.add_argument("--max-tokens", type=int, default=64, help="maximum length of an answer (%(default)s)")
    parser.add_argument(
        "--goal", type=float, default=0.5, metavar="SHARE", help="allowed share of the time (%(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    return asyncio.run(measure(options))


def boxes(width: int, height: int, count: int) -> list[Box]:
    """Returns boxes in a grid, each inside its cell."""
    columns = max(1, round((count * width / height) ** 0.5))
    rows = -(-count // columns)
    cells = [(column, row) for row in range(rows) for column in range(columns)][:count]
    w, h = width // columns, height // rows
    return [(x * w + w // 8, y * h + h // 8, x * w + w - w // 8, y * h + h - h // 8) for x, y in cells]


def picture(width: int, height: int, things: list[Box]) -> bytes:
    """Draws the PNG rows of an opaque picture: a plain background and a coloured ellipse in each box."""
    chance = random.Random(1)
    background = bytes(chance.randrange(150, 190) for _ in range(3 * width))
    rows = [bytearray(background) for _ in range(height)]
    for left, top, right, bottom in things:
        colour = bytes(chance.randrange(256) for _ in range(3))
        middle, radius = (left + right) / 2, (right - left) / 2
        for y in range(top, bottom):
            half = radius * (1 - ((2 * y + 1 - top - bottom) / (bottom - top)) ** 2) ** 0.5
            start, end = round(middle - half), round(middle + half)
            rows[y][3 * start : 3 * end] = colour * (end - start)
    return b"".join(b"\0" + row for row in rows)


async def ask(client: Client, options: argparse.Namespace, url: str, regions: list[Box]) -> list[str]:
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": options.question}]
    body = {
        "model": options.model,
        "temperature": 0,
        "max_tokens": options.max_tokens,
        "messages": [{"role": "user", "content": content}],
        "regions": [{"box": box} for box in regions],
    }
    async with client.post(json.dumps(body).encode()) as answer:
        completion = json.loads(await answer.body(1 << 24))
    if answer.status != 200:
        raise SystemExit(f"The server answered {answer.status}: {completion}")
    return [choice["message"]["content"] for choice in completion["choices"]]


async def measure(options: argparse.Namespace) -> int:
    width, height = options.size
    things = boxes(width, height, options.regions)
    rows = picture(width, height, things)
    start_of_run = time.time_ns()

    def fresh(name: str) -> str:
        """Returns a new file of the same pixels, so that none of its regions is in the server's cache."""
        return data_url(png.encode(width, height, png.RGB, rows, f"{start_of_run} {name}", level=6), "image/png")

    single, together, equal = [], [], True
    async with Client(Endpoint.of(options.url, arguments.api_key(options))) as client:
        await ask(client, options, fresh("warm-up"), things[:2])
        for turn in range(options.rounds):
            one, all_at_once = fresh(f"single {turn}"), fresh(f"together {turn}")
            start = time.perf_counter()
            alone = [(await ask(client, options, one, [box]))[0] for box in things]
            middle = time.perf_counter()
            side_by_side = await ask(client, options, all_at_once, things)
            end = time.perf_counter()
            single.append(middle - start)
            together.append(end - middle)
            equal &= alone == side_by_side
            print(f"round {turn + 1}: {options.regions} requests {single[-1]:.2f} s, one request {together[-1]:.2f} s")
    ratio = statistics.median(t / s for t, s in zip(together, single, strict=True))
    words = sum(len(text.split()) for text in alone) / len(alone)
    print(
        f"{options.regions} regions of a {width} x {height} picture, answers of {words:.0f} words: one request takes"
        f" {ratio:.2f} of the time of {options.regions}; the texts are {'equal' if equal else 'DIFFERENT'}"
    )
    return 0 if equal and ratio <= options.goal else 1
