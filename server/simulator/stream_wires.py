"""Wires of Twilio's and Telnyx's streams: JSON with mu-law in base64."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.simulator.wire import (
    BridgeMessage,
    BridgeWire,
    CallDetails,
    Codec,
    DropSound,
    Order,
    PlaySound,
    SetMark,
    WireError,
)
from server.telephony.twilio_signature import sign

STREAM = "MZ" + "5" * 32
ACCOUNT = "AC" + "5" * 32


class StreamWire(BridgeWire):
    """Wire of a stream. Each vendor has names of its own for the same fields."""

    number_field: str

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details)
        self._codec = Codec(8_000, ulaw=True)
        self._number = 0
        self._chunk = 0

    def audio(self, samples: NDArray[np.int16]) -> Sequence[BridgeMessage]:
        """Return `media` of 20 ms."""
        return [self._media(frame) for frame in self._codec.encode(samples)]

    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return `dtmf`."""
        return [self._message("dtmf", {"track": "inbound_track", "digit": digit})]

    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return `mark`."""
        return [self._message("mark", {"name": name})]

    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return the marks that were still in the buffer."""
        return [self._message("mark", {"name": name}) for name in pending]

    def hang_up(self) -> Sequence[BridgeMessage]:
        """Return `stop`."""
        return [self._message("stop", self._stop())]

    def receive(self, message: BridgeMessage) -> list[Order]:
        """Parse `media`, `mark` or `clear`: nothing else is allowed."""
        if isinstance(message, bytes):
            raise WireError("A stream takes no binary messages.")
        wanted = json.loads(message)
        self._check(wanted)
        match wanted.get("event"):
            case "media":
                data = b64decode(wanted["media"]["payload"], validate=True)
                self._check_length(len(data))
                return [PlaySound(self._codec.decode(data))]
            case "mark":
                return [SetMark(wanted["mark"]["name"])]
            case "clear":
                return [DropSound()]
            case other:
                raise WireError(f"A stream does not take {other}.")

    def _media(self, frame: bytes) -> str:
        self._chunk += 1
        inner = {"track": "inbound", "chunk": str(self._chunk), "timestamp": str(20 * self._chunk)}
        return self._message("media", inner | {"payload": b64encode(frame).decode()})

    def _message(self, event: str, inner: Any) -> str:
        self._number += 1
        message = {"event": event, self.number_field: str(self._number), event: inner}
        return json.dumps(message | self._of_stream())

    def _of_stream(self) -> dict[str, str]:
        raise NotImplementedError

    def _stop(self) -> dict[str, str]:
        raise NotImplementedError

    def _check(self, message: dict[str, Any]) -> None:
        """Raise WireError for a message that is not for this stream."""

    def _check_length(self, length: int) -> None:
        """Raise WireError for too much or too little sound in one message."""


class TwilioWire(StreamWire):
    """Wire of bidirectional Media Streams. `secret` is the account's auth token."""

    number_field = "sequenceNumber"

    def headers(self, url: str) -> dict[str, str]:
        """Return the signature over the address."""
        return {"X-Twilio-Signature": sign(self.details.secret, url)}

    def hello(self) -> Sequence[BridgeMessage]:
        """Return `connected` and `start`."""
        start = {
            "accountSid": ACCOUNT,
            "streamSid": STREAM,
            "callSid": self.details.ref,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": self.details.given,
        }
        connected = json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        return [connected, self._message("start", start)]

    def _of_stream(self) -> dict[str, str]:
        return {"streamSid": STREAM}

    def _stop(self) -> dict[str, str]:
        return {"accountSid": ACCOUNT, "callSid": self.details.ref}

    def _check(self, message: dict[str, Any]) -> None:
        if message.get("streamSid") != STREAM:
            raise WireError("The message has another streamSid, or none.")


class TelnyxWire(StreamWire):
    """Wire of Media Streaming in rtp mode. Every fourth message overtakes the one before it."""

    number_field = "sequence_number"

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details)
        self._held: list[BridgeMessage] = []

    def hello(self) -> Sequence[BridgeMessage]:
        """Return `connected` and `start`."""
        start = {
            "user_id": "3E6F995F-85F7-4705-9741-53B116D28237",
            "call_control_id": self.details.ref,
            "from": self.details.number,
            "to": "+15005550006",
            "custom_parameters": self.details.given,
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
        }
        connected = json.dumps({"event": "connected", "version": "1.0.0"})
        return [connected, self._message("start", start)]

    def audio(self, samples: NDArray[np.int16]) -> Sequence[BridgeMessage]:
        """Return `media`, not always in order."""
        messages = [*super().audio(samples)]
        if self._chunk % 4 == 0 and messages and not self._held:
            self._held = messages
            return ()
        held, self._held = self._held, []
        return [*messages, *held]

    def _of_stream(self) -> dict[str, str]:
        return {"stream_id": STREAM}

    def _stop(self) -> dict[str, str]:
        return {"user_id": "3E6F995F", "call_control_id": self.details.ref}

    def _check_length(self, length: int) -> None:
        if not 160 <= length <= 30 * 8_000:
            raise WireError("A message of media holds 20 ms to 30 s.")
