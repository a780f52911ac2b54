"""The load generator's socket against a real server of the same protocol."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bench.live.wire import connect, encoded
from server.dialects.browser.messages import SUBPROTOCOL


class Heard:
    """A listener that keeps everything."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sounds: asyncio.Queue[bytes] = asyncio.Queue()
        self.over: asyncio.Queue[int | None] = asyncio.Queue()

    def opened(self) -> None:
        self.open.set()

    def message(self, message: dict[str, Any]) -> None:
        self.messages.put_nowait(message)

    def sound(self, pcm: bytes) -> None:
        self.sounds.put_nowait(pcm)

    def closed(self, code: int | None) -> None:
        self.over.put_nowait(code)


async def echo(connection: ServerConnection) -> None:
    """Send everything back; close when told "end"."""
    async for message in connection:
        if isinstance(message, str) and json.loads(message).get("type") == "end":
            await connection.close(4410, "over")
            return
        await connection.send(message)


@pytest.mark.parametrize("size", [640, 1_920])
async def test_what_is_sent_arrives_and_what_arrives_is_told(size: int) -> None:
    sound = bytes(range(256)) * 8
    heard = Heard()
    async with serve(echo, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as server:
        port = server.sockets[0].getsockname()[1]
        socket = await connect(f"ws://127.0.0.1:{port}/", "http://127.0.0.1", heard)
        await heard.open.wait()
        for _ in range(3):
            socket.write(encoded(sound[:size]))
        socket.say({"type": "hello", "ticket": "t"})
        assert [await heard.sounds.get() for _ in range(3)] == [sound[:size]] * 3
        assert await heard.messages.get() == {"type": "hello", "ticket": "t"}
        socket.say({"type": "end"})
        assert await heard.over.get() == 4410
        socket.write(encoded(sound[:size]))  # too late: it goes nowhere
        socket.say({"type": "end"})


@pytest.mark.parametrize("size", [0, 125, 65_536])
def test_a_payload_of_another_size_cannot_be_encoded(size: int) -> None:
    with pytest.raises(ValueError, match="not the size of an audio frame"):
        encoded(bytes(size))
