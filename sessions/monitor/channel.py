"""Fan-out to those who watch: one channel an interview, a bounded queue a monitor.

Publishing never waits and never fails. Nobody who watches can slow an interview down: of a slow
monitor first the sound and the levels are dropped, then it is cut off, and joins again by snapshot.
While nobody watches, nothing is made, numbered or kept.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable

from sessions.monitor.events import Event, LevelsNow, Numbered, SoundFrame
from sessions.monitor.protocol import Since
from sessions.monitor.subscription import Subscription

HISTORY = 1_024
"""Events kept for those who come back: several minutes."""

LINGER_S = 60.0
"""How long events go on being kept after the last monitor has left: a reload, a lost network."""

MAX_MONITORS = 50
"""Of one interview."""


class Channel:
    """One interview's fan-out in this process. `now` tells session ms."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._subscriptions: set[Subscription] = set()
        self._history: deque[Numbered] = deque(maxlen=HISTORY)
        self._resting: asyncio.TimerHandle | None = None
        self.active = False
        self.stream = ""
        self.seq = 0

    @property
    def count(self) -> int:
        """How many monitors there are."""
        return len(self._subscriptions)

    def publish(self, event: Event) -> None:
        """Number an event and queue it for everybody; nothing at all while nobody watches."""
        if not self.active:
            return
        self.seq += 1
        numbered = Numbered(self.seq, self._now(), event)
        self._history.append(numbered)
        for subscription in self._subscriptions:
            subscription.push(numbered)

    def spread(self, frame: SoundFrame | LevelsNow) -> None:
        """Offer sound or levels to those who want them."""
        sound = isinstance(frame, SoundFrame)
        for subscription in self._subscriptions:
            if subscription.wants_sound if sound else subscription.wants_levels:
                subscription.offer(frame)

    def wanted(self) -> tuple[bool, bool]:
        """Whether anybody wants sound, and whether anybody wants levels."""
        sound = any(subscription.wants_sound for subscription in self._subscriptions)
        return sound, any(subscription.wants_levels for subscription in self._subscriptions)

    def subscribe(self, since: Since | None) -> tuple[Subscription, bool]:
        """A new queue. True with it: `since` is known, and what was missed is queued; otherwise the
        monitor needs a snapshot, taken before anything else is published."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if not self.active:
            self.active, self.stream, self.seq = True, secrets.token_urlsafe(9), 0
        subscription = Subscription()
        missed = self._missed(since)
        for numbered in missed or ():
            subscription.push(numbered)
        known = missed is not None and not subscription.lagged
        if not known:
            subscription = Subscription()
        self._subscriptions.add(subscription)
        return subscription, known

    def unsubscribe(self, subscription: Subscription) -> None:
        """Harmless for one that is not there."""
        self._subscriptions.discard(subscription)
        if not self._subscriptions and self.active and self._resting is None:
            self._resting = asyncio.get_running_loop().call_later(LINGER_S, self._rest)

    def end(self, reason: str) -> None:
        """The interview is not here any more: everybody is told so, and goes."""
        for subscription in self._subscriptions:
            subscription.end(reason)
        self._rest()

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._subscriptions.clear()
        self._history.clear()
        self.active = False

    def _missed(self, since: Since | None) -> list[Numbered] | None:
        """The events after `since`; None where they are not all there."""
        if since is None or since.stream != self.stream or since.last > self.seq:
            return None
        if since.last < self.seq and (not self._history or self._history[0].seq > since.last + 1):
            return None
        return [numbered for numbered in self._history if numbered.seq > since.last]
