"""MonitorSender: sends a monitor the answers to its commands, then events, then sound and levels.

The interview never waits for it. A monitor that takes nothing for 10 s, or has too much waiting, is
closed as lagged, so that it comes back by snapshot.
"""

from collections import deque

import structlog
from starlette.websockets import WebSocket

from server.dialects.close_reasons import MonitorClose
from server.dialects.dialect import WireMessage
from server.dialects.monitor.dialect import encode
from server.sockets.bounded_sender import TAKE_WITHIN_S, BoundedSender
from sessions.monitor.subscription import Subscription

MAX_ANSWERS = 64
"""Answers that wait; a client that goes on asking without reading is a flood."""


class _MonitorOutbox:
    """What waits for one monitor: answers first, then what its subscription holds."""

    def __init__(self) -> None:
        self.answers: deque[str] = deque()
        self.subscription = Subscription()  # of nothing, before it is let in
        self.revoked = False

    async def wait(self) -> None:
        """See `Outbox`."""
        await self.subscription.wait()

    def wake(self) -> None:
        """See `Outbox`."""
        self.subscription.wake()

    async def take(self) -> WireMessage | MonitorClose | None:
        """See `Outbox`."""
        if self.answers:
            return self.answers.popleft()
        if self.revoked:
            return None  # nothing more for whoever has lost the right to it
        item = self.subscription.take()
        return self._ended() if item is None else encode(item)

    def _ended(self) -> MonitorClose | None:
        subscription = self.subscription
        if subscription.lagged:
            return MonitorClose.LAGGED
        if subscription.ended is None:
            return None
        return MonitorClose.RESTART if subscription.ended == "suspended" else MonitorClose.NORMAL


class MonitorSender:
    """The sending half of one connection; `run` is its task."""

    def __init__(self, websocket: WebSocket, *, take_within_s: float = TAKE_WITHIN_S) -> None:
        self.log = structlog.stdlib.get_logger().bind(socket="monitor")
        self._outbox = _MonitorOutbox()
        self._sender = BoundedSender(
            websocket, self._outbox, stalled=MonitorClose.LAGGED, take_within_s=take_within_s
        )

    def begin(self, subscription: Subscription, opening: str) -> None:
        """Send the answer to its hello, then whatever the subscription brings."""
        self._outbox.answers.append(opening)
        waiting, self._outbox.subscription = self._outbox.subscription, subscription
        waiting.wake()
        subscription.wake()

    def answer(self, message: str) -> None:
        """Queue an answer."""
        if len(self._outbox.answers) >= MAX_ANSWERS:
            self.close_with(MonitorClose.TOO_MUCH)
            return
        self._outbox.answers.append(message)
        self._outbox.wake()

    def close_with(self, reason: MonitorClose) -> None:
        """Close once what is queued was sent. The first reason counts."""
        self._sender.close_with(reason)
        self._outbox.revoked = self._sender.closing is MonitorClose.ACCESS_CHANGED

    async def run(self) -> None:
        """Send until closed, lost, or nothing is taken. Never raises for a lost peer."""
        if not await self._sender.run():
            waiting = self._outbox.subscription.waiting
            self.log.warning("peer takes no messages", waiting=waiting)
