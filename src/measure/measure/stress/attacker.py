"""Attacks a server until the process is killed: `python -m measure.stress.attacker PORT SLOW PACE`."""

import asyncio
import base64
import gzip
import os
import random
import socket
import struct
import sys
import zlib

from ..png import chunk

FLOODS = 3
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def pixel_bomb(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 16)))
        + chunk(b"IEND", b"")
    )
    url = b"data:image/png;base64," + base64.b64encode(png)
    return b'{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%s"}}]}]}' % url


def posted(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return HEAD + lines + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


class Attack:
    """All floods and slow connections, on one event loop. A flood sends a request every `pace` seconds."""

    def __init__(self, port: int, slow: int, pace: float):
        self.port, self.slow, self.pace = port, slow, pace

    async def run(self) -> None:
        bomb = gzip.compress(b" " * (200 << 20), 9)
        floods = [
            posted(pixel_bomb(30_000)),
            posted(bomb, b"Content-Encoding: gzip"),
            posted(b"[" * 100_000),
            posted(b'{"messages":[{"role":"user","content":"' + b"word " * 200_000 + b'"}]}'),
            posted(b'{"model":"../../etc/passwd"'),
            b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"\x16\x03\x01\x02\x00" + random.Random(1).randbytes(400),
            HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ]
        async with asyncio.TaskGroup() as group:
            for _ in range(self.slow):
                group.create_task(self.drip(HEAD, b"X-Slow: a"))
                group.create_task(self.drip(HEAD + b"Content-Length: 1000000\r\n\r\n{", b" "))
                group.create_task(self.drip(b"", b""))
            for flood in FLOODS * floods:
                group.create_task(self.flood(flood))
            group.create_task(self.resets(posted(b"{}" * 1000)))

    async def drip(self, first: bytes, rest: bytes) -> None:
        """Holds a connection until the server closes it, then opens the next."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(first)
                while not reader.at_eof():
                    for byte in rest or b"\0":
                        await asyncio.sleep(1)
                        if rest:
                            writer.write(bytes([byte]))
                            await writer.drain()
                        if reader.at_eof() or writer.is_closing():
                            break
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(0.5)

    async def flood(self, request: bytes) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(request)
                async with asyncio.timeout(10):
                    await reader.read()
                writer.close()
            except (OSError, TimeoutError):
                pass
            await asyncio.sleep(self.pace)

    async def resets(self, request: bytes) -> None:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.sendall(request[:-10])
            except OSError:
                pass
            await asyncio.sleep(self.pace)


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(Attack(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])).run())
