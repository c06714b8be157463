"""A stub server process: ready at once, streams words slowly, drains on SIGTERM and exits with 0."""

import argparse
import asyncio
import signal

from stub_server import status, words


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--slots", type=int, default=4)
    options = parser.parse_args()
    slots, draining, running = asyncio.Semaphore(options.slots), asyncio.Event(), set()
    answer = words(20, before=0.05, between=0.01)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lengths = [line.split(":")[1] for line in head.splitlines() if line.lower().startswith("content-length")]
            await reader.readexactly(int(lengths[0]) if lengths else 0)
            if draining.is_set():
                await status(503, "Retry-After: 1", "Connection: close")({}, writer)
            elif head.startswith("GET"):
                await status(200, "Connection: close")({}, writer)
            else:
                async with slots:
                    await answer({}, writer)
                if "connection: close" not in head.lower():
                    # Closes an idle connection just as it is reused, like a server whose idle timeout ends.
                    await reader.read(1)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def track(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(track, "127.0.0.1", options.port)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, draining.set)
    await draining.wait()
    while running:
        await asyncio.wait(list(running))
    server.close()


asyncio.run(main())
