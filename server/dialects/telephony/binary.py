"""What Vonage's and jambonz's dialects share: binary L16 both ways, and control in JSON text."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat
from server.dialects.dialect import CallStarted, Received, WireMessage
from server.dialects.telephony.base import LineDialect
from server.dialects.telephony.json_messages import read_object
from server.dialects.telephony.line import Line

RATES = (8_000, 16_000, 24_000, 32_000, 48_000)
"""Samples a second that L16 can have here; bridges offer some of them."""


class BinaryLineDialect(LineDialect):
    """One call. The first text message says what the call is, and at which rate."""

    usual = AudioFormat(16_000)

    @abstractmethod
    def _start(self, message: dict[str, Any]) -> CallStarted | None:
        """The call in its first message, after `_open_at`; None if it is not the first message."""

    @abstractmethod
    def _event(self, line: Line, message: dict[str, Any]) -> Received:
        """A later message."""

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """L16, little endian. Raises DialectError."""
        return self._opened().hear(frame)

    def receive_text(self, text: str) -> Received:
        """A message of the bridge. Raises DialectError."""
        message = read_object(text)
        started = self._start(message)
        if started is not None:
            return started
        return self._event(self._opened(), message)

    def _open_at(self, rate: int) -> None:
        self._open(AudioFormat(rate) if rate in RATES else None)

    def _sound(self, line: Line, data: bytes) -> list[WireMessage]:
        """A frame a message."""
        size = line.frame_bytes
        return [data[at : at + size] for at in range(0, len(data), size)]
