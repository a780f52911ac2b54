"""Subscription: one monitor's bounded queue of events, sound and levels."""

import asyncio
from collections import deque

from sessions.monitor.events import LevelsNow, NumberedEvent, SoundFrame

MAX_EVENTS = 256
"""Events that wait for a monitor at most: minutes of an interview, far longer than a short outage.
"""

SLOW_AT = 32
"""With so many events waiting, sound and levels are not queued."""

MAX_FRAMES = 4
"""Frames of sound, or of levels, that wait at most: 320 ms, beyond which it is not live."""


class Subscription:
    """One monitor's queue: `wait`, then `take` until None.

    Events come in order and without a gap; sound and levels may be missing.
    """

    def __init__(self) -> None:
        self._events: deque[NumberedEvent] = deque()
        self._frames: deque[SoundFrame | LevelsNow] = deque()
        self._changed = asyncio.Event()
        self.wants_sound = False
        self.wants_levels = False
        self.lagged = False
        """Whether too many events waited: this monitor gets nothing more."""
        self.ended: str | None = None
        """Why nothing more will come after what is queued; None while something may."""
        self.dropped = 0
        """Frames of sound and of levels that were not queued, or dropped."""

    def push(self, numbered: NumberedEvent) -> None:
        """Queue an event. A monitor with too many of them is cut off: there is never a gap."""
        if self.lagged:
            return
        if len(self._events) >= MAX_EVENTS:
            self._events.clear()
            self._frames.clear()
            self.lagged = True
        else:
            self._events.append(numbered)
            if len(self._events) > SLOW_AT:
                self._frames.clear()
        self._changed.set()

    def offer(self, frame: SoundFrame | LevelsNow) -> None:
        """Queue sound or levels, if there is room; the oldest are dropped."""
        if self.lagged or len(self._events) > SLOW_AT:
            self.dropped += 1
            return
        if len(self._frames) >= MAX_FRAMES:
            self._frames.popleft()
            self.dropped += 1
        self._frames.append(frame)
        self._changed.set()

    def wake(self) -> None:
        """Let `wait` return, for something else that is to be sent."""
        self._changed.set()

    def end(self, reason: str) -> None:
        """Let nothing more come after what is queued."""
        self.ended = reason
        self._changed.set()

    async def wait(self) -> None:
        """Return when there may be something to take, or the queue has ended, or lags."""
        await self._changed.wait()
        self._changed.clear()

    def take(self) -> NumberedEvent | SoundFrame | LevelsNow | None:
        """Return the next item to be sent; None where nothing waits."""
        if self._events:
            return self._events.popleft()
        return self._frames.popleft() if self._frames else None

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._events)
