"""Vonage dialect: binary L16 in messages of 20 ms, `notify` as mark, `clear` to fall silent.

https://developer.vonage.com/en/voice/voice-api/guides/websockets. The first text message,
`websocket:connected`, has the format and, beside it, the headers that the NCCO set. Vonage keeps up
to 3,072 messages (a minute) and plays them in time; each must hold 20 ms. The fate of a `notify`
that is cleared is not documented, so that nothing here depends on it.
"""

import re
from typing import Any

from server.dialects.dialect import CallStarted, MarksOnFlush, Received, WireMessage
from server.dialects.telephony.binary import BinaryLineDialect
from server.dialects.telephony.json_messages import (
    NOTHING,
    digit_field,
    object_field,
    parameters_in,
    text_field,
    write_object,
)
from server.dialects.telephony.line import TelephoneLine

CALL_HEADER = "call"
"""Header of our NCCO that names the call: Vonage does not state it by itself."""

_CONTENT_TYPE = re.compile(r"audio/l16\s*;\s*rate=([0-9]{1,6})", re.IGNORECASE)


class VonageDialect(BinaryLineDialect):
    """Dialect of one call's socket."""

    marks_on_flush = MarksOnFlush.LOST

    def _start(self, message: dict[str, Any]) -> CallStarted | None:
        if message.get("event") != "websocket:connected":
            return None
        stated = text_field(message, "content-type").strip()
        found = _CONTENT_TYPE.fullmatch(stated)
        headers = parameters_in(message, without=("event", "content-type"))
        return self._open_at(
            int(found[1]) if found else 0,
            CallStarted(headers.get(CALL_HEADER, ""), headers),
            stated=stated,
            setting="set content-type of the NCCO's endpoint to audio/l16;rate=16000",
        )

    def _event(self, line: TelephoneLine, message: dict[str, Any]) -> Received:
        match text_field(message, "event"):
            case "websocket:notify":
                return line.reached(text_field(object_field(message, "payload"), "mark")) or NOTHING
            case "websocket:cleared":
                return line.flushed() or NOTHING
            case "websocket:dtmf":
                return digit_field(message, "digit")
            case _:
                return NOTHING

    def _mark_message(self, name: str) -> WireMessage:
        return write_object(action="notify", payload={"mark": name})

    def _clear_message(self) -> WireMessage:
        return write_object(action="clear")
