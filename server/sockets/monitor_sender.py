"""What goes out to a monitor: answers to its commands, then events, then sound and levels.

The interview never waits for it. A monitor that takes nothing for 10 s, or has too much waiting, is
let go: as lagged, so that it comes back by snapshot.
"""

import asyncio
from collections import deque

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.dialects.close_reasons import MonitorClose
from server.dialects.monitor.dialect import encode
from sessions.monitor.subscription import Subscription

TAKE_WITHIN_S = 10.0
"""A monitor that takes nothing for this long is let go; ordinary outages are shorter."""

MAX_ANSWERS = 64
"""Answers that wait: whoever asks on without reading any is a flood."""

log = structlog.get_logger()


class MonitorSender:
    """The sending half of one connection; `run` is its task."""

    def __init__(self, websocket: WebSocket, *, take_within_s: float = TAKE_WITHIN_S) -> None:
        self._websocket = websocket
        self._take_within_s = take_within_s
        self._answers: deque[str] = deque()
        self._subscription = Subscription()  # of nothing, before it is let in
        self._closing: MonitorClose | None = None

    def begin(self, subscription: Subscription, opening: str) -> None:
        """It is let in: the answer to its hello, then whatever the subscription brings."""
        self._answers.append(opening)
        waiting, self._subscription = self._subscription, subscription
        waiting.poke()
        subscription.poke()

    def answer(self, message: str) -> None:
        """Queue an answer."""
        if len(self._answers) >= MAX_ANSWERS:
            self.close_with(MonitorClose.TOO_MUCH)
            return
        self._answers.append(message)
        self._subscription.poke()

    def close_with(self, reason: MonitorClose) -> None:
        """Close once what is queued was sent. The first reason counts."""
        self._closing = self._closing or reason
        self._subscription.poke()

    async def run(self) -> None:
        """Send until closed, lost, or nothing is taken. Never raises for a lost peer."""
        try:
            while self._closing is None:
                await self._subscription.wait()
                await self._send_queued()
                self._closing = self._closing or self._ended()
            await self._close(self._closing)
        except TimeoutError:
            log.warning("monitor takes nothing", waiting=self._subscription.waiting)
            await self._give_up()
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # Starlette raises RuntimeError for a send after the peer's close

    async def _send_queued(self) -> None:
        while True:
            message: str | bytes
            if self._answers:
                message = self._answers.popleft()
            elif self._closing is MonitorClose.ACCESS_CHANGED:
                return  # nothing more for whoever has lost the right to it
            elif (item := self._subscription.take()) is not None:
                message = encode(item)
            else:
                return
            async with asyncio.timeout(self._take_within_s):
                if isinstance(message, str):
                    await self._websocket.send_text(message)
                else:
                    await self._websocket.send_bytes(message)

    def _ended(self) -> MonitorClose | None:
        subscription = self._subscription
        if subscription.lagged:
            return MonitorClose.LAGGED
        if subscription.ended is None:
            return None
        return MonitorClose.RESTART if subscription.ended == "suspended" else MonitorClose.NORMAL

    async def _close(self, reason: MonitorClose) -> None:
        if self._websocket.client_state is WebSocketState.CONNECTED:
            async with asyncio.timeout(self._take_within_s):
                await self._websocket.close(reason.code, reason.sentence)

    async def _give_up(self) -> None:
        """A peer that reads nothing does not read the close frame either."""
        try:
            async with asyncio.timeout(1.0):
                reason = self._closing or MonitorClose.LAGGED
                await self._websocket.close(reason.code, reason.sentence)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            return
