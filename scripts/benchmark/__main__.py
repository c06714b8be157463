"""From the command line to a report."""

import asyncio
import json
import platform
import sys
from datetime import UTC, datetime
from itertools import count

from . import chart, table
from .arrivals import poisson
from .exchange import Endpoint
from .load import closed_loop, open_loop
from .options import parse
from .pictures import drawn, from_folder
from .question import Question
from .summary import summarise


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.chart:
        reports = [json.loads(file.read_text("utf-8")) for file in options.reports]
        options.chart.write_text(chart.svg(reports), "utf-8")
        return 0
    report = asyncio.run(run(options))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    if options.svg:
        options.svg.write_text(chart.svg([report]), "utf-8")
    if options.markdown:
        options.markdown.write_text(table.markdown(report["levels"]), "utf-8")
    return 0 if any(level["done"] for level in report["levels"]) else 1


async def run(options) -> dict:
    endpoint = Endpoint.of(options.url, options.key)
    source = from_folder(options.pictures) if options.pictures else drawn(*options.size, options.seed, options.distinct)
    question = Question(
        options.model, options.question, options.max_tokens, source, options.temperature, options.extra
    )
    serial = count()  # runs on through all levels, so that no level finds the pictures of the one before in a cache

    def bodies(number: int) -> list[bytes]:
        """Made before the clock starts: drawing must not compete with measuring."""
        return [question.body(next(serial)) for _ in range(number)]

    if options.warm_up:
        await closed_loop(endpoint, bodies(options.warm_up), 1, options.timeout)
    levels = []
    print(table.heading(), file=sys.stderr)
    for load in options.rates or options.concurrency or [1]:
        ready = bodies(options.requests)
        if options.rates:
            due = poisson(load, options.requests, options.seed)
            samples = await open_loop(endpoint, ready, due, options.timeout, options.limit)
        else:
            samples = await closed_loop(endpoint, ready, int(load), options.timeout)
        level = {
            "arrivals": "open" if options.rates else "closed",
            "load": load,
            **summarise(samples, options.goal_first, options.goal_latency),
        }
        levels.append(level)
        print(table.line(table.row(level)), file=sys.stderr)
        for why, times in level["why"].items():
            print(f"    {times} x {why}", file=sys.stderr)
    return {
        "name": options.name or options.url,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "client": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        "settings": {
            "url": options.url,
            "model": options.model,
            "requests": options.requests,
            "seed": options.seed,
            "pictures": "folder" if options.pictures else "drawn %dx%d" % options.size,
            "distinct": options.distinct,
            "question": options.question,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "extra": options.extra,
            "timeout": options.timeout,
            "goal_first": options.goal_first,
            "goal_latency": options.goal_latency,
        },
        "levels": levels,
    }


if __name__ == "__main__":
    sys.exit(main())
