"""What a dialect is: wire to media and back, pure; no I/O, no clock, no timers.

Received messages become media events, or sound straight away (a frame costs no object of ours);
what the session wants done becomes messages to send. One pump
(`server.sockets.media_socket`) serves all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormat
from server.dialects.close_reasons import CloseReason
from sessions.leg import ConsentGiven, LegEvent, Note

WireMessage = str | bytes


class PacedBy(Enum):
    """Whose clock turns what is sent into sound."""

    PEER = "peer"  # it keeps what comes early, so that sound may be sent ahead
    SERVER = "server"  # it plays what comes at once, so that sound is sent in time


class MarksOnFlush(Enum):
    """What becomes of marks that have not been played when the peer is told to fall silent."""

    RETURNED = "returned"  # they come back as if they had been played
    LOST = "lost"  # they never come back
    REPORTED = "reported"  # the peer says by itself how far it came


@dataclass(frozen=True, slots=True)
class Traits:
    """What is particular to a wire. `heard` is what the peer sends, `spoken` what it is sent.
    With `may_reorder`, messages can arrive in another order than they were sent. Without
    `acknowledges` the peer never tells how far it has played: the clock has to do. `telephone`: the
    sound has come through a telephone line."""

    heard: AudioFormat
    spoken: AudioFormat
    paced_by: PacedBy
    marks_on_flush: MarksOnFlush
    may_reorder: bool = False
    acknowledges: bool = True
    telephone: bool = False


@dataclass(frozen=True, slots=True)
class TicketShown:
    """The peer shows the ticket that lets it in."""

    ticket: str


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A bridge has put a call through. `call` is its own name for it (Twilio's CallSid),
    `parameters` are what was given to the bridge to pass on, such as a ticket."""

    call: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SoundKept:
    """So much sound has come, and waits in the dialect until the candidate has ended the answer."""

    audio_s: float


@dataclass(frozen=True, slots=True)
class Congested:
    """The peer can take no more sound for now (`yes`), or can again."""

    yes: bool


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over, though not the interview; `reason` in the bridge's words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Nothing for the session: `messages` (perhaps none) answer the peer."""

    messages: tuple[WireMessage, ...] = ()


MediaEvent = (
    TicketShown | CallStarted | ConsentGiven | LegEvent | SoundKept | Congested | HungUp | Answered
)


@dataclass(frozen=True, slots=True)
class Several:
    """One message that means several things, in this order."""

    parts: "tuple[MediaEvent | NDArray[np.int16], ...]"


Received = MediaEvent | NDArray[np.int16] | Several
"""What a message means; sound is mono PCM16 at 16 kHz."""


class DialectError(Exception):
    """A message that is not in the protocol. `code` is for programs, the text for people;
    `fatal` names the close reason where the peer cannot be served any longer."""

    def __init__(self, code: str, message: str, *, fatal: CloseReason | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.fatal = fatal


class Dialect(Protocol):
    """One peer's wire, and one object a connection. It may keep state of the wire (a mark's
    number, a resampler), never time."""

    @property
    def traits(self) -> Traits:
        """What is particular to this wire, as far as it is known by now."""

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Mono PCM16 at 16 kHz from a binary message. Raises DialectError."""

    def receive_text(self, text: str) -> Received:
        """What a text message means. Raises DialectError."""

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """What follows belongs to `generation`, from `offset` on."""

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Mono PCM16 at VOICE_RATE, to be played, with whatever marks belong to it. If it is
        flushed before it has been sent, it never will be."""

    def mark(self, generation: int) -> list[WireMessage]:
        """Ask for MarkReached."""

    def flush(self, generation: int) -> list[WireMessage]:
        """Ask for silence, and FlushDone."""

    def note(self, note: Note) -> list[WireMessage]:
        """Something worth knowing."""

    def error(self, error: DialectError) -> list[WireMessage]:
        """The peer's mistake, told to it."""

    def goodbye(self, reason: CloseReason) -> list[WireMessage]:
        """The last words before the socket is closed."""
