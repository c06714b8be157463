"""Many regions of one picture in one call against as many calls: how long each takes, and whether the texts agree."""

import argparse
import asyncio
import json
import os
import random
import statistics
import struct
import sys
import time
import zlib

from .exchange import Endpoint, Exchange
from .pictures import data_url

Box = tuple[int, int, int, int]


def boxes(width: int, height: int, count: int) -> list[Box]:
    """A grid of them, each inside its cell."""
    columns = max(1, round((count * width / height) ** 0.5))
    rows = -(-count // columns)
    cells = [(column, row) for row in range(rows) for column in range(columns)][:count]
    w, h = width // columns, height // rows
    return [(x * w + w // 8, y * h + h // 8, x * w + w - w // 8, y * h + h - h // 8) for x, y in cells]


def picture(width: int, height: int, things: list[Box]) -> bytes:
    """The rows of an opaque picture: a plain ground and a coloured ellipse in each box."""
    chance = random.Random(1)
    ground = bytes(chance.randrange(150, 190) for _ in range(3 * width))
    rows = [bytearray(ground) for _ in range(height)]
    for left, top, right, bottom in things:
        colour = bytes(chance.randrange(256) for _ in range(3))
        middle, radius = (left + right) / 2, (right - left) / 2
        for y in range(top, bottom):
            half = radius * (1 - ((2 * y + 1 - top - bottom) / (bottom - top)) ** 2) ** 0.5
            start, end = round(middle - half), round(middle + half)
            rows[y][3 * start : 3 * end] = colour * (end - start)
    return b"".join(b"\0" + row for row in rows)


def png(width: int, height: int, rows: bytes, comment: str) -> bytes:
    """The comment makes it another file of the same pixels, so that no server knows its regions from before."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"tEXt", b"Comment\0" + comment.encode("latin-1"))
        + chunk(b"IDAT", zlib.compress(rows, 6))
        + chunk(b"IEND", b"")
    )


async def ask(endpoint: Endpoint, options: argparse.Namespace, url: str, regions: list[Box]) -> list[str]:
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": options.question}]
    body = {
        "model": options.model,
        "temperature": 0,
        "max_tokens": options.max_tokens,
        "messages": [{"role": "user", "content": content}],
        "regions": [{"box": box} for box in regions],
    }
    async with Exchange(endpoint) as exchange:
        answer = await exchange.post(json.dumps(body).encode())
        said = json.loads(await answer.body(1 << 24))
    if answer.status != 200:
        raise SystemExit(f"The server answered {answer.status}: {said}")
    return [choice["message"]["content"] for choice in said["choices"]]


async def measure(options: argparse.Namespace) -> int:
    endpoint = Endpoint.of(options.url, os.environ.get(options.key_env))
    width, height = options.size
    things = boxes(width, height, options.regions)
    rows = picture(width, height, things)
    run = f"{time.time_ns()}"

    def fresh(name: str) -> str:
        return data_url(png(width, height, rows, f"{run} {name}"), "image/png")

    await ask(endpoint, options, fresh("warm-up"), things[:2])
    single, together, equal = [], [], True
    for turn in range(options.rounds):
        one, all_at_once = fresh(f"single {turn}"), fresh(f"together {turn}")
        start = time.perf_counter()
        alone = [(await ask(endpoint, options, one, [box]))[0] for box in things]
        middle = time.perf_counter()
        side_by_side = await ask(endpoint, options, all_at_once, things)
        end = time.perf_counter()
        single.append(middle - start)
        together.append(end - middle)
        equal &= alone == side_by_side
        print(f"round {turn + 1}: {options.regions} calls {single[-1]:.2f} s, one call {together[-1]:.2f} s")
    ratio = statistics.median(t / s for t, s in zip(together, single))
    words = sum(len(text.split()) for text in alone) / len(alone)
    print(
        f"{options.regions} regions of a {width} x {height} picture, answers of {words:.0f} words: one call takes"
        f" {ratio:.2f} of the time of {options.regions}; the texts are {'equal' if equal else 'DIFFERENT'}"
    )
    return 0 if equal and ratio <= options.goal else 1


def size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/regions-bench",
        description="Asks about many regions of one picture, one a call and all in one call, in turns, and fails unless "
        "the texts agree and one call takes at most the given share of the time.",
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1", help="base address (%(default)s)")
    parser.add_argument("--model", default="describe_anything_model", help="model name (%(default)s)")
    parser.add_argument("--key-env", default="OPENAI_API_KEY", help="variable that holds the API key (%(default)s)")
    parser.add_argument("--regions", type=int, default=16, metavar="N", help="(%(default)s)")
    parser.add_argument("--size", type=size, default=(1280, 960), metavar="WxH", help="of the picture (1280x960)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="the median counts (%(default)s)")
    parser.add_argument("--question", default="Describe the masked region in detail.", help="(%(default)s)")
    parser.add_argument("--max-tokens", type=int, default=64, help="(%(default)s)")
    parser.add_argument("--goal", type=float, default=0.5, metavar="SHARE", help="of the time (%(default)s)")
    return asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
