"""Serving a connection: one task that reads and one that sends, until either of them ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, Protocol, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect
from structlog.stdlib import BoundLogger

from server.dialects.close_reasons import Closings
from sessions.record.transaction import ValueRefused

HELLO_WITHIN_S = 5.0
"""Longest time until a peer shows its ticket."""

START_WITHIN_S = 1_800.0
"""Longest time until who was let in begins: to read what is asked, to try out a microphone and to
fetch a headset takes minutes. A seat that is held by nobody is one less for the others."""

MISTAKES_ALLOWED = 3
"""Number of messages against the protocol with which the socket is closed."""

CLOSE_WITHIN_S = 5.0
"""Longest time for a peer that is sent away to read what it is told."""

R = TypeVar("R", bound=Closings)
R_contra = TypeVar("R_contra", bound=Closings, contravariant=True)


class SentAway(Exception, Generic[R]):
    """The peer is not let in, or not kept, for this reason.

    With `at_the_handshake` the socket is never opened (an HTTP status instead); otherwise it is
    closed with the reason's code.
    """

    def __init__(self, reason: R, *, at_the_handshake: bool = False) -> None:
        super().__init__(reason.sentence)
        self.reason = reason
        self.at_the_handshake = at_the_handshake


class Sender(Protocol[R_contra]):
    """The sending half of one connection."""

    log: BoundLogger
    """Logger that is bound to what is known of the peer."""

    def close_with(self, reason: R_contra) -> None:
        """Close once what waits has been sent."""

    async def run(self) -> None:
        """Send until closed or lost."""


async def serve_connection(
    conversation: Coroutine[Any, Any, None],
    sender: Sender[R],
    *,
    gone: R,
    failed: R,
    unfit: R | None = None,
) -> None:
    """Run one connection to its end; `conversation` is its reading half.

    The socket is closed with the reason of the SentAway that the conversation raises, with `gone`
    after its end or a WebSocketDisconnect, with `unfit` (`failed` without one) after a
    ValueRefused, and with `failed` after any other error.
    """
    holding = asyncio.create_task(_hold(conversation, sender, gone, failed, unfit or failed))
    sending = asyncio.create_task(sender.run())
    try:
        await asyncio.wait({holding, sending}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done() and not sending.cancelled() and (error := sending.exception()):
            sender.log.error("socket cannot be written to", exc_info=error)
        if holding.done():
            sender.close_with(holding.result())
            await asyncio.wait({sending}, timeout=CLOSE_WITHIN_S)
    finally:
        holding.cancel()
        sending.cancel()
        await asyncio.gather(holding, sending, return_exceptions=True)


async def receive(websocket: WebSocket) -> str | bytes:
    """Return the next message of the peer. Raises WebSocketDisconnect once it is gone."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    frame: bytes | None = message.get("bytes")
    return (message.get("text") or "") if frame is None else frame


async def _hold(
    conversation: Coroutine[Any, Any, None], sender: Sender[R], gone: R, failed: R, unfit: R
) -> R:
    try:
        await conversation
    except SentAway as away:
        sender.log.info("socket refused", why=away.reason.label)
        reason: R = away.reason
        return reason
    except WebSocketDisconnect:
        return gone
    except ValueRefused as error:
        sender.log.warning("socket refused", why="bad_value", problem=str(error))
        return unfit
    except Exception:
        sender.log.exception("socket failed")
        return failed
    return gone
