"""What idle connections and waiting streams cost, and what they leave of the throughput of others.

Memory is resident memory and used heap together, so the heap has to be resident from the start, or the figures are no
figures, down to negative ones, which count as broken promises:
`JAVA_TOOL_OPTIONS="-Xms512m -Xmx512m -XX:+AlwaysPreTouch"`.
"""

import asyncio
import json
import socket
import time

from benchmark.load import closed_loop
from benchmark.sample import Outcome

from .target import Target, bodies


def connections(target: Target, options) -> dict:
    asyncio.run(closed_loop(target.endpoint, bodies(options.warm_up, 1, options.max_tokens), 4, 60))
    touch(target, options.connections)
    throughput(target, options, 29)  # the first is slow: it compiles
    report = {"connections": options.connections}
    rates = {"alone": [], "beside": []}
    for turn in range(options.turns):
        rates["alone"].append(throughput(target, options, 30 + turn))
        before = target.weight()
        held = open_idle(target, options.connections)
        time.sleep(1)
        if turn == 0:
            report["bytes_per_idle_connection"] = (target.weight() - before) // len(held)
        rates["beside"].append(throughput(target, options, 40 + turn))
        for connection in held:
            connection.close()
        time.sleep(1)
    report["requests_per_second"] = {name: [round(it, 2) for it in them] for name, them in rates.items()}
    report["goodput_beside_idle"] = round(sum(rates["beside"]) / sum(rates["alone"]), 3)
    report |= asyncio.run(waiting(target, options))
    report["ok"] = {
        "at most 64 KiB an idle connection": 0 < report["bytes_per_idle_connection"] <= 65536,
        "at most 64 KiB a waiting stream": 0 < report["bytes_per_waiting_stream"] <= 65536,
        "goodput of others at least 0.95": report["goodput_beside_idle"] >= 0.95,
    }
    return report


def open_idle(target: Target, number: int) -> list[socket.socket]:
    """Connections that were used once and are kept."""
    held = []
    for _ in range(number):
        connection = socket.create_connection(target.address, 10)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(connection)
    for connection in held:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    return held


def touch(target: Target, number: int) -> None:
    """Once before measuring, so that what the process takes once and for all is not counted."""
    for connection in open_idle(target, number // 10):
        connection.close()


def throughput(target: Target, options, seed: int) -> float:
    number = options.requests
    start = time.perf_counter()
    samples = asyncio.run(closed_loop(target.endpoint, bodies(number, seed, options.max_tokens), options.callers, 60))
    assert all(it.outcome is Outcome.DONE for it in samples), {it.why for it in samples}
    return number / (time.perf_counter() - start)


async def waiting(target: Target, options) -> dict:
    """As many streams as find a place, all about one picture, the slots held by long answers."""
    before = target.settled()
    places = int(before["dam_slots"] + before["dam_queue_capacity"])
    body = json.dumps(json.loads(bodies(1, 50, 100_000)[0])).encode()
    request = target.endpoint.head(len(body)) + body
    writers = []

    async def begin() -> None:
        reader, writer = await asyncio.open_connection(*target.address)
        writer.write(request)
        writers.append(writer)

    async def until(count: int) -> None:
        while True:
            now = await asyncio.to_thread(target.metrics)
            if now["dam_requests_running"] + now["dam_requests_waiting"] >= count:
                return
            await asyncio.sleep(0.05)

    slots = int(before["dam_slots"])
    # Once to their end, so that all pages of the cache are there before anything is weighed.
    await closed_loop(target.endpoint, [body] * slots, slots, 300)
    for _ in range(slots):
        await begin()
    await until(slots)
    await asyncio.sleep(0.5)
    light = await asyncio.to_thread(target.weight)
    for _ in range(places - slots):
        await begin()
    await until(places)
    await asyncio.sleep(0.5)
    grown = await asyncio.to_thread(target.weight) - light
    for writer in writers:
        writer.transport.abort()
    await asyncio.to_thread(target.settled)
    return {"waiting_streams": places - slots, "bytes_per_waiting_stream": max(0, grown) // (places - slots)}
