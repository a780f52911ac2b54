"""The plain dialect: binary L16 and a few JSON words, as jambonz's `listen` and home-made bridges.

https://docs.jambonz.org/verbs/verbs/listen, subprotocol `audio.jambonz.org`. docs/bridges.md tells
it to those who write a bridge. The first text message is an object with `sampleRate`; whatever else
is in it are the call's parameters. Then sound is binary, and each side has a few messages:

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
    digit_of,
    number_of,
    parameters_of,
    part_of,
    text_of,
    write_object,
)
from server.dialects.telephony.line import Line

SUBPROTOCOL = "audio.jambonz.org"


class L16Dialect(BinaryLineDialect):
    """One call's socket. The rate of `sampleRate` holds both ways."""

    marks_on_flush = MarksOnFlush.RETURNED

    def _start(self, message: dict[str, Any]) -> CallStarted | None:
        if "event" in message or "type" in message:
            return None
        rate = number_of(message, "sampleRate")
        self._open_at(rate if message.get("mixType", "mono") == "mono" else 0)
        metadata = message.get("metadata")
        parameters = parameters_of(message, without=("sampleRate", "mixType"))
        if isinstance(metadata, dict):
            parameters |= parameters_of(metadata)
        return CallStarted(parameters.get("callSid", ""), parameters)

    def _event(self, line: Line, message: dict[str, Any]) -> Received:
        match message.get("event"), message.get("type"):
            case "dtmf", _:
                return digit_of(message, "dtmf")
            case _, "mark":
                return _mark_of(line, part_of(message, "data"))
            case _, "disconnect":
                self._stopped = True
                return HungUp("disconnect")
            case _:
                return NOTHING

    def goodbye(self, reason: CloseReason) -> list[WireMessage]:
        """`disconnect`, which ends the verb, unless the bridge should come again."""
        if self._line is None or reason.retry:
            return []
        return [write_object(type="disconnect")]

    def _mark(self, name: str) -> WireMessage:
        return write_object(type="mark", data={"name": name})

    def _silence(self) -> WireMessage:
        return write_object(type="killAudio")


def _mark_of(line: Line, data: dict[str, Any]) -> Received:
    """A mark that was played, or one that `killAudio` has cleared: then the bridge is silent."""
    event = line.reached(text_of(data, "name"))
    if event is None and data.get("event") == "cleared":
        event = line.flushed()
    return event or NOTHING
