"""One HTTP/1.1 POST whose answer is a stream of events. Knows HTTP and the event format, nothing of what they say."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit


class BrokenStream(Exception):
    """The server closed the connection before the answer was complete, or wrote what is no HTTP."""


@dataclass(frozen=True)
class Endpoint:
    """Where requests go. `headers` are sent as they stand."""

    host: str
    port: int
    path: str
    tls: bool
    headers: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(base_url: str, api_key: str | None = None, route: str = "/chat/completions") -> "Endpoint":
        url = urlsplit(base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise SystemExit(f"Not an http(s) address: {base_url}")
        path = url.path.rstrip("/")
        path = path if path.endswith(route) else path + route
        headers = (("Authorization", f"Bearer {api_key}"),) if api_key else ()
        tls = url.scheme == "https"
        return Endpoint(url.hostname, url.port or (443 if tls else 80), path, tls, headers)

    def head(self, length: int) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {host}:{self.port}",
            "Content-Type: application/json",
            "Accept: text/event-stream",
            f"Content-Length: {length}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Answer:
    """An answer whose status is known and whose body still comes."""

    def __init__(self, reader: asyncio.StreamReader, status: int, headers: dict[str, str]):
        self._reader, self.status, self.headers = reader, status, headers

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives, chunked coding taken off; ends only at the body's own end."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            while size := int((await self._line()).split(b";")[0] or b"0", 16):
                yield await self._reader.readexactly(size)
                await self._line()
            while await self._line():
                pass
        elif "content-length" in self.headers:
            left = int(self.headers["content-length"])
            while left:
                piece = await self._reader.read(min(left, 65536))
                if not piece:
                    raise BrokenStream("closed before Content-Length was reached")
                left -= len(piece)
                yield piece
        else:
            while piece := await self._reader.read(65536):
                yield piece

    async def body(self, limit: int = 1 << 20) -> bytes:
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > limit:
                raise BrokenStream(f"an answer of more than {limit} bytes")
        return bytes(whole)

    async def events(self) -> AsyncIterator[bytes]:
        """The `data` of each server-sent event, at the moment it is complete; comments are left out."""
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

    async def _line(self) -> bytes:
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise BrokenStream("closed inside a chunk")
        return line.strip()


class Exchange:
    """A connection for one request: `async with Exchange(endpoint) as e: answer = await e.post(body)`."""

    def __init__(self, endpoint: Endpoint):
        self._endpoint = endpoint
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "Exchange":
        tls = ssl.create_default_context() if self._endpoint.tls else None
        self._reader, self._writer = await asyncio.open_connection(
            self._endpoint.host, self._endpoint.port, ssl=tls, limit=1 << 20
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._writer:
            self._writer.close()

    async def post(self, body: bytes) -> Answer:
        assert self._writer
        self._writer.write(self._endpoint.head(len(body)) + body)
        # Not awaited: a server may refuse, and say so, before it has read the whole upload.
        while True:
            status_line = (await self._reader.readline()).split(None, 2)
            if len(status_line) < 2 or not status_line[0].startswith(b"HTTP/1."):
                raise BrokenStream("closed without an answer")
            headers = await self._headers()
            if int(status_line[1]) >= 200:
                return Answer(self._reader, int(status_line[1]), headers)

    async def _headers(self) -> dict[str, str]:
        headers = {}
        while line := (await self._reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers
