"""The sending half of a socket: what waits while a peer is congested, what a flush drops, and what
is done before a close."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.websockets import WebSocket, WebSocketState

from server.dialects.browser.dialect import BrowserDialect
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import WireMessage
from server.sockets.websocket_leg import SocketLeg
from sessions.leg import LegEnd, TroubleNote


class Wire(WebSocket):
    """The peer's end: what came, in order."""

    def __init__(self) -> None:
        self.came: list[object] = []
        self.client_state = WebSocketState.CONNECTED

    async def send_text(self, data: str) -> None:
        self.came.append(data)

    async def send_bytes(self, data: bytes) -> None:
        self.came.append(data)

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        self.came.append(code)


class Words(BrowserDialect):
    """The browser's, in words that are easy to read."""

    def audio(self, pcm: bytes) -> list[WireMessage]:
        return [f"sound {pcm.decode()}", f"mark {pcm.decode()}"]

    def flush(self, generation: int) -> list[WireMessage]:
        return ["flush"]

    def note(self, note: object) -> list[WireMessage]:
        return ["note"]

    def mark(self, generation: int) -> list[WireMessage]:
        return ["end"]

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        return ["goodbye"]


@asynccontextmanager
async def running(leg: SocketLeg) -> AsyncIterator[None]:
    """The leg's sending task, until the block ends."""
    sending = asyncio.create_task(leg.run())
    yield
    await settle()
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending


async def settle() -> None:
    """Let what is queued go out."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_sound_and_what_stands_behind_it_wait_while_the_peer_is_congested() -> None:
    wire = Wire()
    leg = SocketLeg(wire, Words())
    async with running(leg):
        leg.play(b"1")
        await settle()
        leg.congested(True)
        leg.tell(TroubleNote("x", "X."))
        leg.play(b"2")
        leg.mark(1)
        await settle()
        assert wire.came == ["sound 1", "mark 1", "note"]
        leg.congested(False)
        await settle()
        assert wire.came[3:] == ["sound 2", "mark 2", "end"]
        assert leg.queued_bytes == 0


async def test_a_flush_goes_through_and_drops_sound_with_its_marks() -> None:
    wire = Wire()
    leg = SocketLeg(wire, Words())
    async with running(leg):
        leg.congested(True)
        leg.play(b"1")
        leg.mark(1)
        leg.flush(1)
        leg.play(b"2")
        await settle()
    assert wire.came == ["end", "flush", "sound 2", "mark 2"]


async def test_before_the_socket_is_closed_it_is_told_to_who_must_know() -> None:
    wire = Wire()
    known: list[CloseReason] = []

    async def part(reason: CloseReason) -> None:
        assert wire.came == ["note", "goodbye"]
        known.append(reason)

    leg = SocketLeg(wire, Words(), part=part)
    leg.tell(TroubleNote("x", "X."))
    leg.close(LegEnd.ADJOURNED)
    leg.close(LegEnd.OVER)
    leg.play(b"too late")
    await leg.run()
    assert known == [CloseReason.ANOTHER_TIME]
    assert wire.came == ["note", "goodbye", 4425]
