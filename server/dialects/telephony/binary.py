"""Binary line dialect: what Vonage's and jambonz's share; binary L16, and control in JSON text."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat
from server.dialects.dialect import CallStarted, Received, WireMessage
from server.dialects.telephony.base import LineDialect
from server.dialects.telephony.json_messages import read_object
from server.dialects.telephony.line import TelephoneLine

RATES = (8_000, 16_000, 24_000, 32_000, 48_000)
"""Samples a second that L16 can have here; bridges offer some of them."""


class BinaryLineDialect(LineDialect):
    """Dialect of one call. The first text message says what the call is, and at which rate."""

    default_format = AudioFormat(16_000)

    @abstractmethod
    def _start(self, message: dict[str, Any]) -> CallStarted | None:
        """Return the call in its first message, started by `_open_at`; None for another message."""

    @abstractmethod
    def _event(self, line: TelephoneLine, message: dict[str, Any]) -> Received:
        """Parse a later message."""

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Decode L16, little endian. Raises DialectError."""
        return self._require_line().receive(frame)

    def receive_text(self, text: str) -> Received:
        """Parse a message of the bridge. Raises DialectError."""
        message = read_object(text)
        started = self._start(message)
        if started is not None:
            return started
        return self._event(self._require_line(), message)

    def _open_at(
        self, rate: int, started: CallStarted, *, stated: str, setting: str
    ) -> CallStarted:
        wire = AudioFormat(rate) if rate in RATES else None
        return self._open(wire, started, stated=stated, setting=setting)

    def _audio_messages(self, line: TelephoneLine, data: bytes) -> list[WireMessage]:
        """Return one message a frame."""
        size = line.frame_bytes
        return [data[at : at + size] for at in range(0, len(data), size)]
