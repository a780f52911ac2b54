"""Twilio's dialect: bidirectional Media Streams, JSON text with mu-law at 8 kHz in base64.

https://www.twilio.com/docs/voice/media-streams/websocket-messages. Twilio keeps what it is sent
and plays it in time; `clear` empties its buffer and returns the marks that were still in it, which
is why those are void from then on. Towards Twilio only `media`, `mark` and `clear` are allowed
(error 31924): it is never told of its mistakes.
"""

import binascii
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from audio.pcm import AudioFormat, Encoding
from server.closing import CloseReason
from server.dialects.dialect import (
    Answered,
    CallStarted,
    DialectError,
    DigitPressed,
    HungUp,
    MarksOnFlush,
    PacedBy,
    Received,
    Traits,
    WireMessage,
)
from server.dialects.telephone import PlaybackMarks, Receiver, Transmitter
from sessions.leg import Note

LINE = AudioFormat(8_000, Encoding.ULAW)

TRAITS = Traits(
    heard=LINE,
    spoken=LINE,
    paced_by=PacedBy.PEER,
    marks_on_flush=MarksOnFlush.RETURNED,
    telephone=True,
)

MAX_PAYLOAD_CHARS = 4 * 8_000
"""Of base64: three seconds of sound. Twilio sends 20 ms (160 bytes) a message."""

KEYS = frozenset("0123456789*#")
NOTHING = Answered()


class TwilioDialect:
    """One stream. Numbers come as strings, and are taken as numbers, too, where they are read."""

    traits = TRAITS

    def __init__(self) -> None:
        self._stream = ""
        self._stopped = False
        self._receiver = Receiver(LINE)
        self._transmitter = Transmitter(LINE)
        self._marks = PlaybackMarks()

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Twilio sends no binary messages. Raises DialectError."""
        raise DialectError("binary_message", "Media Streams are text; this message is binary.")

    def receive_text(self, text: str) -> Received:
        """A message of the stream. Raises DialectError."""
        message = _object(text)
        event = message.get("event")
        if event == "media":
            return self._media(message)
        if event == "connected":
            return NOTHING
        if event == "start":
            return self._start(message)
        self._check_stream(message)
        match event:
            case "mark":
                return self._marks.reached(_text(_part(message, "mark"), "name")) or NOTHING
            case "dtmf":
                return _digit(_text(_part(message, "dtmf"), "digit"))
            case "stop":
                self._stopped = True
                return HungUp("stop")
            case _:
                raise DialectError("unknown_event", "There is no event of that name in a stream.")

    def _start(self, message: dict[str, Any]) -> CallStarted:
        if self._stream:
            raise DialectError("started_twice", "The stream was started already.")
        start = _part(message, "start")
        line = _part(start, "mediaFormat")
        found = (line.get("encoding"), _number(line, "sampleRate"), _number(line, "channels"))
        if found != ("audio/x-mulaw", LINE.sample_rate, 1):
            raise DialectError(
                "wrong_format",
                "The stream is not mu-law with 8,000 samples a second and one channel.",
                fatal=CloseReason.WRONG_FORMAT,
            )
        given = start.get("customParameters", {})
        if not isinstance(given, dict):
            raise DialectError("bad_message", "customParameters is no object.")
        call = _text(start, "callSid")
        parameters = {str(name): str(value) for name, value in given.items()}
        self._stream = _text(start, "streamSid")
        return CallStarted(call, parameters)

    def _media(self, message: dict[str, Any]) -> Received:
        self._check_stream(message)
        media = _part(message, "media")
        if media.get("track", "inbound") != "inbound":
            return NOTHING  # our own voice, where both tracks were asked for
        payload = _text(media, "payload")
        if len(payload) > MAX_PAYLOAD_CHARS:
            raise DialectError(
                "frame_too_big", "One message holds more than three seconds of sound."
            )
        try:
            return self._receiver.hear(b64decode(payload, validate=True))
        except (binascii.Error, ValueError):
            raise DialectError("bad_base64", "The payload is not base64.") from None

    def _check_stream(self, message: dict[str, Any]) -> None:
        if not self._stream:
            raise DialectError("not_started", "The stream has not been started yet.")
        if self._stopped:
            raise DialectError("stopped", "The stream was stopped; nothing may follow.")
        if message.get("streamSid") != self._stream:
            raise DialectError("other_stream", "The message is of another stream.")

    # --- out -------------------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Nothing: only marks tell where a reply begins."""
        self._transmitter.begin()
        self._marks.begin(generation, offset)
        return []

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """`media`, and now and then a `mark` behind it."""
        return self._sound(self._transmitter.speak(pcm))

    def mark(self, generation: int) -> list[WireMessage]:
        """What was left in the resampler, and the last `mark`."""
        rest = self._sound(self._transmitter.finish())
        return [*rest, self._mark(self._marks.end(generation))]

    def flush(self, generation: int) -> list[WireMessage]:
        """`clear`, and a `mark` that returns at once from the empty buffer."""
        self._transmitter.begin()
        return [
            self._json(event="clear", streamSid=self._stream),
            self._mark(self._marks.flush(generation)),
        ]

    def note(self, note: Note) -> list[WireMessage]:
        """Nothing: a telephone shows nothing."""
        return []

    def error(self, error: DialectError) -> list[WireMessage]:
        """Nothing: Twilio takes no such message."""
        return []

    def goodbye(self, reason: CloseReason) -> list[WireMessage]:
        """Nothing: that the stream is closed says it."""
        return []

    def _sound(self, data: bytes) -> list[WireMessage]:
        if not data:
            return []
        payload = b64encode(data).decode()
        media = self._json(event="media", streamSid=self._stream, media={"payload": payload})
        name = self._marks.sent(self._transmitter.voiced(data))
        return [media] if name is None else [media, self._mark(name)]

    def _mark(self, name: str) -> str:
        return self._json(event="mark", streamSid=self._stream, mark={"name": name})

    @staticmethod
    def _json(**message: object) -> str:
        return orjson.dumps(message).decode()


def _object(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise DialectError("bad_message", "The message is not JSON.") from None
    if not isinstance(message, dict):
        raise DialectError("bad_message", "The message is no object.")
    return message


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    part = message.get(name)
    if not isinstance(part, dict):
        raise DialectError("bad_message", f"The message has no object {name}.")
    return part


def _text(message: dict[str, Any], name: str) -> str:
    text = message.get(name)
    if not isinstance(text, str) or not text:
        raise DialectError("bad_message", f"The message has no text {name}.")
    return text


def _number(message: dict[str, Any], name: str) -> int:
    """A whole number, written as a number or as a string; -1 for anything else."""
    value = message.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    short = isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit()
    return int(str(value)) if short else -1


def _digit(digit: str) -> Received:
    if digit not in KEYS:  # A to D are on no telephone of ours
        return NOTHING
    return DigitPressed(digit)
