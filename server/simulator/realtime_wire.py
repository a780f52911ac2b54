"""Wire of an OpenAI Realtime client: PCM16 at 24 kHz in base64, inside JSON events.

As such clients do, it plays what it is sent, and falls silent when it is told that speech has
started; then it says how much of the item was played.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.simulator.handset import END_MARK
from server.simulator.wire import (
    BridgeMessage,
    BridgeWire,
    CallDetails,
    DropSound,
    Order,
    PlaySound,
    ServerError,
    SetMark,
    WireError,
)


class RealtimeWire(BridgeWire):
    """Wire of one connection. `secret` is the key of the interview."""

    subprotocol = "realtime"

    def __init__(self, details: CallDetails) -> None:
        super().__init__(details)
        self._up = StreamingResampler(SPEECH_RATE, VOICE_RATE)
        self._item = ""

    def headers(self, url: str) -> dict[str, str]:
        """Return the key, as a bearer token."""
        return {"Authorization": f"Bearer {self.details.secret}"}

    def hello(self) -> Sequence[BridgeMessage]:
        """Return nothing: the server begins."""
        return ()

    def audio(self, samples: NDArray[np.int16]) -> Sequence[BridgeMessage]:
        """Return `input_audio_buffer.append`."""
        sound = self._up.process(samples)
        if not sound.size:
            return ()
        audio = b64encode(sound.astype("<i2").tobytes()).decode()
        return [json.dumps({"type": "input_audio_buffer.append", "audio": audio})]

    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return the key in writing: there are no keys."""
        content = [{"type": "input_text", "text": digit}]
        item = {"type": "message", "role": "user", "content": content}
        return [json.dumps({"type": "conversation.item.create", "item": item})]

    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return nothing: the protocol has no such message."""
        return ()

    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return `conversation.item.truncate`."""
        if not self._item:
            return ()
        truncate = {"type": "conversation.item.truncate", "item_id": self._item}
        return [json.dumps(truncate | {"content_index": 0, "audio_end_ms": played_ms})]

    def receive(self, message: BridgeMessage) -> list[Order]:
        """Parse an event of the server."""
        if isinstance(message, bytes):
            raise WireError("A Realtime server sends no binary messages.")
        event = json.loads(message)
        match event.get("type"):
            case "response.output_audio.delta":
                self._item = event["item_id"]
                return [PlaySound(b64decode(event["delta"], validate=True), self._item)]
            case "response.output_audio.done":
                return [SetMark(END_MARK)]
            case "input_audio_buffer.speech_started":
                return [DropSound()]
            case "error":
                return [ServerError(str(event["error"].get("message")))]
            case _:
                return []
