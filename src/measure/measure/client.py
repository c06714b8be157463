"""Sends POST requests and reads streamed answers, over aiohttp. Knows HTTP and server-sent events, not their content.

Connections are kept open between requests. A load client must cost less than the server, so it uses aiohttp: for
answers of 24 events httpx took six times as much processor time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp


class BrokenStream(Exception):
    """The connection closed before the answer was complete, or the answer is not HTTP."""


@dataclass(frozen=True)
class Endpoint:
    """The URL and headers of requests."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(base_url: str, api_key: str | None = None, route: str = "/chat/completions") -> "Endpoint":
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SystemExit(f"Not an http(s) address: {base_url}")
        path = parts.path.rstrip("/")
        path = path if path.endswith(route) else path + route
        headers = (("Authorization", f"Bearer {api_key}"),) if api_key else ()
        return Endpoint(parts._replace(path=path).geturl(), headers)


class Answer:
    """An answer with its status and headers; the body is still unread."""

    def __init__(self, response: aiohttp.ClientResponse):
        self._response = response
        self.status = response.status
        self.headers = response.headers

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the body as it arrives, without the chunked coding. Raises `BrokenStream` if it ends early."""
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except aiohttp.ClientPayloadError as error:
            raise BrokenStream("the body was cut") from error

    async def body(self, limit: int = 1 << 20) -> bytes:
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > limit:
                raise BrokenStream(f"an answer of more than {limit} bytes")
        return bytes(whole)

    async def events(self) -> AsyncIterator[bytes]:
        """Yields the `data` of each complete server-sent event. Comments are skipped."""
        rest, data = b"", []
        async for piece in self.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                line = line.removesuffix(b"\r")
                if line.startswith(b"data:"):
                    data.append(line[5:].removeprefix(b" "))
                elif not line and data:
                    yield b"\n".join(data)
                    data = []


class Client:
    """Use it as `async with Client(endpoint) as client, client.post(body) as answer:`. Requests may be concurrent.

    Leaving `client.post` before the body has been read closes the connection.
    """

    def __init__(self, endpoint: Endpoint):
        self._endpoint = endpoint

    async def __aenter__(self) -> "Client":
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reuse)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            headers={"Content-Type": "application/json", "Accept": "text/event-stream", **dict(self._endpoint.headers)},
            skip_auto_headers=("Accept-Encoding",),
            trace_configs=[trace],
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._session.close()

    @asynccontextmanager
    async def post(self, body: bytes) -> AsyncIterator[Answer]:
        response = await self._send(body)
        try:
            yield Answer(response)
        finally:
            response.release()

    async def _send(self, body: bytes) -> aiohttp.ClientResponse:
        while True:
            request: dict[str, Any] = {}
            try:
                return await self._session.post(self._endpoint.url, data=body, trace_request_ctx=request)
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientConnectionError, ConnectionError) as error:
                # A server may close an idle connection just as it is reused, before it sees the request.
                if not request.get("reused"):
                    raise BrokenStream("closed without an answer") from error
            except aiohttp.ClientResponseError as error:
                raise BrokenStream("the answer is not HTTP") from error


async def _note_reuse(
    session: aiohttp.ClientSession, context: SimpleNamespace, parameters: aiohttp.TraceConnectionReuseconnParams
) -> None:
    context.trace_request_ctx["reused"] = True


# Exceptions of a request that the server or the network causes.
FAILURES = (BrokenStream, OSError, TimeoutError, aiohttp.ClientError, asyncio.IncompleteReadError)
