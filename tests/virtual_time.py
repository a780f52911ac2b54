"""An event loop whose clock jumps to the next timer when nothing is ready: hours pass in ms.

Tests that use it are ordinary functions which call `run_virtual`. No thread's work may be awaited
there, since no time passes while threads run.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

ROUND_S = 1e-6
"""What a round of the loop takes, at least. On a real machine time never stands still, either, and
a timer that is a rounding error early must not fire for ever."""

START_S = 5_000.0
"""Where the clock begins: somewhere, as the real one does."""


class NothingWillHappen(Exception):
    """Everything waits, and nothing is left that could wake it."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Takes its time from the timers it is given."""

    def __init__(self) -> None:
        self._now = START_S
        self.troubles: list[dict[str, Any]] = []
        super().__init__(_JumpingSelector(self))
        self.set_exception_handler(lambda _loop, context: self.troubles.append(context))

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; if nothing is, the time has come for the next timer."""
        events: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not events:
            if timeout is None:
                raise NothingWillHappen("Every task waits, and no timer is set.")
            self._loop.pass_time(timeout)
        self._loop.pass_time(ROUND_S)
        return events


def run_virtual(story: Coroutine[Any, Any, T], *, limit_s: float = 900.0) -> T:
    """Run `story` on a loop of its own; TimeoutError after `limit_s` of virtual time. What the
    loop would only have logged (an exception in a callback, say) fails the test."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        result = runner.run(_within(story, limit_s))
        loop = runner.get_loop()
        assert isinstance(loop, VirtualTimeLoop)
    assert not loop.troubles, loop.troubles
    return result


async def _within(story: Coroutine[Any, Any, T], limit_s: float) -> T:
    async with asyncio.timeout(limit_s):
        return await story


def now_ms() -> float:
    """The running loop's clock in ms."""
    return asyncio.get_running_loop().time() * 1000


async def pass_ms(ms: float) -> None:
    """Let virtual time go by."""
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    timer = loop.call_later(ms / 1000, gone.set_result, None)
    try:
        await gone
    finally:
        timer.cancel()
