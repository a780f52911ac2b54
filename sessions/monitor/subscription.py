"""One monitor's bounded queue: events in order and without a gap, sound and levels as they fit."""

import asyncio
from collections import deque

from sessions.monitor.events import LevelsNow, Numbered, SoundFrame

MAX_EVENTS = 256
"""Events that wait for a monitor at most: minutes of an interview, far more than a hiccup."""

SLOW_AT = 32
"""With so many events waiting, sound would only make it worse."""

MAX_LOOSE = 4
"""Frames of sound, or of levels, that wait at most: 320 ms, beyond which it is not live."""


class Subscription:
    """One monitor's queue: `wait`, then `take` until None. Events come in order and without a gap;
    sound and levels may be missing. `ended` says why nothing will come any more."""

    def __init__(self) -> None:
        self._events: deque[Numbered] = deque()
        self._loose: deque[SoundFrame | LevelsNow] = deque()
        self._news = asyncio.Event()
        self.wants_sound = False
        self.wants_levels = False
        self.lagged = False
        self.ended: str | None = None
        self.dropped = 0

    def push(self, numbered: Numbered) -> None:
        """Queue an event, or cut this monitor off: never a gap."""
        if self.lagged:
            return
        if len(self._events) >= MAX_EVENTS:
            self._events.clear()
            self._loose.clear()
            self.lagged = True
        else:
            self._events.append(numbered)
            if len(self._events) > SLOW_AT:
                self._loose.clear()
        self._news.set()

    def offer(self, frame: SoundFrame | LevelsNow) -> None:
        """Queue sound or levels, if there is room; the oldest give way."""
        if self.lagged or len(self._events) > SLOW_AT:
            self.dropped += 1
            return
        if len(self._loose) >= MAX_LOOSE:
            self._loose.popleft()
            self.dropped += 1
        self._loose.append(frame)
        self._news.set()

    def poke(self) -> None:
        """Let `wait` return, for something else that is to be sent."""
        self._news.set()

    def end(self, reason: str) -> None:
        """Nothing more will come after what is queued."""
        self.ended = reason
        self._news.set()

    async def wait(self) -> None:
        """Return when there may be something to take, or it has ended, or lags."""
        await self._news.wait()
        self._news.clear()

    def take(self) -> Numbered | SoundFrame | LevelsNow | None:
        """The next to be sent; None where nothing waits."""
        if self._events:
            return self._events.popleft()
        return self._loose.popleft() if self._loose else None

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._events)
