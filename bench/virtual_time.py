"""An event loop whose clock jumps: when nothing is ready, time moves on to the next timer at once.

An hour of waiting takes no time, and the same program gives the same moments every time. Work that
really takes time is done by blocking the loop (`bench.metered`): its measured length is then slept
in this loop's own time, so that it counts as it would in a live session. The loop's own callbacks
take no virtual time.
"""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_S = 30.0
"""Real seconds to wait for a thread or a socket when no timer is left to jump to."""


LATE_S = 1e-9
"""A real clock is never early: each jump ends this much after the timer's moment, or what counts in
other units could find, by rounding, that it is not due yet, and ask again for ever."""


class NothingWillHappen(RuntimeError):
    """Everybody waits and no timer runs: a deadlock, told instead of hanging."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Counts its own seconds, from 0.0 on."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds


class _JumpingSelector(selectors.BaseSelector):
    """Never waits for time to pass: it makes it pass."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; if nothing is, jump by `timeout`."""
        if timeout is None:
            ready = self._real.select(PATIENCE_S)
            if not ready:
                raise NothingWillHappen("Nothing is ready, no timer runs, and nobody answers.")
            return ready
        ready = self._real.select(0)
        if not ready and timeout > 0:
            self._loop.jump(timeout + LATE_S)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        """As the real one."""
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """As the real one."""
        return self._real.get_map()


def run_in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` with a clock that jumps."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
