"""Runs many questions at once, with a progress bar. Stops cleanly on SIGINT, SIGTERM and failures in a row."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

from .endpoint import Unusable
from .problem import Interrupted, Problem

Job = TypeVar("Job")
FAILURES_IN_A_ROW = 5


async def work(
    jobs: Sequence[Job], handle: Callable[[Job], Awaitable[None]], at_once: int, title: str, done: int = 0
) -> list[tuple[Job, Problem]]:
    """Handles the jobs in order, `at_once` at a time, and returns those that failed, with the reason.

    `done` jobs count as finished before. A signal lets the running ones finish; a second one does not wait.
    """
    failed: list[tuple[Job, Problem]] = []
    waiting = iter(jobs)
    in_a_row = 0
    stop: Problem | None = None

    async def worker() -> None:
        nonlocal in_a_row, stop
        for job in waiting:
            if stop:
                return
            try:
                await handle(job)
                in_a_row = 0
            except Unusable as problem:
                stop = stop or problem
                return
            except Problem as problem:
                failed.append((job, problem))
                in_a_row += 1
                if in_a_row >= FAILURES_IN_A_ROW:
                    stop = stop or Problem(f"{in_a_row} failures in a row, so this run ends. {problem}")
                    return
            bar.update()

    def interrupt() -> None:
        nonlocal stop
        if isinstance(stop, Interrupted):
            for task in tasks:
                task.cancel()
        stop = Interrupted()

    with (
        tqdm(total=done + len(jobs), initial=done, desc=title, unit="", smoothing=0.1) as bar,
        _signals(interrupt),
    ):
        tasks = [asyncio.create_task(worker()) for _ in range(min(at_once, len(jobs)))]
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            if stop is None:
                raise
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
    if stop:
        raise stop
    return failed


async def ask_all(
    jobs: Sequence[Job], handle: Callable[[Job], Awaitable[None]], at_once: int, title: str, done: int
) -> None:
    """Like work, but raises a Problem if a question has no answer in the end."""
    failed = await work(jobs, handle, at_once, title, done) if jobs else []
    if failed:
        raise Problem(f"{len(failed)} questions have no answer. {failed[0][1]} The same command asks them again.")


@contextlib.contextmanager
def _signals(interrupt: Callable[[], None]) -> Iterator[None]:
    loop, caught = asyncio.get_running_loop(), []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            loop.add_signal_handler(number, interrupt)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
