"""What the turn machine wants done. The session carries these out and decides nothing itself."""

from dataclasses import dataclass, field

from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Speaker


@dataclass(frozen=True, slots=True)
class FinishTranscript:
    """Transcribe the utterance up to now; answer with TranscriptFinal of this `attempt`."""

    utterance: int
    attempt: int


@dataclass(frozen=True, slots=True)
class KeepUtterance:
    """The turn is closed, but the reply may be taken back: keep the sound of this utterance, and
    tell what is said from here on apart (the `tail` of its transcripts)."""

    utterance: int


@dataclass(frozen=True, slots=True)
class ReopenTurn:
    """The candidate goes on: turn `index` was closed too early, and is no turn until it is closed
    anew. All of the utterance is to be transcribed as one."""

    index: int
    utterance: int


@dataclass(frozen=True, slots=True)
class DropUtterance:
    """The sound of this utterance is no longer needed."""

    utterance: int


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Begin to write and voice a reply, unheard. `said` are the words it answers; they are not on
    record yet when `recorded` is false. `urgent`: the last try took too long, so whoever
    can answer at once is to be asked."""

    generation: int
    cause: Cause
    said: str = ""
    recorded: bool = True
    idle_level: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseReply:
    """Let the prepared reply be heard, as soon as there is sound of it."""

    generation: int


@dataclass(frozen=True, slots=True)
class SayFiller:
    """The reply keeps the candidate waiting: say a word that bridges it, as part of the reply."""

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
    """Put a turn on record. `generation` names the reply it was, None for a person's turn;
    `rule` says by which rule of endpointing a candidate's was closed. A higher `revision` replaces
    a lower one of the same index."""

    index: int
    speaker: Speaker
    text: str
    heard_text: str
    started_ms: float
    ended_ms: float
    confidence: float | None = None
    interrupted: bool = False
    generation: int | None = None
    revision: int = 0
    rule: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class MoveFloor:
    """The floor is in this state from now on. `generation` is the number of the recruiter's own
    sound while he or she holds it."""

    state: FloorHolder
    generation: int


@dataclass(frozen=True, slots=True)
class EndSession:
    """The interview is over, for good. `completed`: it went as far as the plan wished."""

    reason: EndReason
    completed: bool


@dataclass(frozen=True, slots=True)
class SuspendSession:
    """Nobody came back for a long time, or (`adjourned`) the candidate wants to go on another time:
    leave memory; the record can be taken up again later."""

    adjourned: bool = False


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
    | MoveFloor
    | EndSession
    | SuspendSession
)
