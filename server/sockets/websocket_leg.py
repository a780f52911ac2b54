"""WebSocket leg: the leg of a session whose output is queued here and sent by one task.

The session never waits for a slow client: what waits is bounded, and a client that takes nothing is
given up.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from starlette.websockets import WebSocket

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import Dialect, WireMessage
from server.sockets.bounded_sender import TAKE_WITHIN_S, BoundedSender
from sessions.leg import LegEnd, Note

MAX_QUEUED_BYTES = 1_000_000
"""Most that waits for one client: about 20 s of sound, far more than is ever sent ahead."""

CATCH_UP = 2.0
"""Rate, in times real time, at which sound that has waited for a congested peer is sent: its buffer
is still nearly full, and it must have time to say so again."""

CLOSE_REASONS = {
    LegEnd.OVER: CloseReason.NORMAL,
    LegEnd.REPLACED: CloseReason.OPENED_ELSEWHERE,
    LegEnd.RESTART: CloseReason.RESTART,
    LegEnd.ADJOURNED: CloseReason.ANOTHER_TIME,
    LegEnd.UNAVAILABLE: CloseReason.INTERVIEWER_AWAY,
    LegEnd.BROKEN: CloseReason.INTERNAL_ERROR,
}


Part = Callable[[CloseReason], Awaitable[None]]
"""Callback that is awaited with the reason before a socket is closed."""


class _Queued(NamedTuple):
    message: WireMessage
    sound: bool


class _LegOutbox:
    """What waits for one leg: sound waits while the peer is congested, and a flush drops it."""

    def __init__(
        self, lasts_s: Callable[[bytes], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._lasts_s = lasts_s
        self._sleep = sleep
        self._queue: deque[_Queued] = deque()
        self._news = asyncio.Event()
        self._congested = False
        self._catching_up = False
        self._sent: bytes | None = None
        self.queued_bytes = 0

    def put(self, messages: list[WireMessage], *, sound: bool) -> None:
        """Queue messages; a flush drops those of sound."""
        for message in messages:
            self._queue.append(_Queued(message, sound))
            self.queued_bytes += len(message)
        self._news.set()

    def flush(self) -> None:
        """Drop the sound that waits: the peer's buffer will be empty."""
        self._queue = deque(queued for queued in self._queue if not queued.sound)
        self.queued_bytes = sum(len(queued.message) for queued in self._queue)
        self._congested = self._catching_up = False

    def clear(self) -> None:
        """Drop everything."""
        self._queue.clear()
        self.queued_bytes = 0

    def congest(self, yes: bool) -> None:
        """Hold back sound, and what is queued behind it, or send it again."""
        self._congested = yes
        self._catching_up = self._catching_up or yes
        self._news.set()

    # --- server.sockets.bounded_sender.Outbox ----------------------------------------------------

    async def wait(self) -> None:
        """See `Outbox`."""
        await self._news.wait()
        self._news.clear()

    def wake(self) -> None:
        """See `Outbox`."""
        self._news.set()

    async def take(self) -> WireMessage | None:
        """See `Outbox`. Waits between two pieces of sound for a peer that was congested."""
        sent, self._sent = self._sent, None
        if sent is not None and self._catching_up:
            await self._sleep(self._lasts_s(sent) / CATCH_UP)
        if not self._queue:
            self._catching_up = False
            return None
        if self._congested and self._queue[0].sound:
            return None
        message, sound = self._queue.popleft()
        self.queued_bytes -= len(message)
        if sound and isinstance(message, bytes):
            self._sent = message
        return message


class SocketLeg:
    """The `sessions.leg.Leg` of a WebSocket.

    `run` is its sending task; `log` may be bound to what is known of the peer.
    """

    def __init__(
        self,
        websocket: WebSocket,
        dialect: Dialect,
        *,
        part: Part | None = None,
        take_within_s: float = TAKE_WITHIN_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make a leg; `part` is awaited with the reason before the socket is closed."""
        self.log = structlog.stdlib.get_logger()
        self._dialect = dialect
        self._outbox = _LegOutbox(self._lasts_s, sleep)
        self._sender = BoundedSender[CloseReason](
            websocket, self._outbox, before_close=part, take_within_s=take_within_s
        )

    # --- sessions.leg.Leg ------------------------------------------------------------------------

    @property
    def acknowledges(self) -> bool:
        """See `Leg`."""
        return self._dialect.traits.acknowledges

    def begin(self, generation: int, offset: int) -> None:
        """See `Leg`."""
        self.send(self._dialect.begin(generation, offset))

    def play(self, pcm: bytes) -> None:
        """See `Leg`."""
        self._put(self._dialect.audio(pcm), sound=True)

    def mark(self, generation: int) -> None:
        """See `Leg`."""
        self.send(self._dialect.mark(generation))

    def flush(self, generation: int) -> None:
        """See `Leg`. What is still queued of sound never goes out."""
        self._outbox.flush()
        self.send(self._dialect.flush(generation))

    def tell(self, note: Note) -> None:
        """See `Leg`."""
        self.send(self._dialect.note(note))

    def close(self, why: LegEnd) -> None:
        """See `Leg`."""
        self.close_with(CLOSE_REASONS[why])

    @property
    def telephone(self) -> bool:
        """See `Leg`."""
        return self._dialect.traits.telephone

    @property
    def queued_bytes(self) -> int:
        """Number of bytes that wait to be sent."""
        return self._outbox.queued_bytes

    # --- for the socket --------------------------------------------------------------------------

    def send(self, messages: list[WireMessage]) -> None:
        """Queue messages; none after `close_with`."""
        self._put(messages, sound=False)

    def congested(self, yes: bool) -> None:
        """Hold back sound, and what is queued behind it, or send it again."""
        self._outbox.congest(yes)

    def close_with(self, reason: CloseReason) -> None:
        """Close once everything queued has been sent. The first reason counts."""
        if self._sender.closing is None:
            self._outbox.put(self._dialect.closing_messages(reason), sound=False)
        self._sender.close_with(reason)

    async def run(self) -> None:
        """Send until closed, lost, or the client takes nothing. Never raises for a lost client."""
        if not await self._sender.run():
            self.log.warning("peer takes no messages", queued_bytes=self.queued_bytes)

    def _put(self, messages: list[WireMessage], *, sound: bool) -> None:
        if self._sender.closing is not None:
            return
        self._outbox.put(messages, sound=sound)
        if self.queued_bytes > MAX_QUEUED_BYTES:
            self.log.warning("peer is too slow", queued_bytes=self.queued_bytes)
            self._outbox.clear()
            self._sender.close_with(CloseReason.GOING_AWAY)

    def _lasts_s(self, sound: bytes) -> float:
        spoken = self._dialect.traits.output_format
        return len(sound) / (spoken.sample_rate * spoken.bytes_per_sample)
