"""Realtime socket: one connection to OpenAI's Realtime API on which sentences are read aloud.

Each sentence is a response outside of any conversation; several may be under way, told apart by
their ids. A response that nobody wants any more is cancelled, and its rest is thrown away, so that
the connection can be used again.
"""

import asyncio
import base64
import binascii
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import count
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

from audio.metering import Consumption, Service, report
from audio.providers.openai_server import OpenAIServer
from audio.speech import SpeechError

DRAIN_S = 5.0
"""Time that a cancelled response has to end; a socket on which it has not is closed."""

CLOSE_S = 2.0
"""Time that the other side has to answer a close."""

MAX_FRAME_BYTES = 4 * 2**20
"""Longest event: sound comes in pieces of some 10 kB, the rest is text."""

SENTENCE = "sentence"
"""Key of the metadata under which a response carries the id that we gave it."""

log = structlog.get_logger()
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class WordsDelta:
    """More words of what is said; `whole` if it is all that a part of it holds."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class SoundDelta:
    """More sound: mono PCM16 at VOICE_RATE; a sample may be cut in two."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """End of a response: its `status`, and the `reason` if it did not come to its end."""

    status: str
    reason: str = ""
    error: object = None


@dataclass(frozen=True, slots=True)
class Failure:
    """End of a response that was refused, or whose socket is gone."""

    error: SpeechError


Happening = WordsDelta | SoundDelta | Done | Failure


@dataclass(slots=True)
class Reading:
    """One response under way."""

    id: str
    """Id that we gave it."""

    characters: int
    """Length of its text."""

    context: Context
    """Context of the call that wants it: what it uses is counted there."""

    response_id: str = ""
    """Id that the server gave it; "" before it did."""

    abandoned: bool = False
    """Whether nobody wants it any more."""

    refused_field: str = ""
    """Name of the field for which it was refused, if the server says so."""

    happenings: asyncio.Queue[Happening] = field(default_factory=asyncio.Queue)
    """What came of it, in order."""


class RealtimeSocket:
    """One open connection, in one voice. `on_change` is called when it is free again, or gone."""

    def __init__(
        self,
        server: OpenAIServer,
        connection: ClientConnection,
        on_change: Callable[["RealtimeSocket"], None],
    ) -> None:
        self._server = server
        self._connection = connection
        self._on_change = on_change
        self._readings: dict[str, Reading] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None
        self._drains: dict[str, asyncio.TimerHandle] = {}
        self.opened_at = asyncio.get_running_loop().time()
        self.used_at = self.opened_at
        self.used = False
        self.speed = 1.0
        self.speed_refused = False
        self.gone = False

    @property
    def busy(self) -> bool:
        """Whether a response is under way, be it one that nobody wants any more."""
        return bool(self._readings)

    async def set_up(self, session: Mapping[str, Any]) -> None:
        """Begin to read, and set the session. Raises SpeechError."""
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(_log_failure)
        try:
            await self._send({"type": "session.update", "event_id": "setup", "session": session})
            await self._ready
        except BaseException:
            self.gone = True
            self.drop()  # whoever waits for it has waited long enough
            raise

    async def begin(self, response: Mapping[str, Any], *, characters: int, speed: float) -> Reading:
        """Ask for a response; what comes of it is put into its `happenings`.

        Raises SpeechError if the socket is gone.
        """
        if speed != self.speed and not self.speed_refused:
            await self._send(
                {
                    "type": "session.update",
                    "event_id": "speed",
                    "session": {"type": "realtime", "audio": {"output": {"speed": speed}}},
                }
            )
            self.speed = speed
        reading = Reading(f"sentence_{next(_numbers)}", characters, copy_context())
        self._readings[reading.id] = reading
        self.used = True
        metadata = {SENTENCE: reading.id}
        try:
            await self._send(
                {
                    "type": "response.create",
                    "event_id": reading.id,
                    "response": {**response, "metadata": metadata},
                }
            )
        except SpeechError:
            self._end(reading)
            raise
        except asyncio.CancelledError:  # the server may have heard of it
            await self.abandon(reading)
            raise
        return reading

    async def abandon(self, reading: Reading) -> None:
        """Have a response ended that nobody wants any more; one that has ended is left alone."""
        if reading.id not in self._readings or reading.abandoned:
            return
        reading.abandoned = True
        loop = asyncio.get_running_loop()
        self._drains[reading.id] = loop.call_later(DRAIN_S, self.drop)
        if reading.response_id:
            with suppress(SpeechError):
                await self._cancel(reading)

    def drop(self) -> None:
        """Cut the connection without a farewell."""
        self._connection.transport.abort()

    async def close(self) -> None:
        """Close the connection."""
        self.gone = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._connection.close()
        except TimeoutError:
            self.drop()
        if self._reader is not None:
            await asyncio.wait([self._reader])

    # --- what comes ------------------------------------------------------------------------------

    async def _read(self) -> None:
        error = self._server.broke_off()
        try:
            async for message in self._connection:
                await self._take(_event_of(message))
        except ConnectionClosed:
            pass
        except ValueError:
            error = self._server.unreadable()
        finally:
            self.drop()
            self._over(error)

    async def _take(self, event: Mapping[str, Any]) -> None:
        match event.get("type"):
            case "session.updated":
                if not self._ready.done():
                    self._ready.set_result(None)
            case "error":
                self._refused(event.get("error"))
            case "response.created":
                await self._created(_mapping(event.get("response")))
            case "response.output_audio.delta" | "response.audio.delta":
                self._put(event, lambda: SoundDelta(_decoded(event.get("delta"))))
            case "response.output_audio_transcript.delta" | "response.audio_transcript.delta":
                self._put(event, lambda: WordsDelta(_text(event.get("delta"))))
            case "response.output_audio_transcript.done" | "response.audio_transcript.done":
                self._put(event, lambda: WordsDelta(_text(event.get("transcript")), whole=True))
            case "response.done":
                self._done(_mapping(event.get("response")))

    def _put(self, event: Mapping[str, Any], happening: Callable[[], Happening]) -> None:
        reading = self._by_response(event.get("response_id"))
        if reading is not None and not reading.abandoned:
            reading.happenings.put_nowait(happening())

    async def _created(self, response: Mapping[str, Any]) -> None:
        ours = _mapping(response.get("metadata")).get(SENTENCE)
        reading = self._readings.get(ours) if isinstance(ours, str) else None
        if reading is None:  # a server that does not send metadata back
            unnamed = [r for r in self._readings.values() if not r.response_id]
            reading = unnamed[0] if len(unnamed) == 1 and ours is None else None
        if reading is None or reading.response_id:
            return
        reading.response_id = _text(response.get("id"))
        if reading.abandoned:
            await self._cancel(reading)

    def _done(self, response: Mapping[str, Any]) -> None:
        reading = self._by_response(response.get("id"))
        if reading is None:
            return
        self._report(reading, _mapping(response.get("usage")))
        details = _mapping(response.get("status_details"))
        done = Done(
            str(response.get("status")), str(details.get("reason") or ""), details.get("error")
        )
        reading.happenings.put_nowait(done)
        self._end(reading)

    def _refused(self, error: object) -> None:
        """Take in an error: of a response, of the setting up, or of the whole session."""
        fields = _mapping(error)
        event_id, param = fields.get("event_id"), fields.get("param")
        told = self._server.event_error(error)
        if event_id == "speed":
            log.warning("the voice keeps its own speed", problem=str(told))
            self.speed, self.speed_refused = 1.0, True
            return
        if isinstance(event_id, str) and event_id.startswith("cancel"):
            return  # it had ended already
        reading = self._readings.get(event_id) if isinstance(event_id, str) else None
        if reading is not None:
            reading.refused_field = _text(param)
            reading.happenings.put_nowait(Failure(told))
            self._end(reading)
        elif not self._ready.done():
            self._ready.set_exception(told)
        elif event_id is None:
            self.gone = True
            self._fail_all(told)
            self.drop()

    def _over(self, error: SpeechError) -> None:
        self.gone = True
        if not self._ready.done():
            self._ready.set_exception(error)
        self._fail_all(error)
        self._on_change(self)

    def _fail_all(self, error: SpeechError) -> None:
        for reading in list(self._readings.values()):
            if reading.response_id:
                self._report(reading, {})
            reading.happenings.put_nowait(Failure(error))
            self._end(reading)

    # --- the responses ---------------------------------------------------------------------------

    def _by_response(self, response_id: object) -> Reading | None:
        for reading in self._readings.values():
            if reading.response_id and reading.response_id == response_id:
                return reading
        return None

    def _end(self, reading: Reading) -> None:
        self._readings.pop(reading.id, None)
        if (timer := self._drains.pop(reading.id, None)) is not None:
            timer.cancel()
        self.used_at = asyncio.get_running_loop().time()
        if not self._readings and not self.gone:
            self._on_change(self)

    def _report(self, reading: Reading, usage: Mapping[str, Any]) -> None:
        used = _consumption(self._server, reading.characters, usage)
        reading.context.run(report, used)

    async def _cancel(self, reading: Reading) -> None:
        await self._send(
            {
                "type": "response.cancel",
                "event_id": f"cancel_{reading.id}",
                "response_id": reading.response_id,
            }
        )

    async def _send(self, event: Mapping[str, Any]) -> None:
        try:
            await self._connection.send(json.dumps(event))
        except ConnectionClosed:
            raise self._server.broke_off() from None


async def open_socket(
    server: OpenAIServer,
    session: Mapping[str, Any],
    on_change: Callable[[RealtimeSocket], None],
    tls: ssl.SSLContext | None,
) -> RealtimeSocket:
    """Connect, and set the session. Raises SpeechError."""
    try:
        connection = await connect(
            server.socket_url("realtime", {"model": server.model}),
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
    socket = RealtimeSocket(server, connection, on_change)
    await socket.set_up(session)
    return socket


def _status_error(server: OpenAIServer, refusal: InvalidStatus) -> SpeechError:
    response = refusal.response
    if response.status_code < 400:
        return server.unreadable()
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    try:
        body = json.loads(response.body or b"")
    except (ValueError, RecursionError):
        body = None
    error = _mapping(_mapping(body).get("error"))
    return server.status_error(
        response.status_code, headers, code=error.get("code"), message=error.get("message")
    )


def _consumption(server: OpenAIServer, characters: int, usage: Mapping[str, Any]) -> Consumption:
    """Return what a response used; where a server does not tell kinds, output counts as sound."""
    into, out = (_mapping(usage.get(f"{way}_token_details")) for way in ("input", "output"))
    cached = _mapping(into.get("cached_tokens_details"))
    audio_in = _count(into.get("audio_tokens"))
    text_out = _count(out.get("text_tokens"))
    return Consumption(
        Service.SPEAKING,
        server.host,
        server.model,
        characters=characters,
        input_tokens=_count(into.get("text_tokens", _count(usage.get("input_tokens")) - audio_in)),
        cached_tokens=_count(cached.get("text_tokens", into.get("cached_tokens"))),
        output_tokens=text_out,
        audio_input_tokens=audio_in,
        audio_output_tokens=_count(
            out.get("audio_tokens", _count(usage.get("output_tokens")) - text_out)
        ),
    )


def _event_of(message: str | bytes) -> Mapping[str, Any]:
    """Parse an event. Raises ValueError for anything else."""
    try:
        event = json.loads(message) if isinstance(message, str) else None
    except RecursionError:
        event = None
    if not isinstance(event, dict):
        raise ValueError("not an event")
    return event


def _decoded(delta: object) -> bytes:
    if not isinstance(delta, str):
        raise ValueError("sound that is no text")
    try:
        return base64.b64decode(delta, validate=True)
    except binascii.Error as error:
        raise ValueError("sound that is not base64") from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _log_failure(reader: asyncio.Task[None]) -> None:
    if not reader.cancelled() and (error := reader.exception()) is not None:
        log.error("realtime socket failed", exc_info=error)
