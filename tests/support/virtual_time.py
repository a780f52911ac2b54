"""An event loop whose clock jumps to the next timer when nothing is ready: hours pass in ms.

The same program meets the same moments every time. What the loop runs itself takes no virtual
time, and neither does work that blocks it; `bench.turns.metered` measures such work and lets its
length go by afterwards. No thread's work may be awaited here: time would not pass meanwhile.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

START_S = 5_000.0
"""Where the clock begins: somewhere, as the real one does."""

LATE_S = 1e-9
"""A jump ends this much after the timer's moment: a real timer is never early, either, and what
is counted in other units would find, by rounding, that it is not due yet, and ask again."""

STILL_ROUNDS, ROUND_S = 100, 1e-6
"""After so many rounds of the loop without a jump, each takes this long: time that stands still
would let a timer that is a rounding error early fire for ever."""


class NothingWillHappen(Exception):
    """Everything waits, and no timer is left that could go on."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Event loop that takes its time from its timers. `troubles` is what it would have logged."""

    def __init__(self) -> None:
        self._now = START_S
        self.troubles: list[dict[str, Any]] = []
        super().__init__(_JumpingSelector(self))
        self.set_exception_handler(lambda _loop, context: self.troubles.append(context))

    def time(self) -> float:
        """Return virtual seconds."""
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds


class _JumpingSelector(selectors.DefaultSelector):
    """Selector that never waits."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop
        self._still = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; if nothing is, move the clock to the next timer."""
        events: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if events or timeout == 0:
            self._still += 1
            if self._still > STILL_ROUNDS:
                self._loop.pass_time(ROUND_S)
            return events
        if timeout is None:
            raise NothingWillHappen("Every task waits, and no timer is set.")
        self._still = 0
        self._loop.pass_time(timeout + LATE_S)
        return events


def run_virtual(story: Coroutine[Any, Any, T], *, limit_s: float = 900.0) -> T:
    """Run `story` on a loop of its own. Raises TimeoutError after `limit_s` of virtual time, and
    AssertionError for what the loop would only have logged (an exception in a callback, say)."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        result = runner.run(_within(story, limit_s))
        loop = runner.get_loop()
    troubles = loop.troubles if isinstance(loop, VirtualTimeLoop) else []
    if troubles:
        raise AssertionError(troubles)
    return result


async def _within(story: Coroutine[Any, Any, T], limit_s: float) -> T:
    async with asyncio.timeout(limit_s):
        return await story


def now_ms() -> float:
    """Return the running loop's clock in ms."""
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
