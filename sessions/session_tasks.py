"""SessionTasks: the tasks that live no longer than their session, all charged to it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from sessions.cost.tally import Tally


class SessionTasks:
    """Tasks of one session, in its task group; none before `open`, and none after `stop`."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def open(self, group: asyncio.TaskGroup) -> None:
        """Start tasks in this group from now on."""
        self._group = group

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Start a task; return None where there is no session to start it for."""
        if self._group is None:
            work.close()
            return None
        try:
            task = self._tally.charged(self._group.create_task)(work)
        except RuntimeError:  # the session is failing just now
            work.close()
            return None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def stop(self) -> None:
        """Cancel all tasks, and start no more."""
        self._group = None
        for task in self._tasks:
            task.cancel()
