"""One connection: its two tasks, and the reason with which each end of it closes the socket."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.dialects.close_reasons import CloseReason
from server.sockets.serve import SentAway, receive, serve_connection
from sessions.record.transaction import ValueRefused

Conversation = Coroutine[Any, Any, None]


class Sender:
    """Sends until it is told to close, or for ever."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.log = structlog.stdlib.get_logger()
        self.reason: CloseReason | None = None
        self.cancelled = False
        self._stuck = stuck
        self._closed = asyncio.Event()

    def close_with(self, reason: CloseReason) -> None:
        self.reason = reason
        if not self._stuck:
            self._closed.set()

    async def run(self) -> None:
        try:
            await self._closed.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def run(conversation: Conversation, sender: Sender) -> None:
    await serve_connection(
        conversation,
        sender,
        gone=CloseReason.GOING_AWAY,
        failed=CloseReason.INTERNAL_ERROR,
        unfit=CloseReason.BAD_VALUE,
    )


async def returns() -> None:
    """The peer is gone."""


async def disconnects() -> None:
    raise WebSocketDisconnect(1005)


async def is_sent_away() -> None:
    raise SentAway(CloseReason.NO_HELLO)


async def says_what_cannot_be_kept() -> None:
    raise ValueRefused("NUL")


async def fails() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("conversation", "reason"),
    [
        (returns, CloseReason.GOING_AWAY),
        (disconnects, CloseReason.GOING_AWAY),
        (is_sent_away, CloseReason.NO_HELLO),
        (says_what_cannot_be_kept, CloseReason.BAD_VALUE),
        (fails, CloseReason.INTERNAL_ERROR),
    ],
)
async def test_the_end_of_the_conversation_closes_the_socket(
    conversation: Callable[[], Conversation], reason: CloseReason
) -> None:
    sender = Sender()
    await run(conversation(), sender)
    assert sender.reason is reason
    assert not sender.cancelled


async def test_the_conversation_ends_when_nothing_can_be_sent_any_more() -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def conversation() -> None:
        try:
            begun.set()
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    sender = Sender()
    serving = asyncio.create_task(run(conversation(), sender))
    await begun.wait()
    sender._closed.set()
    await serving
    assert ended.is_set()
    assert sender.reason is None


async def test_a_peer_that_does_not_read_its_close_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.sockets.serve.CLOSE_WITHIN_S", 0.01)
    sender = Sender(stuck=True)
    await run(is_sent_away(), sender)
    assert sender.cancelled


class Socket:
    def __init__(self, message: dict[str, Any]) -> None:
        self._message = message

    async def receive(self) -> dict[str, Any]:
        return self._message


@pytest.mark.parametrize(
    ("message", "received"),
    [
        ({"type": "websocket.receive", "text": "words"}, "words"),
        ({"type": "websocket.receive", "bytes": b"", "text": None}, b""),
        ({"type": "websocket.receive"}, ""),
    ],
)
async def test_a_message_is_text_or_bytes(message: dict[str, Any], received: str | bytes) -> None:
    assert await receive(cast(WebSocket, Socket(message))) == received


async def test_the_end_of_the_socket_is_a_disconnect() -> None:
    with pytest.raises(WebSocketDisconnect):
        await receive(cast(WebSocket, Socket({"type": "websocket.disconnect"})))
