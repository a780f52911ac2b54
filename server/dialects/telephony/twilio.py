"""Twilio's dialect: bidirectional Media Streams, JSON text with mu-law at 8 kHz in base64.

https://www.twilio.com/docs/voice/media-streams/websocket-messages. Twilio keeps what it is sent
and plays it in time; `clear` empties its buffer and returns the marks that were still in it, which
is why those are void from then on. Towards Twilio only `media`, `mark` and `clear` are allowed
(error 31924): it is never told of its mistakes.
"""

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat, Encoding
from server.dialects.dialect import (
    CallStarted,
    DialectError,
    HungUp,
    MarksOnFlush,
    Received,
    WireMessage,
)
from server.dialects.telephony.base import LineDialect
from server.dialects.telephony.json_messages import (
    NOTHING,
    digit_of,
    number_of,
    parameters_of,
    part_of,
    read_object,
    sound_of,
    text_of,
    write_object,
)
from server.dialects.telephony.line import Line

LINE = AudioFormat(8_000, Encoding.ULAW)


class TwilioDialect(LineDialect):
    """One stream. Numbers come as strings, and are taken as numbers, too, where they are read."""

    usual = LINE
    marks_on_flush = MarksOnFlush.RETURNED

    def __init__(self) -> None:
        super().__init__()
        self._stream = ""

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Twilio sends no binary messages. Raises DialectError."""
        raise DialectError("binary_message", "Media Streams are text; this message is binary.")

    def receive_text(self, text: str) -> Received:
        """A message of the stream. Raises DialectError."""
        message = read_object(text)
        event = message.get("event")
        match event:
            case "connected":
                return NOTHING
            case "start":
                return self._start(message)
        line = self._stream_of(message)
        match event:
            case "media":
                return _media(line, part_of(message, "media"))
            case "mark":
                return line.reached(text_of(part_of(message, "mark"), "name")) or NOTHING
            case "dtmf":
                return digit_of(part_of(message, "dtmf"), "digit")
            case "stop":
                self._stopped = True
                return HungUp("stop")
            case _:
                raise DialectError("unknown_event", "There is no event of that name in a stream.")

    def _start(self, message: dict[str, Any]) -> CallStarted:
        start = part_of(message, "start")
        call, stream = text_of(start, "callSid"), text_of(start, "streamSid")
        given = start.get("customParameters", {})
        if not isinstance(given, dict):
            raise DialectError("bad_message", "customParameters is no object.")
        self._open(_format_of(part_of(start, "mediaFormat")))
        self._stream = stream
        return CallStarted(call, parameters_of(given))

    def _stream_of(self, message: dict[str, Any]) -> Line:
        line = self._opened()
        if message.get("streamSid") != self._stream:
            raise DialectError("other_stream", "The message is of another stream.")
        return line

    # --- out -------------------------------------------------------------------------------------

    def _sound(self, line: Line, data: bytes) -> list[WireMessage]:
        payload = b64encode(data).decode()
        return [write_object(event="media", streamSid=self._stream, media={"payload": payload})]

    def _mark(self, name: str) -> WireMessage:
        return write_object(event="mark", streamSid=self._stream, mark={"name": name})

    def _silence(self) -> WireMessage:
        return write_object(event="clear", streamSid=self._stream)


def _format_of(line: dict[str, Any]) -> AudioFormat | None:
    found = (line.get("encoding"), number_of(line, "sampleRate"), number_of(line, "channels"))
    return LINE if found == ("audio/x-mulaw", LINE.sample_rate, 1) else None


def _media(line: Line, media: dict[str, Any]) -> Received:
    if media.get("track", "inbound") != "inbound":
        return NOTHING  # our own voice, where both tracks were asked for
    return line.hear(sound_of(media, "payload", max_bytes=line.max_bytes))
