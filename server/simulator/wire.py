"""Bridge wire: a bridge's side of a socket, orders from the server in and its own messages out.

Pure: bytes and messages in, orders out; a caller's sound, keys and marks in, messages out. Written
from the vendors' documentation and not from `server.dialects`, against which it is tested.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.g711 import ulaw_decode, ulaw_encode
from audio.pcm import from_bytes
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE

BridgeMessage = str | bytes


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Order to play sound."""

    pcm: bytes
    """Sound, mono PCM16 at VOICE_RATE."""

    item: str = ""
    """Reply it belongs to, where the server tells replies apart."""


@dataclass(frozen=True, slots=True)
class SetMark:
    """Order to report when everything before it has been played."""

    name: str
    """Name of the mark."""


@dataclass(frozen=True, slots=True)
class DropSound:
    """Order to drop what has not been played."""


@dataclass(frozen=True, slots=True)
class EndCall:
    """Order to end the call."""


@dataclass(frozen=True, slots=True)
class ServerError:
    """Report of the server that something is wrong."""

    what: str
    """Its text."""


Order = PlaySound | SetMark | DropSound | EndCall | ServerError


class WireError(Exception):
    """Message that the bridge would not take; the text says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class CallDetails:
    """What is known of a call."""

    ref: str
    """The bridge's name for it."""

    number: str = ""
    """Number of the caller."""

    parameters: Mapping[str, str] | None = None
    """Parameters that the bridge was given to pass on."""

    secret: str = ""
    """Secret that the bridge shares with the server."""

    @property
    def given(self) -> dict[str, str]:
        """Copy of the parameters."""
        return dict(self.parameters or {})


class BridgeWire(ABC):
    """Wire of one call over one bridge."""

    subprotocol: str | None = None

    def __init__(self, details: CallDetails) -> None:
        self.details = details

    def address(self, url: str) -> str:
        """Return where the bridge connects to."""
        return url

    def headers(self, url: str) -> dict[str, str]:
        """Return what the bridge shows in the handshake."""
        return {}

    @abstractmethod
    def hello(self) -> Sequence[BridgeMessage]:
        """Return the first messages."""

    @abstractmethod
    def audio(self, samples: NDArray[np.int16]) -> Sequence[BridgeMessage]:
        """Return the messages for 20 ms of the caller: mono PCM16 at SPEECH_RATE."""

    @abstractmethod
    def press(self, digit: str) -> Sequence[BridgeMessage]:
        """Return the messages for a key."""

    @abstractmethod
    def receive(self, message: BridgeMessage) -> list[Order]:
        """Return what a message asks for. Raises WireError."""

    @abstractmethod
    def mark_played(self, name: str) -> Sequence[BridgeMessage]:
        """Return the messages for a mark that was reached."""

    @abstractmethod
    def flushed(self, pending: Sequence[str], played_ms: int) -> Sequence[BridgeMessage]:
        """Return the messages for a buffer that was emptied.

        `pending` are the marks that were in it, `played_ms` is how much of the present item had
        been played.
        """

    def hang_up(self) -> Sequence[BridgeMessage]:
        """Return the messages for the caller's hanging up; then the socket is closed."""
        return ()


class Codec:
    """Converter of the caller's sound to the wire's format, and of the server's from it.

    The format is mu-law with `ulaw`, else PCM16.
    """

    def __init__(self, rate: int, *, ulaw: bool = False) -> None:
        self.rate = rate
        self.ulaw = ulaw
        self._up = StreamingResampler(SPEECH_RATE, rate)
        self._down = StreamingResampler(rate, VOICE_RATE)
        self._rest = b""

    @property
    def frame_bytes(self) -> int:
        """Size of a frame of 20 ms."""
        return self.rate // 50 * (1 if self.ulaw else 2)

    def encode(self, samples: NDArray[np.int16]) -> list[bytes]:
        """Return whole frames of 20 ms; what is left over waits."""
        sound = self._up.process(samples)
        data = self._rest + (ulaw_encode(sound) if self.ulaw else sound.astype("<i2").tobytes())
        whole = len(data) - len(data) % self.frame_bytes
        self._rest = data[whole:]
        return [data[at : at + self.frame_bytes] for at in range(0, whole, self.frame_bytes)]

    def decode(self, data: bytes) -> bytes:
        """Return PCM16 at VOICE_RATE."""
        sound = ulaw_decode(data) if self.ulaw else from_bytes(data)
        return self._down.process(sound).tobytes()
