"""What a dialect is: wire to media and back, pure; no I/O, no clock, no timers.

Received messages become media events, or sound straight away (a frame costs no object of ours);
what the session wants done becomes messages to send. One pump (`server.media_socket`) serves all.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from server.closing import CloseReason
from sessions.leg import Note

WireMessage = str | bytes


@dataclass(frozen=True, slots=True)
class TicketShown:
    """The peer shows the ticket that lets it in."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Started:
    """The candidate consents and is ready."""


@dataclass(frozen=True, slots=True)
class PlayedTo:
    """Playback of a generation has come to `samples` (at VOICE_RATE)."""

    generation: int
    samples: int


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Everything sent before the mark has been played."""

    generation: int


@dataclass(frozen=True, slots=True)
class FlushDone:
    """The peer is silent; `samples` of the generation (at VOICE_RATE) were played."""

    generation: int
    samples: int


@dataclass(frozen=True, slots=True)
class EndAsked:
    """The candidate ends the interview."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Nothing for the session: `messages` answer the peer."""

    messages: tuple[WireMessage, ...]


MediaEvent = TicketShown | Started | PlayedTo | MarkReached | FlushDone | EndAsked | Answered


class DialectError(Exception):
    """A message that is not in the protocol. `code` is for programs, the text for people;
    `fatal` names the close reason where the peer cannot be served any longer."""

    def __init__(self, code: str, message: str, *, fatal: CloseReason | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.fatal = fatal


class Dialect(Protocol):
    """One peer's wire. Objects may keep state of the wire (a mark's number), never time."""

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Mono PCM16 at 16 kHz from a binary message. Raises DialectError."""

    def receive_text(self, text: str) -> MediaEvent:
        """What a text message means. Raises DialectError."""

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """What follows belongs to `generation`, from `offset` on."""

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Mono PCM16 at VOICE_RATE, to be played."""

    def mark(self, generation: int) -> list[WireMessage]:
        """Ask for MarkReached."""

    def flush(self, generation: int) -> list[WireMessage]:
        """Ask for silence, and FlushDone."""

    def note(self, note: Note) -> list[WireMessage]:
        """Something worth knowing."""

    def error(self, error: DialectError) -> list[WireMessage]:
        """The peer's mistake, told to it."""
