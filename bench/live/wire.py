"""The WebSocket of the load generator: as few steps a frame as can be.

Sound goes out in frames that were encoded once, for all clients; only what is received, and the
little JSON that is sent, goes through the protocol of `websockets`.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Protocol, cast

import orjson
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from server.dialects.browser.messages import SUBPROTOCOL

MAX_MESSAGE = 1_000_000


class Listener(Protocol):
    """Listener of a socket: takes what comes in, and how it ends."""

    def opened(self) -> None:
        """Note that the socket is open."""

    def message(self, message: dict[str, Any]) -> None:
        """Take a JSON message."""

    def sound(self, pcm: bytes) -> None:
        """Take a binary message."""

    def closed(self, code: int | None) -> None:
        """Note that the connection is over; `code` is None without a close frame."""


def encoded(payload: bytes) -> bytes:
    """Encode a client's binary frame (RFC 6455, section 5.2).

    The masking key is zero, so that a frame can be made once and sent by everybody: masking
    protects proxies, and here are none. Raises ValueError for a payload that does not need two
    bytes of length.
    """
    if not 126 <= len(payload) <= 0xFFFF:
        raise ValueError(f"{len(payload)} bytes are not the size of an audio frame.")
    return struct.pack("!BBH4x", 0x82, 0x80 | 126, len(payload)) + payload


class BenchSocket(asyncio.Protocol):
    """One connection. Made by `connect`."""

    def __init__(self, url: str, origin: str, listener: Listener) -> None:
        self._listener = listener
        self._protocol = ClientProtocol(
            parse_uri(url),
            origin=Origin(origin),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            max_size=MAX_MESSAGE,
        )
        self._transport: asyncio.Transport | None = None
        self.write: Callable[[bytes], None] = _nowhere

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not derive from it
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
            elif isinstance(event, Response) and self._protocol.handshake_exc is None:
                if self._transport is not None:
                    self.write = self._transport.write
                self._listener.opened()
        self._flush()

    def eof_received(self) -> None:
        """See asyncio."""
        self._protocol.receive_eof()

    def connection_lost(self, _error: Exception | None) -> None:
        """See asyncio."""
        self.write = _nowhere
        self._transport = None
        self._listener.closed(self._protocol.close_code)

    def say(self, message: dict[str, Any]) -> None:
        """Send a JSON message; after the end it is dropped."""
        if self._transport is not None and self.write is not _nowhere:
            self._protocol.send_text(orjson.dumps(message))
            self._flush()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self._listener.sound(bytes(frame.data))
        elif frame.opcode is Opcode.TEXT:
            self._listener.message(orjson.loads(frame.data))
        elif frame.opcode is Opcode.CLOSE:
            self.write = _nowhere

    def _flush(self) -> None:
        if self._transport is None:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


async def connect(url: str, origin: str, listener: Listener) -> BenchSocket:
    """Open a socket; its listener is called when it is open. Raises OSError."""
    uri = parse_uri(url)
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: BenchSocket(url, origin, listener), uri.host, uri.port
    )
    return socket


def _nowhere(_data: bytes) -> None:
    """Drop the data: the connection is not open."""
