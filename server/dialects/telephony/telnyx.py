"""Telnyx dialect: Media Streaming, JSON text with RTP payloads in base64.

https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming. It resembles Twilio's,
in snake_case, with more codecs, and without any promise of order: messages are put in order by
`media.chunk`. Audio goes back in "rtp" mode (the default is MP3, one file a second); `clear`
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
from server.dialects.telephony.line import TelephoneLine, bytes_of
from server.dialects.telephony.reordering import Reordering

PCMU = AudioFormat(8_000, Encoding.ULAW)
ENCODINGS = {"PCMU": Encoding.ULAW, "PCMA": Encoding.ALAW, "L16": Encoding.PCM16}
L16_RATES = (8_000, 16_000, 24_000)

MAX_GAP_MS = 1_000
"""Longest gap that is filled with silence, so that pauses keep their length."""


class TelnyxDialect(LineDialect):
    """Dialect of one stream.

    What is sent goes in the format of what arrives: ask for the same codec in `stream_codec` and
    `stream_bidirectional_codec`.
    """

    default_format = PCMU
    marks_on_flush = MarksOnFlush.RETURNED
    may_reorder = True

    def __init__(self) -> None:
        super().__init__()
        self._order = Reordering(b"", max_gap_bytes=0)
        self._stream = ""

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Raise DialectError: Telnyx sends no binary messages."""
        raise DialectError("binary_message", "Media Streaming is text; this message is binary.")

    def receive_text(self, text: str) -> Received:
        """Parse a message of the stream. Raises DialectError."""
        message = read_object(text)
        event = text_field(message, "event")
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
                return line.reached(text_field(object_field(message, "mark"), "name")) or NOTHING
            case "dtmf":
                return digit_field(object_field(message, "dtmf"), "digit")
            case "stop":
                self._stopped = True
                return HungUp("stop")
            case "error":
                raise DialectError("refused_by_bridge", "Telnyx did not take a message.")
            case _:
                return NOTHING

    def _start(self, message: dict[str, Any]) -> CallStarted:
        start = object_field(message, "start")
        call, stream = text_field(start, "call_control_id"), text_field(message, "stream_id")
        given = start.get("custom_parameters")
        parameters = {name: str(start[name]) for name in ("from", "to") if start.get(name)}
        if isinstance(given, dict):
            parameters |= parameters_in(given)
        media_format = object_field(start, "media_format")
        started = self._open(
            _format_of(media_format),
            CallStarted(call, parameters),
            stated=stated_format(media_format, "encoding", "sample_rate", "channels"),
            setting="ask for PCMU, both in stream_codec (TeXML: codec) and in "
            "stream_bidirectional_codec (TeXML: bidirectionalCodec)",
        )
        line = self._require_line()
        self._order = Reordering(line.silence, max_gap_bytes=bytes_of(line.format, MAX_GAP_MS))
        self._stream = stream
        return started

    def _media(self, line: TelephoneLine, message: dict[str, Any]) -> Received:
        media = object_field(message, "media")
        if media.get("track", "inbound") not in ("inbound", "inbound_track"):
            return NOTHING  # our own voice, where both tracks were asked for
        number = number_field(media, "chunk")
        if number < 0:
            number = number_field(message, "sequence_number")
        if number < 0:
            raise DialectError("bad_message", "The message has no number to order it by.")
        piece = audio_field(media, "payload", max_bytes=line.max_bytes)
        if len(piece) % line.format.bytes_per_sample:
            raise DialectError("odd_audio", "L16 has two bytes a sample; one is missing.")
        return line.decode(self._order.put(number, piece))

    def _stream_of(self, message: dict[str, Any]) -> TelephoneLine:
        line = self._require_line()
        if message.get("stream_id", self._stream) != self._stream:
            raise DialectError("other_stream", "The message is of another stream.")
        return line

    # --- out -------------------------------------------------------------------------------------

    def _audio_messages(self, line: TelephoneLine, data: bytes) -> list[WireMessage]:
        return [write_object(event="media", media={"payload": b64encode(data).decode()})]

    def _mark_message(self, name: str) -> WireMessage:
        return write_object(event="mark", mark={"name": name})

    def _clear_message(self) -> WireMessage:
        return write_object(event="clear")


def _format_of(media_format: dict[str, Any]) -> AudioFormat | None:
    encoding = ENCODINGS.get(str(media_format.get("encoding")).upper())
    rate = number_field(media_format, "sample_rate")
    rates = L16_RATES if encoding is Encoding.PCM16 else (8_000,)
    one_channel = media_format.get("channels", 1) in (1, "1")
    return AudioFormat(rate, encoding) if encoding and rate in rates and one_channel else None
