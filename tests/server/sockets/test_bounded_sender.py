"""The sending task: until closed, lost, or nothing is taken; the first reason to close counts."""

import asyncio
from collections import deque
from typing import Any, cast

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import WireMessage
from server.sockets.bounded_sender import BoundedSender


class Socket:
    """Keeps what it is sent; blocks or raises where told to."""

    def __init__(self, *, blocked: bool = False, error: Exception | None = None) -> None:
        self.came: list[object] = []
        self.client_state = WebSocketState.CONNECTED
        self._blocked = blocked
        self._error = error

    async def send_text(self, data: str) -> None:
        await self._take(data)

    async def send_bytes(self, data: bytes) -> None:
        await self._take(data)

    async def close(self, code: int, reason: str) -> None:
        self.came.append(code)

    async def _take(self, data: object) -> None:
        if self._error is not None:
            raise self._error
        if self._blocked:
            await asyncio.get_running_loop().create_future()
        self.came.append(data)


class Box:
    """An outbox that holds what it is given."""

    def __init__(self, *items: WireMessage | CloseReason) -> None:
        self._items = deque(items)
        self._news = asyncio.Event()
        self._news.set()

    async def wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    def wake(self) -> None:
        self._news.set()

    async def take(self) -> WireMessage | CloseReason | None:
        return self._items.popleft() if self._items else None


def sender(socket: Socket, box: Box, **options: Any) -> BoundedSender[CloseReason]:
    return BoundedSender(cast(WebSocket, socket), box, **options)


async def test_what_waits_goes_out_before_the_close_and_the_first_reason_counts() -> None:
    socket = Socket()
    sending = sender(socket, Box("hello", b"\0\1"))
    sending.close_with(CloseReason.RESTART)
    sending.close_with(CloseReason.NORMAL)
    assert await sending.run() is True
    assert socket.came == ["hello", b"\0\1", 1012]
    assert sending.closing is CloseReason.RESTART


async def test_a_reason_in_the_outbox_closes_the_socket() -> None:
    socket = Socket()
    assert await sender(socket, Box("last words", CloseReason.NORMAL, "never sent")).run() is True
    assert socket.came == ["last words", 1000]


async def test_before_the_close_is_told_why() -> None:
    socket = Socket()
    told: list[object] = []

    async def before(reason: CloseReason) -> None:
        told.append((reason, list(socket.came)))

    await sender(socket, Box("x", CloseReason.NO_ROOM), before_close=before).run()
    assert told == [(CloseReason.NO_ROOM, ["x"])]


async def test_a_socket_that_is_closed_already_is_not_closed_again() -> None:
    socket = Socket()
    socket.client_state = WebSocketState.DISCONNECTED
    assert await sender(socket, Box(CloseReason.GOING_AWAY)).run() is True
    assert socket.came == []


@pytest.mark.parametrize("error", [WebSocketDisconnect(1006), RuntimeError("closed"), OSError()])
async def test_a_lost_peer_ends_the_task(error: Exception) -> None:
    assert await sender(Socket(error=error), Box("x")).run() is True


@pytest.mark.parametrize(
    ("stalled", "closed"), [(None, []), (CloseReason.GOING_AWAY, [CloseReason.GOING_AWAY.code])]
)
async def test_a_peer_that_takes_nothing_is_let_go(
    stalled: CloseReason | None, closed: list[int]
) -> None:
    socket = Socket(blocked=True)
    sending = sender(socket, Box("x"), stalled=stalled, take_within_s=0.01)
    assert await sending.run() is False
    assert socket.came == closed
