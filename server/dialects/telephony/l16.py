"""L16 dialect: binary L16 and a few JSON messages, for jambonz's `listen` and bridges of one's own.

https://docs.jambonz.org/verbs/verbs/listen, subprotocol `audio.jambonz.org`. docs/bridges.md
explains it to those who write a bridge. The first text message is an object with `sampleRate`;
whatever else is in it are the call's parameters. Then audio is binary, and each side has a few
messages:

    bridge  {"event": "dtmf", "dtmf": "5"}
            {"type": "mark", "data": {"name": "7", "event": "playout"}}    or "cleared"
            {"type": "disconnect"}
    server  {"type": "mark", "data": {"name": "7"}}
            {"type": "killAudio"}
            {"type": "disconnect"}
"""

from typing import Any

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    CallStarted,
    HungUp,
    MarksOnFlush,
    Received,
    WireMessage,
)
from server.dialects.telephony.binary import BinaryLineDialect
from server.dialects.telephony.json_messages import (
    NOTHING,
    digit_field,
    number_field,
    object_field,
    parameters_in,
    text_field,
    write_object,
)
from server.dialects.telephony.line import TelephoneLine

SUBPROTOCOL = "audio.jambonz.org"


class L16Dialect(BinaryLineDialect):
    """Dialect of one call's socket. The rate of `sampleRate` holds both ways."""

    marks_on_flush = MarksOnFlush.RETURNED

    def _start(self, message: dict[str, Any]) -> CallStarted | None:
        if "event" in message or "type" in message:
            return None
        rate = number_field(message, "sampleRate")
        mix = message.get("mixType", "mono")
        metadata = message.get("metadata")
        parameters = parameters_in(message, without=("sampleRate", "mixType"))
        if isinstance(metadata, dict):
            parameters |= parameters_in(metadata)
        return self._open_at(
            rate if mix == "mono" else 0,
            CallStarted(parameters.get("callSid", ""), parameters),
            stated=f"L16 at {rate} Hz, {mix}",
            setting="set mixType to mono, and sampleRate to 8000, 16000, 24000, 32000 or 48000",
        )

    def _event(self, line: TelephoneLine, message: dict[str, Any]) -> Received:
        match message.get("event"), message.get("type"):
            case "dtmf", _:
                return digit_field(message, "dtmf")
            case _, "mark":
                return _mark_of(line, object_field(message, "data"))
            case _, "disconnect":
                self._stopped = True
                return HungUp("disconnect")
            case _:
                return NOTHING

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return `disconnect`, which ends the verb, unless the bridge should connect again."""
        if self._line is None or reason.retry:
            return []
        return [write_object(type="disconnect")]

    def _mark_message(self, name: str) -> WireMessage:
        return write_object(type="mark", data={"name": name})

    def _clear_message(self) -> WireMessage:
        return write_object(type="killAudio")


def _mark_of(line: TelephoneLine, data: dict[str, Any]) -> Received:
    """Parse a mark that was played, or one that `killAudio` has cleared.

    After `killAudio` the bridge is silent.
    """
    event = line.reached(text_field(data, "name"))
    if event is None and data.get("event") == "cleared":
        event = line.flushed()
    return event or NOTHING
