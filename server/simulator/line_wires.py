"""Asterisk's, Vonage's and jambonz's side of their sockets: binary sound, and control in text."""

import base64
import json
from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from server.simulator.wire import (
    BridgeWire,
    CallFacts,
    Codec,
    HungUp,
    MarkSet,
    Order,
    Silenced,
    Sound,
    WireError,
    WireMessage,
)

MAX_COMMAND_BYTES = 128
MAX_MESSAGE_BYTES = 65_500


def basic(secret: str) -> dict[str, str]:
    """Basic authentication, as bridges are configured to send it."""
    pair = base64.b64encode(f"viva:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"} if secret else {}


class LineWire(BridgeWire):
    """Sound in binary messages of 20 ms."""

    def __init__(self, facts: CallFacts, codec: Codec) -> None:
        super().__init__(facts)
        self._codec = codec

    def headers(self, url: str) -> dict[str, str]:
        """The secret, if there is one."""
        return basic(self.facts.secret)

    def speak(self, samples: NDArray[np.int16]) -> Sequence[WireMessage]:
        """Frames of 20 ms."""
        return self._codec.encode(samples)


class AsteriskWire(LineWire):
    """chan_websocket with JSON control, mu-law. It keeps no more than 1,000 frames, drops the odd
    end of a message, and loses its marks at a flush."""

    subprotocol = "media"

    def __init__(self, facts: CallFacts) -> None:
        super().__init__(facts, Codec(8_000, ulaw=True))

    def address(self, url: str) -> str:
        """With what the dialplan gave."""
        given = {"caller": self.facts.number} | self.facts.given
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def hello(self) -> Sequence[WireMessage]:
        """MEDIA_START."""
        return [
            self._event(
                "MEDIA_START",
                connection_id="viva",
                channel="WebSocket/viva/0x5140001a0040",
                format="ulaw",
                optimal_frame_size=self._codec.frame_bytes,
                ptime=20,
                channel_variables={"MEDIA_WEBSOCKET_CONNECTION_ID": "viva"},
            )
        ]

    def press(self, digit: str) -> Sequence[WireMessage]:
        """DTMF_END."""
        return [self._event("DTMF_END", digit=digit)]

    def played(self, name: str) -> Sequence[WireMessage]:
        """MEDIA_MARK_PROCESSED."""
        return [self._event("MEDIA_MARK_PROCESSED", correlation_id=name)]

    def silenced(self, pending: Sequence[str], played_ms: int) -> Sequence[WireMessage]:
        """Nothing is said of a flush."""
        return ()

    def take(self, message: WireMessage) -> list[Order]:
        """Whole frames, or a command."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise WireError("A message is too long: Asterisk hangs up.")
        if isinstance(message, bytes):
            if len(message) % self._codec.frame_bytes:
                raise WireError("A message ends within a frame: Asterisk drops that end.")
            return [Sound(self._codec.decode(message))]
        if len(message.encode()) > MAX_COMMAND_BYTES:
            raise WireError("A command of more than 128 bytes is ignored.")
        command = json.loads(message)
        match command.get("command"):
            case "MARK_MEDIA":
                return [MarkSet(command["correlation_id"])]
            case "FLUSH_MEDIA":
                return [Silenced()]
            case "HANGUP":
                return [HungUp()]
            case other:
                raise WireError(f"Asterisk knows no command {other}.")

    def _event(self, event: str, **fields: object) -> str:
        return json.dumps({"event": event, "channel_id": self.facts.ref} | fields)


class VonageWire(LineWire):
    """L16 at 16 kHz; each message holds 20 ms."""

    def __init__(self, facts: CallFacts) -> None:
        super().__init__(facts, Codec(16_000))

    def hello(self) -> Sequence[WireMessage]:
        """`websocket:connected`, with the headers of the NCCO."""
        start = {"event": "websocket:connected", "content-type": "audio/l16;rate=16000"}
        headers = {"call": self.facts.ref, "caller": self.facts.number} | self.facts.given
        return [json.dumps(start | headers)]

    def press(self, digit: str) -> Sequence[WireMessage]:
        """`websocket:dtmf`."""
        return [json.dumps({"event": "websocket:dtmf", "digit": digit, "duration": 260})]

    def played(self, name: str) -> Sequence[WireMessage]:
        """`websocket:notify`, with the payload as it was given."""
        return [json.dumps({"event": "websocket:notify", "payload": json.loads(name)})]

    def silenced(self, pending: Sequence[str], played_ms: int) -> Sequence[WireMessage]:
        """`websocket:cleared`; what was to be notified is lost."""
        return [json.dumps({"event": "websocket:cleared"})]

    def take(self, message: WireMessage) -> list[Order]:
        """A frame, or an action."""
        if isinstance(message, bytes):
            if len(message) != self._codec.frame_bytes:
                raise WireError("Each message must hold 20 ms of sound.")
            return [Sound(self._codec.decode(message))]
        action = json.loads(message)
        match action.get("action"):
            case "notify":
                return [MarkSet(json.dumps(action["payload"]))]
            case "clear":
                return [Silenced()]
            case other:
                raise WireError(f"Vonage knows no action {other}.")


class L16Wire(LineWire):
    """jambonz's `listen`, streaming both ways at 8 kHz."""

    subprotocol = "audio.jambonz.org"

    def __init__(self, facts: CallFacts) -> None:
        super().__init__(facts, Codec(8_000))

    def hello(self) -> Sequence[WireMessage]:
        """The call's attributes and the verb's metadata."""
        attributes = {"sampleRate": 8000, "mixType": "mono", "callSid": self.facts.ref}
        return [json.dumps(attributes | {"from": self.facts.number} | self.facts.given)]

    def press(self, digit: str) -> Sequence[WireMessage]:
        """With `passDtmf`."""
        return [json.dumps({"event": "dtmf", "dtmf": digit, "duration": "1600"})]

    def played(self, name: str) -> Sequence[WireMessage]:
        """`mark`, played out."""
        return [self._mark(name, "playout")]

    def silenced(self, pending: Sequence[str], played_ms: int) -> Sequence[WireMessage]:
        """The marks that were still in the buffer, as cleared."""
        return [self._mark(name, "cleared") for name in pending]

    def take(self, message: WireMessage) -> list[Order]:
        """Sound, or a command."""
        if isinstance(message, bytes):
            if len(message) % 2:
                raise WireError("L16 has two bytes a sample.")
            return [Sound(self._codec.decode(message))]
        command = json.loads(message)
        match command.get("type"):
            case "mark":
                return [MarkSet(command["data"]["name"])]
            case "killAudio":
                return [Silenced()]
            case "disconnect":
                return [HungUp()]
            case other:
                raise WireError(f"jambonz knows no command {other}.")

    def _mark(self, name: str, event: str) -> str:
        return json.dumps({"type": "mark", "data": {"name": name, "event": event}})
