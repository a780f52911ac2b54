"""Tests: what a peer may send below the messages that an application sees."""

import asyncio
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.sockets import uvicorn_protocol
from server.sockets.uvicorn_protocol import MAX_UNREAD_BYTES, UNSEEN_AT_ONCE, MediaProtocol
from tests.patience import PATIENCE_S

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CONT, TEXT, BYTES, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A client's frame, masked with zeros."""
    head = bytes([opcode | (0x80 if fin else 0)])
    if len(payload) < 126:
        return head + bytes([0x80 | len(payload)]) + bytes(4) + payload
    return head + b"\xfe" + struct.pack("!H", len(payload)) + bytes(4) + payload


class DeafPeer(asyncio.Transport):
    """A transport whose peer reads nothing: what is written stays in the buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closing = False
        self.aborted = asyncio.Event()

    def write(self, data: Any) -> None:
        if not self.closing:
            self.written += data

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True
        self.aborted.set()

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    """A protocol object with its peer, and what the application received."""

    def __init__(self, *, accept: bool = True) -> None:
        self.accept = accept
        self.received: list[Any] = []
        config = uvicorn.Config(
            self._app, interface="asgi3", log_config=None, ws_per_message_deflate=False
        )
        config.load()
        self.protocol = MediaProtocol(config, ServerState(), {})
        self.peer = DeafPeer()
        self.protocol.connection_made(self.peer)
        self.protocol.data_received(HANDSHAKE)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        if self.accept:
            await send({"type": "websocket.accept"})
        while not self.received or self.received[-1]["type"] != "websocket.disconnect":
            self.received.append(await receive())

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def send(self, *frames: bytes) -> None:
        self.protocol.data_received(b"".join(frames))

    @property
    def close_code(self) -> int | None:
        """Code of the close frame that was written last."""
        sent = self.protocol.conn.close_sent
        return None if sent is None else int(sent.code)

    @property
    def held_bytes(self) -> int:
        """What the connection holds for this peer, in bytes and in frames."""
        return len(self.peer.written) + len(self.protocol.frames)


@asynccontextmanager
async def connected(*, accept: bool = True) -> AsyncIterator[Connection]:
    """A connection whose handshake is over, if it is accepted."""
    connection = Connection(accept=accept)
    await connection.settle()
    try:
        yield connection
    finally:
        connection.protocol.connection_lost(None)
        await asyncio.gather(*connection.protocol.tasks, return_exceptions=True)


FLOODS = {
    "pings": [frame(PING, bytes(125))],
    "empty pings": [frame(PING)],
    "pongs that nobody asked for": [frame(PONG, bytes(125))],
    "a text without end": [frame(TEXT, b"a", fin=False)] + [frame(CONT, fin=False)] * 40,
    "bytes without end": [frame(BYTES, b"a", fin=False)] + [frame(CONT, fin=False)] * 40,
    "pings between the parts of a text": [frame(TEXT, b"a", fin=False), frame(PING), frame(CONT)],
}


class TestAFlood:
    @pytest.mark.parametrize("kind", FLOODS)
    @pytest.mark.parametrize("accept", [True, False], ids=["after", "before"])
    async def test_a_peer_that_floods_is_sent_away_and_costs_a_bounded_memory(
        self, kind: str, accept: bool
    ) -> None:
        async with connected(accept=accept) as connection:
            beginning, *rest = FLOODS[kind]
            connection.send(beginning, *rest)
            on = (
                rest[-1:] if beginning[:1] in (b"\x01", b"\x02") and len(rest) > 2 else FLOODS[kind]
            )
            for _ in range(2_000):
                connection.send(*on * 50)
                assert connection.held_bytes <= MAX_UNREAD_BYTES + 70_000
                if connection.peer.closing:
                    break
            assert connection.peer.closing
            assert connection.close_code == (1008 if accept else None)
            held = connection.held_bytes
            connection.send(*on * 50)
            assert connection.held_bytes <= held
            await connection.settle()
            if accept:
                assert connection.received[-1]["code"] == 1008

    async def test_a_peer_that_reads_nothing_is_cut_off_before_its_answers_pile_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uvicorn_protocol, "UNSEEN_AT_ONCE", 1e9)  # as if never too many
        async with connected() as connection:
            while not connection.peer.closing:
                connection.send(*[frame(PING, bytes(125))] * 100)
                assert len(connection.peer.written) <= MAX_UNREAD_BYTES + 15_000
            assert connection.peer.aborted.is_set()
            connection.send(*[frame(PING, bytes(125))] * 100)
            assert len(connection.peer.written) <= MAX_UNREAD_BYTES + 15_000

    async def test_the_connection_of_a_flood_is_cut_off_though_it_reads_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(MediaProtocol, "cut_off_after_s", 0.0)
        async with connected() as connection:
            connection.send(*[frame(PING)] * (UNSEEN_AT_ONCE + 1))
            assert not connection.peer.aborted.is_set()
            async with asyncio.timeout(PATIENCE_S):
                await connection.peer.aborted.wait()


class TestAnOrdinaryPeer:
    async def test_pings_and_parts_of_messages_are_answered_and_put_together(self) -> None:
        async with connected() as connection:
            connection.peer.written.clear()
            connection.send(frame(PING, b"here"), frame(TEXT, b"a", fin=False), frame(CONT, b"b"))
            await connection.settle()
            assert bytes(connection.peer.written) == b"\x8a\x04here"
            assert connection.received == [{"type": "websocket.receive", "text": "ab"}]

    async def test_any_number_of_messages_is_no_flood_of_control_frames(self) -> None:
        async with connected() as connection:
            connection.send(*[frame(TEXT, b"a")] * 5_000)
            assert not connection.peer.closing


MALFORMED = {
    "text that is not UTF-8": frame(TEXT, b"\xff"),
    "half a letter": frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"a"),
    "a surrogate": frame(TEXT, b"\xed\xa0\x80"),
    "an unknown opcode": frame(5),
    "a part of nothing": frame(CONT),
    "a frame without a mask": b"\x81\x01a",
    "a close frame of one byte": frame(CLOSE, b"\x03"),
    "a huge control frame": frame(PING, bytes(126)),
}


@pytest.mark.parametrize("accept", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("kind", MALFORMED)
async def test_what_breaks_the_protocol_ends_the_connection_without_a_traceback(
    kind: str, accept: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with connected(accept=accept) as connection:
            connection.send(MALFORMED[kind])
            await connection.settle()
            assert connection.peer.closing
            assert (connection.close_code in (1002, 1007)) == accept
    assert not [record for record in caplog.records if record.exc_info]
