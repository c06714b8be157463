"""A stub of the OpenAI API that streams what a test sets."""

import asyncio
import json
from collections.abc import Awaitable, Callable

Reply = Callable[[dict, asyncio.StreamWriter], Awaitable[None]]


def event(data: dict | str) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data)
    return f"data: {text}\n\n".encode()


def chunk(content: str = "", finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content} if content else {}, "finish_reason": finish}
    return event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})


def usage(prompt: int, completion: int) -> bytes:
    figures = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return event({"id": "c", "choices": [], "usage": figures})


async def begin(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    await send(writer, b": a comment\n\n")


async def send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))
    await writer.drain()


async def end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def words(number: int, before: float = 0.0, between: float = 0.0) -> Reply:
    """Streams `number` tokens, the first after `before` seconds and each other after `between`."""

    async def reply(request: dict, writer: asyncio.StreamWriter) -> None:
        await begin(writer)
        await asyncio.sleep(before)
        for place in range(number):
            if place:
                await asyncio.sleep(between)
            await send(writer, chunk(f"w{place} "))
        await send(writer, chunk(finish="stop"))
        await send(writer, usage(200, number))
        await send(writer, event("[DONE]"))
        await end(writer)

    return reply


def status(code: int, *headers: str) -> Reply:
    async def reply(request: dict, writer: asyncio.StreamWriter) -> None:
        body = b'{"error":{"message":"no","type":"t","param":null,"code":null}}'
        lines = [f"HTTP/1.1 {code} No", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return reply


class StubServer:
    """Use it as `async with StubServer(reply) as stub:`; `stub.requests` has the received bodies.

    Each connection is closed after `kept` requests, without notice.
    """

    def __init__(self, reply: Reply, at_once: int | None = None, kept: int = 1):
        self._reply = reply
        self._kept = kept
        self.connections = 0
        self._turn = asyncio.Semaphore(at_once or 10_000)
        self.requests: list[dict] = []
        self.heads: list[str] = []

    async def __aenter__(self) -> "StubServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for _ in range(self._kept):
                await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length"))
        self.heads.append(head)
        request = json.loads(await reader.readexactly(length))
        self.requests.append(request)
        async with self._turn:
            await self._reply(request, writer)
