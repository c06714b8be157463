"""Measures the memory of idle connections and waiting streams, and the throughput of other requests.

Memory is resident memory plus used heap, so the whole heap must be resident from the start. Otherwise the figures mean
nothing and may be negative, which fails the check:
`JAVA_TOOL_OPTIONS="-Xms512m -Xmx512m -XX:+AlwaysPreTouch"`.
"""

import asyncio
import socket
import time

from ..client import Client
from ..load.loops import closed_loop
from ..load.sample import Outcome
from .target import Options, Report, Target, bodies


def connections(target: Target, options: Options) -> Report:
    asyncio.run(closed_loop(target.endpoint, bodies(options.warm_up, 1, options.max_tokens), 4, 60))
    touch(target, options.connections)
    throughput(target, options, 29)  # the first run is slow: Java compiles
    report: Report = {"connections": options.connections}
    rates: dict[str, list[float]] = {"alone": [], "beside": []}
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
    report["requests_per_second"] = {name: [round(rate, 2) for rate in turns] for name, turns in rates.items()}
    report["goodput_beside_idle"] = round(sum(rates["beside"]) / sum(rates["alone"]), 3)
    report |= asyncio.run(waiting(target))
    report["ok"] = {
        "at most 64 KiB an idle connection": 0 < report["bytes_per_idle_connection"] <= 65536,
        "at most 64 KiB a waiting stream": 0 < report["bytes_per_waiting_stream"] <= 65536,
        "goodput of others at least 0.95": report["goodput_beside_idle"] >= 0.95,
    }
    return report


def open_idle(target: Target, number: int) -> list[socket.socket]:
    """Opens connections, sends a request over each, and keeps them open."""
    held = []
    for _ in range(number):
        connection = socket.create_connection(target.address, 10)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(connection)
    for connection in held:
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"/health answered {answer[:40]!r}")
    return held


def touch(target: Target, number: int) -> None:
    """Opens and closes some connections, so that one-time costs are not measured."""
    for connection in open_idle(target, number // 10):
        connection.close()


def throughput(target: Target, options: Options, seed: int) -> float:
    number = options.requests
    start = time.perf_counter()
    samples = asyncio.run(closed_loop(target.endpoint, bodies(number, seed, options.max_tokens), options.callers, 60))
    failed = {sample.why for sample in samples if sample.outcome is not Outcome.DONE}
    if failed:
        raise SystemExit(f"Good requests failed: {failed}")
    return float(number / (time.perf_counter() - start))


async def waiting(target: Target) -> Report:
    """Fills the queue with streams about one picture while long answers hold the slots."""
    before = target.settled()
    slots, queue = int(before["dam_slots"]), int(before["dam_queue_capacity"])
    body = bodies(1, 50, 100_000)[0]

    async def until(count: int) -> None:
        while True:
            now = await asyncio.to_thread(target.metrics)
            if now["dam_requests_running"] + now["dam_requests_waiting"] >= count:
                await asyncio.sleep(0.5)
                return
            await asyncio.sleep(0.05)

    # Whole answers first, so that all pages of the KV cache are resident before memory is measured.
    await closed_loop(target.endpoint, [body] * slots, slots, 300)
    async with Client(target.endpoint) as client:

        async def read() -> None:
            async with client.post(body) as answer:
                await answer.body(1 << 30)

        streams = [asyncio.create_task(read()) for _ in range(slots)]
        await until(slots)
        light = await asyncio.to_thread(target.weight)
        streams += [asyncio.create_task(read()) for _ in range(queue)]
        await until(slots + queue)
        grown = await asyncio.to_thread(target.weight) - light
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    await asyncio.to_thread(target.settled)
    return {"waiting_streams": queue, "bytes_per_waiting_stream": max(0, grown) // queue}
