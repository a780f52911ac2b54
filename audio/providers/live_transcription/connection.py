"""Connection to a server of live transcription: a socket, and the setting of its session."""

import asyncio
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    ProxyError,
)

from audio.providers.live_transcription.dialects import (
    Event,
    LineOptions,
    LiveDialect,
    refused_field,
)
from audio.providers.live_transcription.sayings import LiveProblem, Saying, SessionSet
from audio.providers.openai_server import OpenAIServer
from audio.speech import SpeechError, SpeechRejected

CLOSE_S = 2.0
"""Time that the other side has to answer a close."""

MAX_FRAME_BYTES = 2**20
"""Longest event: all of them are text."""

NOT_HERE = {
    "unknown_parameter",
    "unsupported_parameter",
    "unsupported_value",
    "invalid_parameter",
}
"""Codes of an error for a field that this server never takes, whatever it holds."""

log = structlog.get_logger()


class LiveConnection:
    """One open socket, in one dialect."""

    def __init__(
        self, server: OpenAIServer, dialect: LiveDialect, socket: ClientConnection
    ) -> None:
        self._server = server
        self._dialect = dialect
        self._socket = socket
        self.opened_at = asyncio.get_running_loop().time()

    async def send(self, event: Event) -> None:
        """Send an event. Raises SpeechUnavailable if the connection is gone."""
        with self._as_broken():
            await self._socket.send(json.dumps(event))

    async def receive(self) -> Saying | None:
        """Return what the next event says.

        Raises SpeechUnavailable at the end of the connection, and for what is no event.
        """
        with self._as_broken():
            message = await self._socket.recv()
        try:
            event = json.loads(message) if isinstance(message, str) else None
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, Mapping):
            raise self._server.unreadable()
        return self._dialect.read(event)

    def drop(self) -> None:
        """Cut the connection without a farewell."""
        self._socket.transport.abort()

    async def close(self) -> None:
        """Close the connection."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close()
        except TimeoutError:
            self.drop()

    @contextmanager
    def _as_broken(self) -> Iterator[None]:
        try:
            yield
        except ConnectionClosed:
            raise self._server.broke_off() from None


async def open_connection(
    server: OpenAIServer,
    dialect: LiveDialect,
    options: LineOptions,
    refused: set[str],
    tls: ssl.SSLContext | None,
) -> LiveConnection:
    """Connect, and set the session.

    What the server refuses is left out and noted: in `refused`, for all sessions, if it never takes
    such a field; else for this connection alone. Raises SpeechError.
    """
    url = server.socket_url("realtime", dialect.query(options.model))
    try:
        socket = await connect(
            url,
            additional_headers={"Authorization": f"Bearer {server.key}"},
            ssl=tls,
            compression=None,
            open_timeout=None,
            close_timeout=CLOSE_S,
            max_size=MAX_FRAME_BYTES,
        )
    except InvalidStatus as refusal:
        raise _status_error(server, refusal) from None
    except (ProxyError, OSError, EOFError, ConnectionClosed):
        raise server.unreachable() from None
    except (InvalidMessage, InvalidHandshake):
        raise server.unreadable() from None
    connection = LiveConnection(server, dialect, socket)
    try:
        await _set_up(connection, server, dialect, options, refused)
    except BaseException:
        connection.drop()
        raise
    return connection


async def _set_up(
    connection: LiveConnection,
    server: OpenAIServer,
    dialect: LiveDialect,
    options: LineOptions,
    refused: set[str],
) -> None:
    """Set the session, again without what is refused. Raises SpeechError."""
    left_out: set[str] = set()
    while True:
        asked = LineOptions(options.model, options.keywords, options.language, refused | left_out)
        setup = dialect.setup(asked)
        await connection.send(setup)
        if not dialect.acknowledges:
            return
        said: Saying | None = None
        while not isinstance(said, SessionSet | LiveProblem):
            said = await connection.receive()
        if isinstance(said, SessionSet):
            return
        name = refused_field(said, setup)
        if not name or name in left_out:
            raise may_be_asked_elsewhere(server.event_error(said.error))
        log.warning(
            "live transcription goes on without a setting", setting=name, problem=said.message[:200]
        )
        left_out.add(name)
        if said.code in NOT_HERE:
            refused.add(name)


def may_be_asked_elsewhere(error: SpeechError) -> SpeechError:
    """Return an error of the socket as one that says: the file endpoint may take the sound."""
    if error.retryable:
        return error
    return SpeechRejected(str(error), retryable=True)


def _status_error(server: OpenAIServer, refusal: InvalidStatus) -> SpeechError:
    response = refusal.response
    if response.status_code < 400:
        return server.unreadable()
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    try:
        body: Any = json.loads(response.body or b"")
    except (ValueError, RecursionError):
        body = None
    told = body.get("error") if isinstance(body, Mapping) else None
    fields = told if isinstance(told, Mapping) else {}
    code, message = fields.get("code"), fields.get("message")
    error = server.status_error(response.status_code, headers, code=code, message=message)
    refuses_us = response.status_code in (401, 403) or code == "insufficient_quota"
    return error if refuses_us else may_be_asked_elsewhere(error)
