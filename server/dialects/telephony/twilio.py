"""Twilio dialect: bidirectional Media Streams, JSON text with mu-law at 8 kHz in base64.

https://www.twilio.com/docs/voice/media-streams/websocket-messages. Twilio keeps what it is sent and
plays it in time; `clear` empties its buffer and returns the marks that were still in it, which is
why those are void from then on. Towards Twilio only `media`, `mark` and `clear` are allowed (error
31924): it is never told of its mistakes.
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
from server.dialects.telephony.base import LineDialect, stated_format
from server.dialects.telephony.json_messages import (
    NOTHING,
    audio_field,
    digit_field,
    number_field,
    object_field,
    parameters_in,
    read_object,
    text_field,
    write_object,
)
from server.dialects.telephony.line import TelephoneLine

LINE = AudioFormat(8_000, Encoding.ULAW)


class TwilioDialect(LineDialect):
    """Dialect of one stream. Numbers come as strings; numbers are accepted, too."""

    default_format = LINE
    marks_on_flush = MarksOnFlush.RETURNED

    def __init__(self) -> None:
        super().__init__()
        self._stream = ""

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Raise DialectError: Twilio sends no binary messages."""
        raise DialectError("binary_message", "Media Streams are text; this message is binary.")

    def receive_text(self, text: str) -> Received:
        """Parse a message of the stream. Raises DialectError."""
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
                return _media(line, object_field(message, "media"))
            case "mark":
                return line.reached(text_field(object_field(message, "mark"), "name")) or NOTHING
            case "dtmf":
                return digit_field(object_field(message, "dtmf"), "digit")
            case "stop":
                self._stopped = True
                return HungUp("stop")
            case _:
                raise DialectError("unknown_event", "There is no event of that name in a stream.")

    def _start(self, message: dict[str, Any]) -> CallStarted:
        start = object_field(message, "start")
        call, stream = text_field(start, "callSid"), text_field(start, "streamSid")
        given = start.get("customParameters", {})
        if not isinstance(given, dict):
            raise DialectError("bad_message", "customParameters is no object.")
        media_format = object_field(start, "mediaFormat")
        started = self._open(
            _format_of(media_format),
            CallStarted(call, parameters_in(given)),
            stated=stated_format(media_format, "encoding", "sampleRate", "channels"),
            setting="Media Streams are audio/x-mulaw at 8000 Hz with one channel",
        )
        self._stream = stream
        return started

    def _stream_of(self, message: dict[str, Any]) -> TelephoneLine:
        line = self._require_line()
        if message.get("streamSid") != self._stream:
            raise DialectError("other_stream", "The message is of another stream.")
        return line

    # --- out -------------------------------------------------------------------------------------

    def _audio_messages(self, line: TelephoneLine, data: bytes) -> list[WireMessage]:
        payload = b64encode(data).decode()
        return [write_object(event="media", streamSid=self._stream, media={"payload": payload})]

    def _mark_message(self, name: str) -> WireMessage:
        return write_object(event="mark", streamSid=self._stream, mark={"name": name})

    def _clear_message(self) -> WireMessage:
        return write_object(event="clear", streamSid=self._stream)


def _format_of(line: dict[str, Any]) -> AudioFormat | None:
    found = (line.get("encoding"), number_field(line, "sampleRate"), number_field(line, "channels"))
    return LINE if found == ("audio/x-mulaw", LINE.sample_rate, 1) else None


def _media(line: TelephoneLine, media: dict[str, Any]) -> Received:
    if media.get("track", "inbound") != "inbound":
        return NOTHING  # our own voice, where both tracks were asked for
    return line.receive(audio_field(media, "payload", max_bytes=line.max_bytes))
