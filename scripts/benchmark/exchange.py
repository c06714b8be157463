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

    def head(self, length: int, keep: bool = False) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {host}:{self.port}",
            "Content-Type: application/json",
            "Accept: text/event-stream",
            f"Content-Length: {length}",
            f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Answer:
    """An answer whose status is known and whose body still comes."""

    def __init__(self, reader: asyncio.StreamReader, status: int, headers: dict[str, str]):
        self._reader, self.status, self.headers = reader, status, headers
        self._at_end = False

    @property
    def reusable(self) -> bool:
        """Whether the body was read to its end and the connection stays open after it."""
        return self._at_end and self.headers.get("connection", "").lower() != "close"

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
            return  # it ended with the connection
        self._at_end = True

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


class Connections:
    """Connections of one event loop that are used again, as HTTP clients do."""

    def __init__(self, endpoint: Endpoint):
        self._endpoint = endpoint
        self._tls = ssl.create_default_context() if endpoint.tls else None
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def idle(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """One that was given back and that the server has not closed since."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    async def new(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._endpoint.host, self._endpoint.port, ssl=self._tls, limit=1 << 20)

    def give_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._idle.append((reader, writer))

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


class Exchange:
    """One request and its answer: `async with Exchange(endpoint) as e: answer = await e.post(body)`.

    It has a connection of its own, or one of `connections`, to which it goes back if the answer was read to its end.
    """

    def __init__(self, endpoint: Endpoint, connections: Connections | None = None):
        self._endpoint = endpoint
        self._keep = connections is not None
        self._connections = connections or Connections(endpoint)
        self._writer: asyncio.StreamWriter | None = None
        self._answer: Answer | None = None

    async def __aenter__(self) -> "Exchange":
        idle = self._connections.idle()
        self._used_before = idle is not None
        self._reader, self._writer = idle or await self._connections.new()
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._writer
        if self._keep and self._answer and self._answer.reusable:
            self._connections.give_back(self._reader, self._writer)
        else:
            self._writer.close()

    async def post(self, body: bytes) -> Answer:
        try:
            self._answer = await self._post(body)
        except (BrokenStream, ConnectionError):
            if not self._used_before:
                raise
            # The server closed it while it was idle, before it had seen this request.
            assert self._writer
            self._writer.close()
            self._used_before = False
            self._reader, self._writer = await self._connections.new()
            self._answer = await self._post(body)
        return self._answer

    async def _post(self, body: bytes) -> Answer:
        assert self._writer
        self._writer.write(self._endpoint.head(len(body), self._keep) + body)
        # Not awaited: a server may refuse, and say so, before it has read the whole upload.
        while True:
            status, headers = await self._head()
            if status >= 200:
                return Answer(self._reader, status, headers)

    async def _head(self) -> tuple[int, dict[str, str]]:
        try:
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise BrokenStream("closed without an answer") from error
        words = first.split(None, 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1."):
            raise BrokenStream("no HTTP")
        fields = (line.partition(":") for line in lines if line)
        return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in fields}
