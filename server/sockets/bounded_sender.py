"""Bounded sender: one task that sends to one peer, so that nobody else ever waits for it.

What waits is bounded by the peer's outbox, which also says what is dropped first. A peer that takes
nothing for `TAKE_WITHIN_S` is given up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.dialects.close_reasons import Closings
from server.dialects.dialect import WireMessage

TAKE_WITHIN_S = 10.0
"""Longest time for which a peer may take nothing; ordinary outages are shorter."""

GIVE_UP_WITHIN_S = 1.0
"""Longest close of a peer that takes nothing: it does not read that either."""

LOST = (WebSocketDisconnect, RuntimeError, OSError)
"""Errors of sending to a peer that is gone (RuntimeError: Starlette's, after the peer's close)."""

R = TypeVar("R", bound=Closings)
R_co = TypeVar("R_co", bound=Closings, covariant=True)


class Outbox(Protocol[R_co]):
    """What waits to be sent to one peer: bounded, in order, with its own rule for what to drop."""

    async def wait(self) -> None:
        """Return when there may be something to take, and after `wake`."""

    def wake(self) -> None:
        """Let `wait` return."""

    async def take(self) -> WireMessage | R_co | None:
        """Return the next message.

        A reason to close when nothing follows any more; None when nothing may be sent just now.
        """


class BoundedSender(Generic[R]):
    """The task that empties an outbox into a WebSocket, and closes it."""

    def __init__(
        self,
        websocket: WebSocket,
        outbox: Outbox[R],
        *,
        before_close: Callable[[R], Awaitable[None]] | None = None,
        stalled: R | None = None,
        take_within_s: float = TAKE_WITHIN_S,
    ) -> None:
        """Make a sender, whose `run` has to be started.

        `before_close` is awaited with the reason before an open socket is closed. `stalled` is the
        reason for a peer that takes nothing; without one its socket is left as it is.
        """
        self._websocket = websocket
        self._outbox = outbox
        self._before_close = before_close
        self._stalled = stalled
        self._take_within_s = take_within_s
        self._closing: R | None = None

    @property
    def closing(self) -> R | None:
        """Reason with which the socket is being closed; None while it stays open."""
        return self._closing

    def close_with(self, reason: R) -> None:
        """Close once what waits has been sent. The first reason counts."""
        self._closing = self._closing or reason
        self._outbox.wake()

    async def run(self) -> bool:
        """Send until closed or lost; return False if the peer took nothing for too long.

        Never raises for a peer that is gone.
        """
        try:
            while True:
                await self._outbox.wait()
                await self._send_waiting()
                if self._closing is not None:
                    await self._close(self._closing)
                    return True
        except TimeoutError:
            await self._give_up()
            return False
        except LOST:
            return True

    async def _send_waiting(self) -> None:
        while (item := await self._outbox.take()) is not None:
            if isinstance(item, Closings):
                self.close_with(item)
                return
            async with asyncio.timeout(self._take_within_s):
                if isinstance(item, str):
                    await self._websocket.send_text(item)
                else:
                    await self._websocket.send_bytes(item)

    async def _close(self, reason: R) -> None:
        if self._websocket.client_state is not WebSocketState.CONNECTED:
            return
        if self._before_close is not None:
            await self._before_close(reason)
        async with asyncio.timeout(self._take_within_s):
            await self._websocket.close(reason.code, reason.sentence)

    async def _give_up(self) -> None:
        if self._stalled is None:
            return
        reason = self._closing or self._stalled
        try:
            async with asyncio.timeout(GIVE_UP_WITHIN_S):
                await self._websocket.close(reason.code, reason.sentence)
        except (TimeoutError, *LOST):
            pass
