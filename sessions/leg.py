"""Leg: an attached media connection as the session sees it, what it reports and what it is told.

Nothing here blocks or raises: a leg queues what it is given, and reports its loss by itself. Sound
is no event: it goes to `Session.hear`, so that a frame costs no object.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from numpy import int16
from numpy.typing import NDArray

from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState
from sessions.turntaking.turns import Speaker, Turn


class LegEnd(Enum):
    """Why the session lets go of a leg."""

    OVER = "over"  # the interview has ended
    REPLACED = "replaced"  # a newer leg has taken its place
    RESTART = "restart"  # the server stops; another will take over
    ADJOURNED = "adjourned"  # the candidate goes on another time
    UNAVAILABLE = "unavailable"  # no reply can be had just now
    BROKEN = "broken"  # the session failed


ANSWERS_AT_ONCE, ANSWERS_A_S = 10, 0.5
"""Most answers that are typed, or ended by hand: more than anybody can mean. Each costs a reply and
a turn on record."""


class OpenedElsewhere(Exception):
    """A leg came back by itself to an interview that its candidate has opened elsewhere since."""


# --- what a leg reports --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The candidate consents and is ready.

    This goes to `Session.begin`, which waits until the consent is on record; every other event goes
    to `Session.receive`.
    """


@dataclass(frozen=True, slots=True)
class PlayedTo:
    """Playback of a generation has come to a position."""

    generation: int
    """Generation that plays."""

    samples: int
    """Position, in samples at VOICE_RATE."""


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Everything sent before the mark of this generation has been played."""

    generation: int
    """Generation of the mark."""


@dataclass(frozen=True, slots=True)
class FlushDone:
    """The peer has fallen silent."""

    generation: int
    """Generation that was flushed."""

    samples: int
    """How much of it was played, in samples at VOICE_RATE."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key of the telephone was pressed."""

    digit: str
    """One of 0-9, * and #."""


@dataclass(frozen=True, slots=True)
class TextTyped:
    """The candidate writes instead of speaking."""

    text: str
    """What was written."""


@dataclass(frozen=True, slots=True)
class AnswerComplete:
    """The candidate declares the answer complete."""

    kept: NDArray[int16] | None = None
    """Audio that was buffered for it (mono PCM16 at 16 kHz); None where it was passed on as it
    arrived."""


@dataclass(frozen=True, slots=True)
class InterruptRequested:
    """The candidate wants the interviewer to stop speaking."""


@dataclass(frozen=True, slots=True)
class MuteChanged:
    """The candidate has muted the microphone on the page, or does so no more."""

    muted: bool


@dataclass(frozen=True, slots=True)
class ContinuedByCandidate:
    """The candidate, who was waited for, wants to go on."""


@dataclass(frozen=True, slots=True)
class EndRequestedByCandidate:
    """The candidate ends the interview."""


LegEvent = (
    PlayedTo
    | MarkReached
    | FlushDone
    | DigitPressed
    | TextTyped
    | AnswerComplete
    | InterruptRequested
    | MuteChanged
    | ContinuedByCandidate
    | EndRequestedByCandidate
)


# --- what a leg is told --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadyNote:
    """The session is there."""

    session_id: str
    candidate_name: str

    title: str
    """Of the plan."""

    resumed: bool
    """Whether the interview had begun before."""

    time_left_ms: float

    turns: tuple[Turn, ...]
    """Those so far, oldest first."""

    opened_ms: int = 0
    """When the candidate opened the interview on this leg (Unix time, ms)."""


@dataclass(frozen=True, slots=True)
class CaptionNote:
    """Words as they are heard or spoken."""

    speaker: Speaker

    caption_id: str
    """A later note with the same id replaces this one."""

    text: str
    final: bool

    stable_words: int = 0
    """How many words (parted by blanks) at the beginning of a text that is not final will stay."""


@dataclass(frozen=True, slots=True)
class StateNote:
    """What each party is doing."""

    candidate: CandidateState
    interviewer: InterviewerState
    time_left_ms: float

    holder: FloorHolder = FloorHolder.INTERVIEWER
    """Who leads the talk on the interviewer's side; in a pause the time stands still."""

    recruiter_speaks: bool = False
    """Whether a recruiter who holds the floor speaks just now."""


@dataclass(frozen=True, slots=True)
class CommittedNote:
    """A turn is in the database."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class TroubleNote:
    """Something that the candidate should know and that ends nothing."""

    code: str
    """For programs."""

    message: str
    """A sentence that can be shown as it is."""


@dataclass(frozen=True, slots=True)
class EndedNote:
    """The interview is over."""

    reason: str
    """For programs."""

    message: str
    """A sentence that can be shown as it is."""


Note = ReadyNote | CaptionNote | StateNote | CommittedNote | TroubleNote | EndedNote


class Leg(Protocol):
    """One attached connection.

    Audio is mono PCM16 at `audio.speech.VOICE_RATE`, and positions are samples of one generation at
    that rate; a leg with another rate converts both.
    """

    @property
    def acknowledges(self) -> bool:
        """Whether it reports how far it has played, and returns marks.

        Of a leg that does not, only the answer to a flush is known, and that perhaps comes before
        the flush; the rest is estimated from the clock.
        """

    @property
    def telephone(self) -> bool:
        """Whether the candidate's sound comes through a telephone line."""

    def begin(self, generation: int, offset: int) -> None:
        """Let what is played from now on belong to `generation`, from its sample `offset` on."""

    def play(self, pcm: bytes) -> None:
        """Send audio, to be played after everything sent before."""

    def mark(self, generation: int) -> None:
        """Ask for MarkReached once everything sent before has been played."""

    def flush(self, generation: int) -> None:
        """Ask for silence at once, and for FlushDone."""

    def tell(self, note: Note) -> None:
        """Pass on a note."""

    def close(self, why: LegEnd) -> None:
        """Close, after everything told before has been sent."""
