"""Dialect: wire to media and back, pure; no I/O, no clock, no timers.

Received messages become media events, or audio at once (a frame costs no object of ours); what the
session wants done becomes messages to send. One pump (`server.sockets.media_socket`) serves all.
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
    """Side whose clock turns what is sent into sound."""

    PEER = "peer"  # it keeps what comes early, so that sound may be sent ahead
    SERVER = "server"  # it plays what comes at once, so that sound is sent in time


class MarksOnFlush(Enum):
    """Fate of marks that have not been played when the peer is told to fall silent."""

    RETURNED = "returned"  # they come back as if they had been played
    LOST = "lost"  # they never come back
    REPORTED = "reported"  # the peer says by itself how far it came


@dataclass(frozen=True, slots=True)
class Traits:
    """Properties of a wire."""

    input_format: AudioFormat
    """Format of what the peer sends."""

    output_format: AudioFormat
    """Format of what the peer is sent."""

    paced_by: PacedBy
    """Side whose clock paces playback."""

    marks_on_flush: MarksOnFlush
    """Fate of unplayed marks at a flush."""

    may_reorder: bool = False
    """Whether messages can arrive in another order than they were sent."""

    acknowledges: bool = True
    """Whether the peer reports how far it has played; without that, the clock has to do."""

    telephone: bool = False
    """Whether the sound has come through a telephone line."""


@dataclass(frozen=True, slots=True)
class TicketShown:
    """The peer shows the ticket that admits it."""

    ticket: str
    """Single-use ticket."""

    opened_ms: int | None = None
    """When the candidate opened what comes back by itself now (Unix time, ms); else None."""


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A bridge has put a call through."""

    call: str
    """The bridge's own name for the call (Twilio's CallSid)."""

    parameters: Mapping[str, str]
    """What was given to the bridge to pass on, such as a ticket."""


@dataclass(frozen=True, slots=True)
class AudioBuffered:
    """Audio has arrived, and is buffered in the dialect until the candidate ends the answer."""

    audio_s: float
    """Its length in seconds."""


@dataclass(frozen=True, slots=True)
class Congested:
    """The peer can take no more audio for now, or can again."""

    yes: bool
    """Whether it is congested."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over, though not the interview."""

    reason: str
    """Reason in the bridge's words."""


@dataclass(frozen=True, slots=True)
class PeerReply:
    """Direct reply to the peer: nothing for the session."""

    messages: tuple[WireMessage, ...] = ()
    """Messages to send, perhaps none."""


MediaEvent = (
    TicketShown
    | CallStarted
    | ConsentGiven
    | LegEvent
    | AudioBuffered
    | Congested
    | HungUp
    | PeerReply
)


@dataclass(frozen=True, slots=True)
class Several:
    """Several events in one message, in this order."""

    parts: "tuple[MediaEvent | NDArray[np.int16], ...]"
    """What the message means, in order."""


Received = MediaEvent | NDArray[np.int16] | Several
"""What a message means; audio is mono PCM16 at 16 kHz."""


class DialectError(Exception):
    """Message that is not in the protocol.

    `code` is for programs, the text for people; `fatal` names the close reason where the peer
    cannot be served any longer, and `started` the call that it would have put through. What is
    `ungranted` is in the protocol, or may be in a newer one, and only cannot be granted: it costs
    no connection, unless such messages come in a flood.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fatal: CloseReason | None = None,
        started: CallStarted | None = None,
        ungranted: bool = False,
    ) -> None:
        super().__init__(message)
        self.ungranted = ungranted
        self.code = code
        self.fatal = fatal
        self.started = started


class Dialect(Protocol):
    """Wire of one peer, and one object a connection.

    It may keep state of the wire (a mark's number, a resampler), never time.
    """

    @property
    def traits(self) -> Traits:
        """Properties of this wire, as far as they are known by now."""

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Return mono PCM16 at 16 kHz from a binary message. Raises DialectError."""

    def receive_text(self, text: str) -> Received:
        """Return what a text message means. Raises DialectError."""

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Begin a run of audio: what follows belongs to `generation`, from `offset` on."""

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Play mono PCM16 at VOICE_RATE, with whatever marks belong to it.

        Audio that is flushed before it has been sent is never sent.
        """

    def mark(self, generation: int) -> list[WireMessage]:
        """Ask for MarkReached."""

    def flush(self, generation: int) -> list[WireMessage]:
        """Ask for silence, and FlushDone."""

    def note(self, note: Note) -> list[WireMessage]:
        """Tell the peer something worth knowing."""

    def error(self, error: DialectError) -> list[WireMessage]:
        """Tell the peer of its mistake."""

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return the last messages before the socket is closed."""
