"""Channel: fan-out of one interview's events to its monitors, a bounded queue each.

Publishing never waits and never fails: no viewer can slow an interview down. Of a slow monitor
first sound and levels are dropped; then it is cut off, and comes back by snapshot. While nobody
watches, no event is made, numbered or kept.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable

from sessions.monitor.events import LevelsNow, MonitorEvent, NumberedEvent, SoundFrame
from sessions.monitor.protocol import Since
from sessions.monitor.subscription import Subscription

HISTORY = 1_024
"""Events kept for monitors that come back: several minutes of an interview."""

LINGER_S = 60.0
"""Seconds that events go on being kept after the last monitor has left: long enough for a reload or
a lost network."""

MAX_MONITORS = 50
"""Monitors of one interview at most."""


class Channel:
    """The fan-out of one interview in this process. `now` gives session ms."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._subscriptions: set[Subscription] = set()
        self._history: deque[NumberedEvent] = deque(maxlen=HISTORY)
        self._lingering: asyncio.TimerHandle | None = None
        self.active = False
        self.stream = ""
        self.seq = 0

    @property
    def count(self) -> int:
        """How many monitors there are."""
        return len(self._subscriptions)

    def publish(self, event: MonitorEvent) -> None:
        """Number an event and queue it for everybody; do nothing while nobody watches."""
        if not self.active:
            return
        self.seq += 1
        numbered = NumberedEvent(self.seq, self._now(), event)
        self._history.append(numbered)
        for subscription in self._subscriptions:
            subscription.push(numbered)

    def offer(self, frame: SoundFrame | LevelsNow) -> None:
        """Offer sound or levels to those who want them."""
        sound = isinstance(frame, SoundFrame)
        for subscription in self._subscriptions:
            if subscription.wants_sound if sound else subscription.wants_levels:
                subscription.offer(frame)

    def wanted(self) -> tuple[bool, bool]:
        """Return whether anybody wants sound, and whether anybody wants levels."""
        sound = any(subscription.wants_sound for subscription in self._subscriptions)
        return sound, any(subscription.wants_levels for subscription in self._subscriptions)

    def subscribe(self, since: Since | None) -> tuple[Subscription, bool]:
        """Return a new queue, and whether what was missed `since` is in it.

        Where it is not, the monitor needs a snapshot, taken before anything else is published.
        """
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
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
        """Remove a queue; one that is not there is ignored."""
        self._subscriptions.discard(subscription)
        if not self._subscriptions and self.active and self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._stop)

    def end(self, reason: str) -> None:
        """Tell every monitor that nothing more will come, and forget all of them."""
        for subscription in self._subscriptions:
            subscription.end(reason)
        self._stop()

    def _stop(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self._subscriptions.clear()
        self._history.clear()
        self.active = False

    def _missed(self, since: Since | None) -> list[NumberedEvent] | None:
        """Return the events after `since`; None where they are not all kept."""
        if since is None or since.stream != self.stream or since.last > self.seq:
            return None
        if since.last < self.seq and (not self._history or self._history[0].seq > since.last + 1):
            return None
        return [numbered for numbered in self._history if numbered.seq > since.last]
