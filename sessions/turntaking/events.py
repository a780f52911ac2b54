"""What can happen in an interview, as far as turn-taking is concerned.

Times named `at_ms` are session time (see `turns`) of the sound itself, taken from sample counts;
the moment the event is handled is the `now` that comes with it and is never earlier.
"""

from dataclasses import dataclass
from enum import StrEnum

from sessions.turntaking.causes import EndReason, RequestCause


@dataclass(frozen=True, slots=True)
class LegAttached:
    """A media connection carries the candidate's voice from now on; consent has been given."""


@dataclass(frozen=True, slots=True)
class LegDetached:
    """The media connection is gone; another may come."""


@dataclass(frozen=True, slots=True)
class EndRequested:
    """Somebody wants the interview to end now, without a word of goodbye."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class RequestMade:
    """A recruiter wants something at the next turn boundary, or at once with `force`. `wish` is
    the cause of the reply that tells the candidate."""

    wish: RequestCause
    force: bool = False


@dataclass(frozen=True, slots=True)
class EndRequestedByRecruiter:
    """A recruiter wants the interview to end with a word of goodbye; `force` as in Wished."""

    force: bool = False


@dataclass(frozen=True, slots=True)
class Unpaused:
    """The interview shall go on after a pause, or is not to be paused after all."""


@dataclass(frozen=True, slots=True)
class FloorReturned:
    """The recruiter who holds the floor, or has asked for it, gives it back."""


@dataclass(frozen=True, slots=True)
class RecruiterLost:
    """The connection of the recruiter who holds the floor, or has asked for it, is gone."""


@dataclass(frozen=True, slots=True)
class RecruiterBack:
    """The recruiter who held the floor is connected again."""


@dataclass(frozen=True, slots=True)
class RecruiterSaid:
    """The recruiter has spoken: a whole turn with its words."""

    text: str
    started_ms: float
    ended_ms: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class TimeExtended:
    """The interview may last `ms` longer."""

    ms: float


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The candidate's voice began at `at_ms`."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The candidate's voice ceased at `at_ms` (perhaps only for breath). `doubtful`: it turned out
    to have been no voice."""

    at_ms: float
    doubtful: bool = False


class Sound(StrEnum):
    """What comes from the microphone, apart from voices."""

    FINE = "fine"  # a room, as it should be
    SILENT = "silent"  # nothing at all: muted, unplugged, or no sound is sent
    NOISE = "noise"  # loud, and no voice in it


@dataclass(frozen=True, slots=True)
class SoundChanged:
    """From now on the microphone delivers this kind of sound."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class TranscriptPartial:
    """Words of the open utterance so far. They may still change. `tail` as in TranscriptFinal."""

    utterance: int
    text: str
    tail: str | None = None

    @property
    def new_words(self) -> str:
        """What was said since the utterance was kept, or all of it."""
        return self.text if self.tail is None else self.tail


@dataclass(frozen=True, slots=True)
class TranscriptFinal:
    """All words of the utterance up to the pause that asked for this `attempt`. `tail` holds those
    said after the utterance was kept (see KeepUtterance), None if it was not."""

    utterance: int
    attempt: int
    text: str
    confidence: float | None = None
    tail: str | None = None

    @property
    def new_words(self) -> str:
        """What was said since the utterance was kept, or all of it."""
        return self.text if self.tail is None else self.tail


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    """The words asked for by this `attempt` cannot be had."""

    utterance: int
    attempt: int


@dataclass(frozen=True, slots=True)
class EndOfTurnScored:
    """How finished the utterance sounds at the pause that asked for this `attempt`: `finished` is
    the likelihood, 0..1. Comes only where an audio model listens for it."""

    utterance: int
    attempt: int
    finished: float


@dataclass(frozen=True, slots=True)
class AnswerTyped:
    """The candidate has answered in writing: `text` is a whole turn, or part of the one that is
    being spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerSubmitted:
    """The candidate says, by a button and not by falling silent, that the answer is complete."""


@dataclass(frozen=True, slots=True)
class StopSpeakingRequested:
    """The candidate wants the interviewer to be silent: the reply under way ends here."""


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """The first sound of a sentence of this generation is there to be played. `filler`: it only
    bridges the wait, and the reply itself is still to come."""

    generation: int
    text: str
    filler: bool = False


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """All of this generation has been written and voiced. `closing`: it is the last reply;
    `expects` is the shape of the answer it asks for (a plan's `expects`), if any, and
    `answer_max_ms` how long that may take, where the plan says so; `adjourning`: the interview is
    left for another time when it has been heard."""

    generation: int
    closing: bool = False
    expects: str = ""
    answer_max_ms: float | None = None
    adjourning: bool = False


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """This generation cannot be written or voiced any further."""

    generation: int


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sound of this generation left the candidate's loudspeaker at `at_ms`."""

    generation: int
    at_ms: float


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """No more of this generation will sound: `text` was voiced for it, `heard_text` was heard."""

    generation: int
    at_ms: float
    text: str
    heard_text: str


SessionEvent = LegAttached | LegDetached | EndRequested
"""What happens to the session as a whole."""

RecruiterEvent = (
    RequestMade
    | EndRequestedByRecruiter
    | Unpaused
    | FloorReturned
    | RecruiterLost
    | RecruiterBack
    | RecruiterSaid
    | TimeExtended
)
"""What a recruiter does who watches."""

CandidateEvent = (
    SpeechStarted
    | SpeechStopped
    | SoundChanged
    | TranscriptPartial
    | TranscriptFinal
    | TranscriptFailed
    | EndOfTurnScored
    | AnswerTyped
    | AnswerSubmitted
    | StopSpeakingRequested
)
"""What the candidate says and does, and what is understood of it."""

ReplyEvent = SentenceReady | ReplyEnded | ReplyFailed | PlaybackStarted | PlaybackEnded
"""What becomes of the interviewer's replies."""

Event = SessionEvent | RecruiterEvent | CandidateEvent | ReplyEvent
