"""A session's leg over one WebSocket: queues what the session says, one task sends it.

The session never waits for a slow client: what does not go out is bounded here, and a client that
takes nothing is let go.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import Dialect, WireMessage
from sessions.leg import LegEnd, Note

MAX_QUEUED_BYTES = 1_000_000
"""About 20 s of sound: far more than is ever sent ahead."""

TAKE_WITHIN_S = 10.0
"""A client that takes nothing for this long is let go; ordinary outages are shorter."""

CATCH_UP = 2.0
"""What has waited for a congested peer goes out so much faster than it is played: its buffer is
still nearly full, and it must have time to say so again."""

CLOSE_REASONS = {
    LegEnd.OVER: CloseReason.NORMAL,
    LegEnd.REPLACED: CloseReason.OPENED_ELSEWHERE,
    LegEnd.RESTART: CloseReason.RESTART,
    LegEnd.ADJOURNED: CloseReason.ANOTHER_TIME,
    LegEnd.BROKEN: CloseReason.INTERNAL_ERROR,
}


Part = Callable[[CloseReason], Awaitable[None]]
"""Who must know of a close before the peer does."""


class _Queued(NamedTuple):
    message: WireMessage
    sound: bool


class SocketLeg:
    """The `sessions.leg.Leg` of a WebSocket. `run` is its sending task; `log` may be bound to
    what is known of the peer."""

    def __init__(
        self,
        websocket: WebSocket,
        dialect: Dialect,
        *,
        part: Part | None = None,
        take_within_s: float = TAKE_WITHIN_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`part` is awaited with the reason before the socket is closed."""
        self.log = structlog.stdlib.get_logger()
        self._part = part
        self._take_within_s = take_within_s
        self._sleep = sleep
        self._websocket = websocket
        self._dialect = dialect
        self._queue: deque[_Queued] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._congested = False
        self._catching_up = False
        self._closing: CloseReason | None = None

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
        self._queue = deque(queued for queued in self._queue if not queued.sound)
        self._queued_bytes = sum(len(queued.message) for queued in self._queue)
        self._congested = self._catching_up = False  # the peer's buffer will be empty
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
        """How much waits to be sent."""
        return self._queued_bytes

    # --- for the pump ----------------------------------------------------------------------------

    def send(self, messages: list[WireMessage]) -> None:
        """Queue messages; none after `close_with`."""
        self._put(messages, sound=False)

    def congested(self, yes: bool) -> None:
        """While the peer can take no more sound, nothing goes out that stands behind some."""
        self._congested = yes
        self._catching_up = self._catching_up or yes
        self._wake.set()

    def _put(self, messages: list[WireMessage], *, sound: bool) -> None:
        if self._closing is not None:
            return
        for message in messages:
            self._queue.append(_Queued(message, sound))
            self._queued_bytes += len(message)
        if self._queued_bytes > MAX_QUEUED_BYTES:
            self.log.warning("client takes too little", queued_bytes=self._queued_bytes)
            self._queue.clear()
            self._queued_bytes = 0
            self._closing = CloseReason.GOING_AWAY
        self._wake.set()

    def close_with(self, reason: CloseReason) -> None:
        """Close once everything queued has been sent. The first reason counts."""
        if self._closing is None:
            self.send(self._dialect.closing_messages(reason))
            self._closing = reason
        self._wake.set()

    async def run(self) -> None:
        """Send until closed, lost, or the client takes nothing. Never raises for a lost client."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._send_queued()
                if self._closing is not None:
                    await self._close()
                    return
        except TimeoutError:
            self.log.warning("client takes nothing", queued_bytes=self._queued_bytes)
        except (WebSocketDisconnect, RuntimeError, OSError):
            # Starlette raises RuntimeError for a send after the peer's close.
            return

    async def _send_queued(self) -> None:
        while self._queue and not (self._congested and self._queue[0].sound):
            message, sound = self._queue.popleft()
            self._queued_bytes -= len(message)
            async with asyncio.timeout(self._take_within_s):
                if isinstance(message, str):
                    await self._websocket.send_text(message)
                else:
                    await self._websocket.send_bytes(message)
            if sound and self._catching_up and isinstance(message, bytes):
                await self._sleep(self._lasts_s(message) / CATCH_UP)
        if not self._queue:
            self._catching_up = False

    def _lasts_s(self, sound: bytes) -> float:
        spoken = self._dialect.traits.output_format
        return len(sound) / (spoken.sample_rate * spoken.bytes_per_sample)

    async def _close(self) -> None:
        if self._closing is None or self._websocket.client_state is not WebSocketState.CONNECTED:
            return
        if self._part is not None:
            await self._part(self._closing)
        async with asyncio.timeout(self._take_within_s):
            await self._websocket.close(self._closing.code, self._closing.sentence)
