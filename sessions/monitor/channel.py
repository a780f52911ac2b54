"""Fan-out to those who watch: one channel an interview, a bounded queue a monitor.

Publishing never waits and never fails. Nobody who watches can slow an interview down: of a slow
monitor first the sound and the levels are dropped, then it is cut off, and joins again by snapshot.
While nobody watches, nothing is made, numbered or kept.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from numpy import int16
from numpy.typing import NDArray

from sessions.monitor.events import Event, LevelsNow, Numbered, Snapshot, SoundFrame
from sessions.monitor.rights import Right
from sessions.record.action_log import ActionKind, Actor

MAX_EVENTS = 256
"""Events that wait for a monitor at most: minutes of an interview, far more than a hiccup."""

SLOW_AT = 32
"""With so many events waiting, sound would only make it worse."""

MAX_LOOSE = 4
"""Frames of sound, or of levels, that wait at most: 320 ms, beyond which it is not live."""

HISTORY = 1_024
"""Events kept for those who come back: several minutes."""

LINGER_S = 60.0
"""How long events go on being kept after the last monitor has left: a reload, a lost network."""

MAX_MONITORS = 50
"""Of one interview."""


class Refusal(Exception):
    """What was asked for is not done. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who wants to watch, with what a ticket grants. `tell`: the candidate is to know when
    somebody listens."""

    actor: Actor
    rights: frozenset[Right]
    tell: bool = True


@dataclass(frozen=True, slots=True)
class Since:
    """What a monitor that comes back has: the stream, and the number of its last event."""

    stream: str
    last: int


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


class Seat(Protocol):
    """One monitor's place at an interview, wherever that is held."""

    subscription: Subscription
    opening: Snapshot | None
    """None for one who came back and missed nothing."""

    stream: str

    @property
    def holds_floor(self) -> bool:
        """Whether this monitor's microphone is, or is about to be, the interviewer's voice."""

    def listen(self, on: bool) -> None:
        """Begin, or cease, to get sound. Raises Refusal."""

    async def act(
        self, kind: ActionKind, *, text: str = "", force: bool = False, minutes: int = 0
    ) -> UUID:
        """Do something; its id on record. Raises Refusal, and then nothing was done."""

    def hear(self, samples: NDArray[int16]) -> None:
        """The recruiter's microphone: mono PCM16 at 16 kHz. Raises Refusal without the floor."""

    def leave(self) -> None:
        """Go. Harmless a second time."""


class MonitorHub(Protocol):
    """What an edge needs to let people watch: the one way there is, in this process (see
    `monitor_hub.LocalHub`) or in another one."""

    def join(self, interview_id: UUID, visitor: Visitor, since: Since | None) -> Seat | None:
        """A place at an interview that is live now; None where it is not. Raises Refusal."""
