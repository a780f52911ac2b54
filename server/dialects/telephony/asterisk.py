"""Asterisk dialect: chan_websocket, binary audio and text control, in JSON or in plain text.

https://docs.asterisk.org/Configuration/Channel-Drivers/WebSocket, and channels/chan_websocket.c.
Asterisk cuts what it is sent into frames, keeps them and plays one each 20 ms:

- The odd end of a message that does not fill a frame is dropped, unless bulk mode is on
  (START_MEDIA_BUFFERING). Here only whole frames are sent, so that bulk mode is not needed and a
  flush has none to end.
- With 900 frames it says MEDIA_XOFF, below 800 MEDIA_XON; from 1,000 on it drops in silence.
- FLUSH_MEDIA drops the marks with the audio. One that is set after it comes back at once.
- A command of more than 128 bytes is ignored, a message of more than 65,500 ends the call.
- Nothing reports a hang-up but the end of the socket. Audio can arrive before MEDIA_START, and from
  a quiet caller none may arrive at all.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat, Encoding
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    CallStarted,
    Congested,
    DialectError,
    MarksOnFlush,
    Received,
    WireMessage,
)
from server.dialects.plain_text import NO_NUL, holds_nul
from server.dialects.telephony.base import LineDialect, wrong_format
from server.dialects.telephony.json_messages import (
    NOTHING,
    digit_field,
    number_field,
    parameters_in,
    read_object,
    text_field,
    write_object,
)
from server.dialects.telephony.line import TelephoneLine

SUBPROTOCOL = "media"

MAX_COMMAND_BYTES = 128
MAX_MESSAGE_BYTES = 65_500

ULAW = AudioFormat(8_000, Encoding.ULAW)
FORMATS = {
    "ulaw": ULAW,
    "alaw": AudioFormat(8_000, Encoding.ALAW),
    "slin": AudioFormat(8_000),
    **{f"slin{rate}": AudioFormat(rate * 1_000) for rate in (12, 16, 24, 32, 48)},
}
"""Asterisk's names of formats that it can cut into frames and that are understood here."""

SETTING = "dial with c(ulaw), c(alaw) or c(slin16), and without p"
"""Options of the dial that give a format which is understood here."""

PASSTHROUGH = "not supported in passthrough mode"


class AsteriskDialect(LineDialect):
    """Dialect of one channel.

    `parameters` are what the dialplan gave in the address (`v(...)`); with JSON, the channel's
    variables join them. Among them `call` names the call, where the dialplan has a name for it that
    is the same when it dials again; the channel's own is another each time.
    """

    default_format = ULAW
    marks_on_flush = MarksOnFlush.LOST

    def __init__(self, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._parameters = dict(parameters or {})
        self._json = True

    # --- in --------------------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Decode audio in the channel's format; what arrives before MEDIA_START is dropped.

        Raises DialectError.
        """
        if self._line is None:
            return np.zeros(0, np.int16)
        return self._line.receive(frame)

    def receive_text(self, text: str) -> Received:
        """Parse an event of the channel. Raises DialectError."""
        is_json = text.lstrip().startswith("{")
        event = read_object(text) if is_json else _plain(text)
        name = text_field(event, "event")
        if name == "MEDIA_START":
            started = self._start(event)
            self._json = is_json
            return started
        line = self._require_line()
        match name:
            case "MEDIA_MARK_PROCESSED":
                return line.reached(text_field(event, "correlation_id")) or NOTHING
            case "MEDIA_XOFF":
                return Congested(True)
            case "MEDIA_XON":
                return Congested(False)
            case "DTMF_END":
                return digit_field(event, "digit")
            case "ERROR":
                raise _bridge_error(event)
            case _:  # STATUS, QUEUE_DRAINED, MEDIA_BUFFERING_COMPLETED, and whatever is new
                return NOTHING

    def _start(self, event: dict[str, Any]) -> CallStarted:
        variables = event.get("channel_variables")
        given = parameters_in(variables) if isinstance(variables, dict) else {}
        parameters = given | self._parameters
        call = parameters.get("call") or event.get("channel_id") or event.get("channel")
        stated = text_field(event, "format")
        wire = FORMATS.get(stated)
        size = number_field(event, "optimal_frame_size")  # 0: nothing of ours would be paced
        return self._open(
            wire if size <= MAX_MESSAGE_BYTES else None,
            CallStarted(call if isinstance(call, str) else "", parameters),
            stated=f"{stated} in frames of {size} bytes",
            setting=SETTING,
            frame_bytes=size,
        )

    # --- out -------------------------------------------------------------------------------------

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return HANGUP at the end of the interview.

        Where the dialplan should call again there is none: then the end of the socket says it.
        """
        if self._line is None or reason.retry:
            return []
        return [self._command("HANGUP")]

    def _audio_messages(self, line: TelephoneLine, data: bytes) -> list[WireMessage]:
        most = MAX_MESSAGE_BYTES // line.frame_bytes * line.frame_bytes
        return [data[at : at + most] for at in range(0, len(data), most)]

    def _mark_message(self, name: str) -> WireMessage:
        return self._command("MARK_MEDIA", name)

    def _clear_message(self) -> WireMessage:
        return self._command("FLUSH_MEDIA")

    def _command(self, name: str, correlation_id: str | None = None) -> str:
        if not self._json:
            return name if correlation_id is None else f"{name} {correlation_id}"
        if correlation_id is None:
            return write_object(command=name)
        return write_object(command=name, correlation_id=correlation_id)


def _plain(text: str) -> dict[str, Any]:
    """Parse "NAME key:value key:value" or "NAME id"; the text of an error has blanks in it."""
    if holds_nul(text):
        raise DialectError("bad_message", NO_NUL)
    name, *words = text.split(" ") if text.strip() else [""]
    event: dict[str, Any] = {"event": name}
    for place, word in enumerate(words):
        key, colon, value = word.partition(":")
        if key == "error_text":
            event[key] = " ".join([value, *words[place + 1 :]])
            break
        event |= {key: value} if colon else {"correlation_id": word}
    return event


def _bridge_error(event: dict[str, Any]) -> DialectError:
    if PASSTHROUGH in str(event.get("error_text")):
        return wrong_format("passthrough", SETTING)
    return DialectError("refused_by_bridge", "Asterisk did not take a command.")
