"""Telnyx's dialect: Media Streaming, JSON text with RTP payloads in base64.

https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming. It resembles Twilio's,
in snake_case, with more codecs, and without any promise of order: messages are put in order by
`media.chunk`. Sound goes back in "rtp" mode (the default is MP3, one file a second); `clear`
empties the buffer and returns the marks that were in it.

L16 is taken to be little endian, as it was seen on live calls; the documentation does not say.
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
from server.dialects.telephony.line import Line, bytes_of
from server.dialects.telephony.reordering import Reordering

PCMU = AudioFormat(8_000, Encoding.ULAW)
ENCODINGS = {"PCMU": Encoding.ULAW, "PCMA": Encoding.ALAW, "L16": Encoding.PCM16}
L16_RATES = (8_000, 16_000, 24_000)

LONGEST_LOSS_MS = 1_000
"""A gap up to this is filled with silence, so that pauses keep their length."""


class TelnyxDialect(LineDialect):
    """One stream. What is sent goes in the format of what comes: ask for the same codec in
    `stream_codec` and `stream_bidirectional_codec`."""

    usual = PCMU
    marks_on_flush = MarksOnFlush.RETURNED
    may_reorder = True

    def __init__(self) -> None:
        super().__init__()
        self._order = Reordering(b"", longest=0)
        self._stream = ""

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Telnyx sends no binary messages. Raises DialectError."""
        raise DialectError("binary_message", "Media Streaming is text; this message is binary.")

    def receive_text(self, text: str) -> Received:
        """A message of the stream. Raises DialectError."""
        message = read_object(text)
        event = text_of(message, "event")
        match event:
            case "connected":
                return NOTHING
            case "start":
                return self._start(message)
        line = self._stream_of(message)
        match event:
            case "media":
                return self._media(line, message)
            case "mark":
                return line.reached(text_of(part_of(message, "mark"), "name")) or NOTHING
            case "dtmf":
                return digit_of(part_of(message, "dtmf"), "digit")
            case "stop":
                self._stopped = True
                return HungUp("stop")
            case "error":
                raise DialectError("refused_by_bridge", "Telnyx did not take a message.")
            case _:
                return NOTHING

    def _start(self, message: dict[str, Any]) -> CallStarted:
        start = part_of(message, "start")
        call, stream = text_of(start, "call_control_id"), text_of(message, "stream_id")
        given = start.get("custom_parameters")
        parameters = {name: str(start[name]) for name in ("from", "to") if start.get(name)}
        if isinstance(given, dict):
            parameters |= parameters_of(given)
        self._open(_format_of(part_of(start, "media_format")))
        line = self._opened()
        self._order = Reordering(line.silence, longest=bytes_of(line.format, LONGEST_LOSS_MS))
        self._stream = stream
        return CallStarted(call, parameters)

    def _media(self, line: Line, message: dict[str, Any]) -> Received:
        media = part_of(message, "media")
        if media.get("track", "inbound") not in ("inbound", "inbound_track"):
            return NOTHING  # our own voice, where both tracks were asked for
        number = number_of(media, "chunk")
        if number < 0:
            number = number_of(message, "sequence_number")
        if number < 0:
            raise DialectError("bad_message", "The message has no number to order it by.")
        piece = sound_of(media, "payload", max_bytes=line.max_bytes)
        if len(piece) % line.format.bytes_per_sample:
            raise DialectError("odd_audio", "L16 has two bytes a sample; one is missing.")
        return line.hear_all(self._order.put(number, piece))

    def _stream_of(self, message: dict[str, Any]) -> Line:
        line = self._opened()
        if message.get("stream_id", self._stream) != self._stream:
            raise DialectError("other_stream", "The message is of another stream.")
        return line

    # --- out -------------------------------------------------------------------------------------

    def _sound(self, line: Line, data: bytes) -> list[WireMessage]:
        return [write_object(event="media", media={"payload": b64encode(data).decode()})]

    def _mark(self, name: str) -> WireMessage:
        return write_object(event="mark", mark={"name": name})

    def _silence(self) -> WireMessage:
        return write_object(event="clear")


def _format_of(media_format: dict[str, Any]) -> AudioFormat | None:
    encoding = ENCODINGS.get(str(media_format.get("encoding")).upper())
    rate = number_of(media_format, "sample_rate")
    rates = L16_RATES if encoding is Encoding.PCM16 else (8_000,)
    one_channel = media_format.get("channels", 1) in (1, "1")
    return AudioFormat(rate, encoding) if encoding and rate in rates and one_channel else None
