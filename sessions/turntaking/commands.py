"""What the turn machine commands. The session carries it out and decides nothing itself."""

from dataclasses import dataclass, field

from sessions.turntaking.causes import Cause, EndReason, SuspendReason
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Speaker


@dataclass(frozen=True, slots=True)
class FinishTranscript:
    """Transcribe the utterance up to now; answer with TranscriptFinal or TranscriptFailed."""

    utterance: int

    attempt: int
    """Number of this request, which the answer repeats."""


@dataclass(frozen=True, slots=True)
class KeepUtterance:
    """Keep the sound of this utterance: its turn is closed, but the reply may be taken back.

    What is said from here on is the `tail` of its transcripts.
    """

    utterance: int


@dataclass(frozen=True, slots=True)
class ReopenTurn:
    """Take a turn that was closed too early for none until it is closed anew.

    The candidate goes on. All of its utterance is transcribed as one.
    """

    index: int
    """Its index on record."""

    utterance: int


@dataclass(frozen=True, slots=True)
class DropUtterance:
    """Drop the sound of this utterance: it is no longer needed."""

    utterance: int


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Begin to write and voice a reply, unheard."""

    generation: int
    cause: Cause

    said: str = ""
    """The words that it answers, of a reply that is prepared before they are on record."""

    recorded: bool = True
    """Whether the words that it answers are on record."""

    idle_level: int = 0
    """Idle prompts that have stayed unanswered."""

    urgent: bool = False
    """Whether the last try took too long, so that whoever can answer at once is to be asked."""


@dataclass(frozen=True, slots=True)
class ReleaseReply:
    """Let the prepared reply be heard, as soon as there is sound of it."""

    generation: int


@dataclass(frozen=True, slots=True)
class SayFiller:
    """Bridge the wait for the reply by a word, as part of it."""

    generation: int


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Throw the unheard reply away."""

    generation: int


@dataclass(frozen=True, slots=True)
class HoldPlayback:
    """Fall silent at once, but keep the place."""

    generation: int


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    """Go on from the word at which the reply was held."""

    generation: int


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Fall silent for good, and tell by PlaybackEnded what was heard."""

    generation: int


@dataclass(frozen=True, slots=True)
class CheckpointTurn:
    """Put a turn on record."""

    index: int
    speaker: Speaker

    text: str
    """What was said, or voiced for a reply."""

    heard_text: str
    """What the other party heard of it."""

    started_ms: float
    ended_ms: float

    confidence: float | None = None
    """The transcriber's confidence (0..1); None where it gives none, and for a reply."""

    interrupted: bool = False
    """Whether a reply was not heard to its end."""

    generation: int | None = None
    """The reply that it was; None for a person's turn."""

    revision: int = 0
    """How often the turn was reopened: a higher one replaces a lower one of the same index."""

    rule: str = field(default="", compare=False)
    """The rule of endpointing that has closed a candidate's turn, or `turns.CUT`."""

    own_confidence: bool = False
    """Whether the confidence is Viva's own, since the transcriber gives none."""


@dataclass(frozen=True, slots=True)
class AmendTurn:
    """Put the whole of a candidate's turn on record that stands there without its end."""

    index: int

    text: str
    """All that was said."""

    confidence: float | None
    """The transcriber's confidence (0..1); None where it gives none."""

    revision: int
    """As in CheckpointTurn."""

    own_confidence: bool = False
    """Whether the confidence is Viva's own, since the transcriber gives none."""


@dataclass(frozen=True, slots=True)
class MoveFloor:
    """Take in that the interviewer's side of the floor has moved."""

    state: FloorHolder
    """Who holds it from now on."""

    generation: int
    """Number of the recruiter's own sound while he or she holds it."""


@dataclass(frozen=True, slots=True)
class EndSession:
    """End the interview for good."""

    reason: EndReason

    closed: bool
    """Whether the interviewer's last words were heard."""


@dataclass(frozen=True, slots=True)
class SuspendSession:
    """Leave memory; the record can be taken up again later."""

    why: SuspendReason


Command = (
    FinishTranscript
    | KeepUtterance
    | ReopenTurn
    | DropUtterance
    | PrepareReply
    | ReleaseReply
    | SayFiller
    | CancelReply
    | HoldPlayback
    | ResumePlayback
    | StopPlayback
    | CheckpointTurn
    | AmendTurn
    | MoveFloor
    | EndSession
    | SuspendSession
)
