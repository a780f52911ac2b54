"""A recruiter's cockpit under test: tickets over HTTP, a socket, and what comes over it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from server.dialects.monitor.messages import SOCKET_PATH, SUBPROTOCOL
from server.store.records import Account
from sessions.record.tables import User
from tests.patience import PATIENCE_S
from tests.server.edge import Closed, Edge, Message
from tests.server.stage import CHEAP_HASH


async def make_user(edge: Edge, organisation_id: UUID, role: str = "recruiter") -> Account:
    """Somebody of this organisation."""
    user_id = uuid4()
    async with edge.viva.services.engine.begin() as connection:
        await connection.execute(
            insert(User).values(
                id=user_id,
                organisation_id=organisation_id,
                email=f"{user_id.hex}@viva.example",
                password_hash=CHEAP_HASH,
                name=f"Rita {role}",
                role=role,
            )
        )
    account = await edge.viva.services.store.accounts.find_user(organisation_id, user_id)
    assert account is not None
    return account


def headers(edge: Edge, account: Account) -> dict[str, str]:
    """What a request of this user carries."""
    token = edge.viva.services.tokens.issue(
        account.id, account.organisation_id, account.role, account.sign_outs
    )
    return {"Authorization": f"Bearer {token}"}


async def ticket(edge: Edge, account: Account, interview_id: UUID, *rights: str) -> str:
    """A ticket with these rights, or with all of the role's."""
    response = await edge.client.post(
        f"/api/v1/live/{interview_id}/ticket",
        json={"rights": list(rights)} if rights else None,
        headers=headers(edge, account),
    )
    assert response.status_code == 200, response.text
    return str(response.json()["ticket"])


class Cockpit:
    """One monitor's socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[Message] = []
        self.frames: list[bytes] = []
        self._refs = 0

    async def send(self, **message: object) -> None:
        """One message."""
        await self.socket.send(json.dumps(message))

    async def do(self, kind: str, **fields: object) -> Message:
        """A command, and the answer to it."""
        self._refs += 1
        ref = f"r{self._refs}"
        await self.send(type=kind, ref=ref, **fields)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.next()
                if message.get("ref") == ref:
                    return message

    async def expect(self, kind: str, **fields: object) -> Message:
        """The next message of this type with these fields."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    message = await self.next()
                    if message["type"] == kind and fields.items() <= message.items():
                        return message
            except ConnectionClosed as closed:
                code = self.socket.close_code
                raise Closed(f"{code} instead of {kind}: {self.messages}") from closed

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.next()
            except ConnectionClosed:
                assert self.socket.close_code is not None
                return self.socket.close_code

    async def next(self) -> Message:
        """The next JSON message; sound is kept."""
        while isinstance(received := await self.socket.recv(), bytes):
            self.frames.append(received)
        message: dict[str, Any] = json.loads(received)
        self.messages.append(message)
        return message

    def of_type(self, kind: str) -> list[Message]:
        """All messages of this type so far."""
        return [message for message in self.messages if message["type"] == kind]

    @property
    def numbers(self) -> list[int]:
        """Of all events so far."""
        return [message["seq"] for message in self.messages if "seq" in message][1:]

    async def speak(self, sound: NDArray[np.int16]) -> None:
        """The recruiter's microphone, in frames of 20 ms, as fast as they are taken."""
        for begin in range(0, len(sound), 320):
            await self.socket.send(sound[begin : begin + 320].astype("<i2").tobytes())


@asynccontextmanager
async def cockpit(
    edge: Edge, account: Account, interview_id: UUID, *rights: str, **hello: object
) -> AsyncIterator[Cockpit]:
    """A monitor that was let in; the first message is there."""
    shown = await ticket(edge, account, interview_id, *rights)
    async with admit(edge) as monitor:
        await monitor.send(type="hello", ticket=shown, **hello)
        await monitor.next()
        yield monitor


@asynccontextmanager
async def admit(edge: Edge, **options: Any) -> AsyncIterator[Cockpit]:
    """A monitor's socket that has said nothing yet."""
    options = {"subprotocols": [Subprotocol(SUBPROTOCOL)]} | options
    async with edge.socket(SOCKET_PATH, **options) as tab:
        yield Cockpit(tab.socket)
