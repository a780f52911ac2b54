"""A server's edge under test: a real server on loopback, and a candidate's tab that talks to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from server.composition import Viva, make_viva
from server.dialects.browser.messages import SOCKET_PATH, SUBPROTOCOL
from server.settings import Settings
from server.simulator.demo import serving
from sessions.session_context import Providers
from tests.patience import PATIENCE_S

SHORT_PLAN: dict[str, Any] = {
    "title": "A short talk",
    "role": "gardener",
    "opening": "Hello.",
    "closing": "Goodbye.",
    "sections": [
        {
            "title": "All of it",
            "questions": [
                {"id": "tree", "text": "Which tree do you like?", "competency": "Trees"}
                | {"expects": "short", "must_ask": True},
                {"id": "tool", "text": "Which tool do you use?", "competency": "Tools"}
                | {"expects": "short", "must_ask": True},
                {"id": "town", "text": "Where do you live?", "competency": "Towns"}
                | {"expects": "short", "must_ask": True},
            ],
        }
    ],
}
"""Three questions of a second each: an interview that takes no time."""

QUESTIONS = [question["text"] for question in SHORT_PLAN["sections"][0]["questions"]]

Message = dict[str, Any]


class Closed(AssertionError):
    """The socket closed while something else was expected."""


class Tab:
    """A candidate's page: one socket. While it waits for a message it plays what it is sent, in no
    time, and says so."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[Message] = []
        self.audio: dict[int, bytearray] = {}
        self._generation = 0

    async def send(self, **message: object) -> None:
        """One control message."""
        await self.socket.send(json.dumps(message))

    async def hello(self, ticket: str) -> Message:
        """Show the ticket; `session.ready` comes back."""
        await self.send(type="hello", ticket=ticket)
        return await self.expect("session.ready")

    async def start(self) -> None:
        """Consent, and begin."""
        await self.send(type="start", consent=True)

    async def say(self, sound: NDArray[np.int16]) -> None:
        """16 kHz sound and a second of a quiet room after it, all at once."""
        room = np.random.default_rng(1).normal(0, 8, 16_000).astype(np.int16)
        both = np.concatenate([sound, room]).astype("<i2")
        for begin in range(0, len(both), 960):
            await self.socket.send(both[begin : begin + 960].tobytes())

    async def expect(self, kind: str, **fields: object) -> Message:
        """The next message of this type with these fields. Raises Closed, TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    message = await self._next()
                    if message["type"] == kind and fields.items() <= message.items():
                        return message
            except ConnectionClosed as closed:
                raise Closed(f"{self.close_code} instead of {kind}: {self.messages}") from closed

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self._next()
            except ConnectionClosed:
                return self.close_code

    @property
    def close_code(self) -> int:
        """What the socket was closed with."""
        assert self.socket.close_code is not None
        return self.socket.close_code

    @property
    def close_reason(self) -> str:
        """The sentence in the close frame."""
        return self.socket.close_reason or ""

    def of_type(self, kind: str) -> list[Message]:
        """All messages of this type so far."""
        return [message for message in self.messages if message["type"] == kind]

    async def _next(self) -> Message:
        while isinstance(received := await self.socket.recv(), bytes):
            self.audio[self._generation] += received
        message: Message = json.loads(received)
        self.messages.append(message)
        match message["type"]:
            case "audio.begin":
                self._generation = message["generation"]
                self.audio.setdefault(self._generation, bytearray())
            case "audio.mark":
                await self._played(message["generation"], "audio.played")
                await self.send(
                    type="audio.marked", generation=message["generation"], id=message["id"]
                )
            case "audio.flush":
                await self._played(message["generation"], "audio.flushed")
        return message

    async def _played(self, generation: int, kind: str) -> None:
        samples = len(self.audio.get(generation, b"")) // 2
        await self.send(type=kind, generation=generation, samples=samples)


@dataclass
class RunningServer:
    """A server that listens, as its clients see it."""

    base_url: str
    client: httpx.AsyncClient = field(repr=False)

    async def ticket(self, join_token: str) -> str:
        """A ticket, as the page gets one."""
        response = await self.client.post("/api/v1/join/ticket", json={"token": join_token})
        assert response.status_code == 200, response.text
        ticket: str = response.json()["ticket"]
        return ticket

    @asynccontextmanager
    async def socket(self, path: str = SOCKET_PATH, **options: Any) -> AsyncIterator[Tab]:
        """A tab that has said nothing yet. `options` are those of websockets' `connect`."""
        options = {
            "origin": Origin(self.base_url),
            "subprotocols": [Subprotocol(SUBPROTOCOL)],
            "proxy": None,
            "open_timeout": PATIENCE_S,
            "close_timeout": 1,
        } | options
        url = self.base_url.replace("http://", "ws://") + path
        async with connect(url, **options) as socket:
            yield Tab(socket)

    @asynccontextmanager
    async def tab(self, join_token: str, path: str = SOCKET_PATH) -> AsyncIterator[Tab]:
        """A tab that was let in."""
        ticket = await self.ticket(join_token)
        async with self.socket(path) as tab:
            await tab.hello(ticket)
            yield tab


@dataclass
class Edge(RunningServer):
    """A server in this process."""

    viva: Viva


def new_client(base_url: str) -> httpx.AsyncClient:
    """An HTTP client with patience."""
    return httpx.AsyncClient(base_url=base_url, timeout=PATIENCE_S, trust_env=False)


@asynccontextmanager
async def open_edge(settings: Settings, url: str, providers: Providers) -> AsyncIterator[Edge]:
    """A server on a free port for as long as the block lasts, on ready-made providers."""
    settings = settings.model_copy(update={"port": 0, "host": "127.0.0.1"})
    viva = make_viva(settings, url, providers)
    async with serving(viva) as base_url, new_client(base_url) as client:
        yield Edge(base_url, client, viva)
