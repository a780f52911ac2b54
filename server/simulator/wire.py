"""The bridge's side of a wire: what a server's messages ask of it, and what it says itself.

Pure: bytes and messages in, orders out; a caller's sound, keys and marks in, messages out. Written
from the vendors' documentation and not from `server.dialects`, which it stands against.
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

WireMessage = str | bytes


@dataclass(frozen=True, slots=True)
class Sound:
    """To be played: mono PCM16 at VOICE_RATE. Sound of another `item` is another reply."""

    pcm: bytes
    item: str = ""


@dataclass(frozen=True, slots=True)
class MarkSet:
    """To be told when everything before it has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Silenced:
    """What has not been played is to be dropped."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The server says that something is wrong."""

    what: str


Order = Sound | MarkSet | Silenced | HungUp | Trouble


class WireError(Exception):
    """A message that the bridge would not take; the text says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call: the bridge's name for it, the caller's number, what the bridge was
    given to pass on, and the secret it shares with the server."""

    ref: str
    number: str = ""
    parameters: Mapping[str, str] | None = None
    secret: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The parameters."""
        return dict(self.parameters or {})


class BridgeWire(ABC):
    """One call over one bridge."""

    subprotocol: str | None = None

    def __init__(self, facts: CallFacts) -> None:
        self.facts = facts

    def address(self, url: str) -> str:
        """Where the bridge connects to."""
        return url

    def headers(self, url: str) -> dict[str, str]:
        """What the bridge shows in the handshake."""
        return {}

    @abstractmethod
    def hello(self) -> Sequence[WireMessage]:
        """The first messages."""

    @abstractmethod
    def speak(self, samples: NDArray[np.int16]) -> Sequence[WireMessage]:
        """20 ms of the caller: mono PCM16 at SPEECH_RATE."""

    @abstractmethod
    def press(self, digit: str) -> Sequence[WireMessage]:
        """A key."""

    @abstractmethod
    def take(self, message: WireMessage) -> list[Order]:
        """What a message asks for. Raises WireError."""

    @abstractmethod
    def played(self, name: str) -> Sequence[WireMessage]:
        """A mark was reached."""

    @abstractmethod
    def silenced(self, pending: Sequence[str], played_ms: int) -> Sequence[WireMessage]:
        """The buffer was emptied: these marks were in it, and so much of the present item had been
        played."""

    def hang_up(self) -> Sequence[WireMessage]:
        """The caller has hung up; then the socket is closed."""
        return ()


class Codec:
    """The caller's sound in the wire's format, and the server's out of it. `ulaw` or PCM16."""

    def __init__(self, rate: int, *, ulaw: bool = False) -> None:
        self.rate = rate
        self.ulaw = ulaw
        self._up = StreamingResampler(SPEECH_RATE, rate)
        self._down = StreamingResampler(rate, VOICE_RATE)
        self._rest = b""

    @property
    def frame_bytes(self) -> int:
        """Of 20 ms."""
        return self.rate // 50 * (1 if self.ulaw else 2)

    def encode(self, samples: NDArray[np.int16]) -> list[bytes]:
        """Whole frames of 20 ms; what is left over waits."""
        sound = self._up.process(samples)
        data = self._rest + (ulaw_encode(sound) if self.ulaw else sound.astype("<i2").tobytes())
        whole = len(data) - len(data) % self.frame_bytes
        self._rest = data[whole:]
        return [data[at : at + self.frame_bytes] for at in range(0, whole, self.frame_bytes)]

    def decode(self, data: bytes) -> bytes:
        """PCM16 at VOICE_RATE."""
        sound = ulaw_decode(data) if self.ulaw else from_bytes(data)
        return self._down.process(sound).tobytes()
