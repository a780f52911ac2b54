"""Wires of Asterisk, Vonage and jambonz: binary sound, and control in text."""

import base64
import json
from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from server.simulator.wire import (
    BridgeMessage,
    BridgeWire,
    CallDetails,
    Codec,
    DropSound,
    EndCall,
    Order,
    PlaySound,
    SetMark,
    WireError,
)

MAX_COMMAND_BYTES = 128
MAX_MESSAGE_BYTES = 65_500


def basic(secret: str) -> dict[str, str]:
    """Return Basic authentication, as bridges are configured to send it."""
    pair = base64.b64encode(f"viva:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"} if secret else {}


class LineWire(BridgeWire):
    """Wire with sound in binary messages of 20 ms."""

    def __init__(self, details: CallDetails, codec: Codec) -> None:
        super().__init__(details)
        self._codec = codec

    def headers(self, url: str) -> dict[str, str]:
        """Return the secret, if there is one."""
        return basic(self.details.secret)

    def audio(self, samples: NDArray[np.int16]) -> Sequence[BridgeMessage]:
        """Return frames of 20 ms."""
        return self._codec.encode(samples)


class AsteriskWire(LineWire):
    """Wire of chan_websocket with JSON control, mu-law.

    It keeps no more than 1,000 frames, drops the odd end of a message, and loses its marks at a
    flush.
    """

    subprotocol = "media"

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details, Codec(8_000, ulaw=True))

    def address(self, url: str) -> str:
        """Return the address with what the dialplan gave."""
        given = {"caller": self.details.number} | self.details.given
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def hello(self) -> Sequence[BridgeMessage]:
        """Return MEDIA_START."""
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

    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return DTMF_END."""
        return [self._event("DTMF_END", digit=digit)]

    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return MEDIA_MARK_PROCESSED."""
        return [self._event("MEDIA_MARK_PROCESSED", correlation_id=name)]

    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return nothing: Asterisk does not report a flush."""
        return ()

    def receive(self, message: BridgeMessage) -> list[Order]:
        """Parse whole frames, or a command."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise WireError("A message is too long: Asterisk hangs up.")
        if isinstance(message, bytes):
            if len(message) % self._codec.frame_bytes:
                raise WireError("A message ends within a frame: Asterisk drops that end.")
            return [PlaySound(self._codec.decode(message))]
        if len(message.encode()) > MAX_COMMAND_BYTES:
            raise WireError("A command of more than 128 bytes is ignored.")
        command = json.loads(message)
        match command.get("command"):
            case "MARK_MEDIA":
                return [SetMark(command["correlation_id"])]
            case "FLUSH_MEDIA":
                return [DropSound()]
            case "HANGUP":
                return [EndCall()]
            case other:
                raise WireError(f"Asterisk knows no command {other}.")

    def _event(self, event: str, **fields: object) -> str:
        return json.dumps({"event": event, "channel_id": self.details.ref} | fields)


class VonageWire(LineWire):
    """Wire of L16 at 16 kHz; each message holds 20 ms."""

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details, Codec(16_000))

    def hello(self) -> Sequence[BridgeMessage]:
        """Return `websocket:connected`, with the headers of the NCCO."""
        start = {"event": "websocket:connected", "content-type": "audio/l16;rate=16000"}
        headers = {"call": self.details.ref, "caller": self.details.number} | self.details.given
        return [json.dumps(start | headers)]

    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return `websocket:dtmf`."""
        return [json.dumps({"event": "websocket:dtmf", "digit": digit, "duration": 260})]

    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return `websocket:notify`, with the payload as it was given."""
        return [json.dumps({"event": "websocket:notify", "payload": json.loads(name)})]

    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return `websocket:cleared`; what was to be notified is lost."""
        return [json.dumps({"event": "websocket:cleared"})]

    def receive(self, message: BridgeMessage) -> list[Order]:
        """Parse a frame, or an action."""
        if isinstance(message, bytes):
            if len(message) != self._codec.frame_bytes:
                raise WireError("Each message must hold 20 ms of sound.")
            return [PlaySound(self._codec.decode(message))]
        action = json.loads(message)
        match action.get("action"):
            case "notify":
                return [SetMark(json.dumps(action["payload"]))]
            case "clear":
                return [DropSound()]
            case other:
                raise WireError(f"Vonage knows no action {other}.")


class L16Wire(LineWire):
    """Wire of jambonz's `listen`, streaming both ways at 8 kHz."""

    subprotocol = "audio.jambonz.org"

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details, Codec(8_000))

    def hello(self) -> Sequence[BridgeMessage]:
        """Return the call's attributes and the verb's metadata."""
        attributes = {"sampleRate": 8000, "mixType": "mono", "callSid": self.details.ref}
        return [json.dumps(attributes | {"from": self.details.number} | self.details.given)]

    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return the key, as with `passDtmf`."""
        return [json.dumps({"event": "dtmf", "dtmf": digit, "duration": "1600"})]

    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return `mark`, played out."""
        return [self._mark(name, "playout")]

    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return the marks that were still in the buffer, as cleared."""
        return [self._mark(name, "cleared") for name in pending]

    def receive(self, message: BridgeMessage) -> list[Order]:
        """Parse sound, or a command."""
        if isinstance(message, bytes):
            if len(message) % 2:
                raise WireError("L16 has two bytes a sample.")
            return [PlaySound(self._codec.decode(message))]
        command = json.loads(message)
        match command.get("type"):
            case "mark":
                return [SetMark(command["data"]["name"])]
            case "killAudio":
                return [DropSound()]
            case "disconnect":
                return [EndCall()]
            case other:
                raise WireError(f"jambonz knows no command {other}.")

    def _mark(self, name: str, event: str) -> str:
        return json.dumps({"type": "mark", "data": {"name": name, "event": event}})
