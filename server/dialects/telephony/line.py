"""Telephone line, once its format is known: audio both ways in whole frames, and positions.

What goes out is cut into whole frames of the line; what does not fill one waits for more, or is
filled with silence at the end of a run. So a bridge that drops the odd end of a message never gets
one.
"""

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat, AudioFormatError, Encoding
from server.dialects.dialect import DialectError
from server.dialects.telephony.codec import PlaybackMarks, Receiver, Transmitter
from server.dialects.telephony.json_messages import too_big
from sessions.leg import FlushDone, MarkReached, PlayedTo

FRAME_MS = 20
"""Frame of every telephone line met so far (RFC 3551's default for G.711)."""

MAX_MESSAGE_MS = 3_000
"""Most audio in one message. Bridges send 20 ms, some up to a second."""

_SILENCE = {Encoding.PCM16: b"\x00", Encoding.ULAW: b"\xff", Encoding.ALAW: b"\xd5"}


class TelephoneLine:
    """Line of one call, in the same format both ways.

    `frame_bytes` is the frame of what goes out, 20 ms unless the bridge wants another. Raises
    AudioFormatError for a frame that does not hold whole samples.
    """

    def __init__(self, wire: AudioFormat, *, frame_bytes: int | None = None) -> None:
        self.format = wire
        self.frame_bytes = bytes_of(wire) if frame_bytes is None else frame_bytes
        if self.frame_bytes <= 0 or self.frame_bytes % wire.bytes_per_sample:
            raise AudioFormatError(f"A frame of {self.frame_bytes} bytes holds no whole samples.")
        self.max_bytes = bytes_of(wire, MAX_MESSAGE_MS)
        self.silence = _SILENCE[wire.encoding]
        self._receiver = Receiver(wire)
        self._transmitter = Transmitter(wire)
        self._marks = PlaybackMarks()
        self._rest = b""

    def receive(self, data: bytes) -> NDArray[np.int16]:
        """Return what a message holds, as mono PCM16 at 16 kHz. Raises DialectError."""
        if len(data) > self.max_bytes:
            raise too_big(self.max_bytes)
        return self.decode(data)

    def decode(self, data: bytes) -> NDArray[np.int16]:
        """Decode any amount: pieces that have waited for each other. Raises DialectError."""
        try:
            return self._receiver.decode(data)
        except AudioFormatError as error:
            raise DialectError("odd_audio", str(error)) from None

    def begin(self, generation: int, offset: int) -> None:
        """Begin a run of audio at this sample of the generation."""
        self._transmitter.begin()
        self._rest = b""
        self._marks.begin(generation, offset)

    def encode(self, pcm: bytes) -> tuple[bytes, str | None]:
        """Return whole frames to be sent, maybe none, from PCM16 at VOICE_RATE.

        With them goes the name of a mark to set behind them, if one is due.
        """
        return self._whole_frames(self._transmitter.encode(pcm))

    def finish(self, generation: int) -> tuple[bytes, str]:
        """Return the last frames of a run, and the name of the mark behind them."""
        data = self._rest + self._transmitter.finish()
        missing = -len(data) % self.frame_bytes
        self._rest = b""
        return data + self.silence * missing, self._marks.end(generation)

    def flush(self, generation: int) -> str:
        """Drop what waits; return the name of a mark to set behind the order to fall silent."""
        self._transmitter.begin()
        self._rest = b""
        return self._marks.flush(generation)

    def reached(self, name: str) -> PlayedTo | MarkReached | FlushDone | None:
        """Return what it means that the bridge returns a mark."""
        return self._marks.reached(name)

    def flushed(self) -> FlushDone | None:
        """Return the end of a flush that the bridge reports without a mark."""
        return self._marks.flushed()

    def _whole_frames(self, data: bytes) -> tuple[bytes, str | None]:
        data = self._rest + data
        whole = len(data) - len(data) % self.frame_bytes
        data, self._rest = data[:whole], data[whole:]
        return data, self._marks.sent(self._transmitter.voice_samples(data)) if data else None


def bytes_of(line: AudioFormat, ms: int = FRAME_MS) -> int:
    """Return how many bytes so many milliseconds are on a line."""
    return line.sample_rate * ms // 1000 * line.bytes_per_sample
