"""Side tasks: loops beside the interviews, which outlive their errors and say so when they fail.

An error in one of them must end neither the others nor anybody's interview, and must not pass
unseen: it is logged, the loop goes on, and whoever depends on it is told once it fails repeatedly.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog

STEP_WITHIN_S = 30.0
"""Longest time of one step: a statement that hangs is a failure, too."""

FAILURES_BORNE = 3
"""With so many failures in a row a side task does not work: each may have been an accident."""

Step = Callable[[], Awaitable[None]]

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None] | None]
"""Starts a task that lives no longer than what it belongs to; None where that is over."""

log = structlog.get_logger(__name__)


async def repeat(
    name: str,
    step: Step,
    every_s: float,
    tell: Callable[[str | None], None],
    *,
    within_s: float = STEP_WITHIN_S,
) -> None:
    """Do `step` again and again with a pause before each, until cancelled, whatever it raises.

    `tell` is called with what is wrong after each failure from the `FAILURES_BORNE`-th in a row on,
    and with None once a step succeeds after that.
    """
    failures = 0
    while True:
        await asyncio.sleep(every_s)
        try:
            async with asyncio.timeout(within_s):
                await step()
        except Exception as error:
            failures += 1
            if _is_told(failures):
                log.exception("side task failed", task=name, failures=failures)
            if failures >= FAILURES_BORNE:
                tell(f"has failed {failures} times in a row ({type(error).__name__})")
        else:
            if failures >= FAILURES_BORNE:
                log.info("side task works again", task=name, failures=failures)
                tell(None)
            failures = 0


def _is_told(failures: int) -> bool:
    """Tell whether this failure is logged: the 1st, 2nd, 4th, 8th, so that no log is filled."""
    return failures & (failures - 1) == 0


async def log_failure(name: str, work: Coroutine[Any, Any, None]) -> None:
    """Do this work; an error in it is logged, and ends nothing else."""
    try:
        await work
    except Exception:
        log.exception("side task failed", task=name)


def contained(name: str, spawn: Spawn) -> Spawn:
    """Return `spawn` such that an error in a task is logged and ends nothing else."""
    failures = 0

    async def log_failures(work: Coroutine[Any, Any, None]) -> None:
        nonlocal failures
        try:
            await work
        except Exception:
            failures += 1
            if _is_told(failures):
                log.exception("side task failed", task=name, failures=failures)

    def spawn_contained(work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        task = spawn(log_failures(work))
        if task is None:
            work.close()
        else:
            task.add_done_callback(lambda _: work.close())  # where it was cancelled before it began
        return task

    return spawn_contained


class SideTasks:
    """The side tasks of one process. `tell` takes a task's name and what is wrong, None if nothing.

    A task that has ended, which none should before `stop`, is wrong for good.
    """

    def __init__(self, tell: Callable[[str, str | None], None]) -> None:
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def start(self, name: str, step: Step, every_s: float) -> None:
        """Do `step` again and again until `stop`."""
        task = asyncio.create_task(
            repeat(name, step, every_s, partial(self._tell, name)), name=name
        )
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, name))

    async def stop(self) -> None:
        """Stop all of them."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        if not self._stopping:
            problem = None if task.cancelled() else task.exception()
            log.error("side task ended", task=name, problem=repr(problem))
            self._tell(name, "has stopped")
