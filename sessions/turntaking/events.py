"""What can happen in an interview, as far as turn-taking is concerned.

Times are session ms (see `turns`). Those named `at_ms` are of the sound itself, taken from sample
counts; the moment the event is handled is the `now` that comes with it, and is never earlier.
"""

from dataclasses import dataclass
from enum import StrEnum

from sessions.turntaking.causes import EndReason, RequestCause


@dataclass(frozen=True, slots=True)
class LegConnected:
    """Arrival of a leg: the candidate is there, and has not begun yet."""


@dataclass(frozen=True, slots=True)
class LegAttached:
    """Beginning of the candidate.

    Consent has been given, and the connected leg carries the voice from now on.
    """


@dataclass(frozen=True, slots=True)
class LegDisconnected:
    """Loss of the leg, whether the candidate had begun or not; another may come."""


@dataclass(frozen=True, slots=True)
class EndRequested:
    """Request to end the interview now, without a word of goodbye."""

    reason: EndReason
    """Why, as it is kept on record."""


@dataclass(frozen=True, slots=True)
class RequestMade:
    """Request of a recruiter, for the next turn boundary."""

    cause: RequestCause
    """The cause of the reply that tells the candidate of it."""

    force: bool = False
    """Whether it waits for no turn boundary."""


@dataclass(frozen=True, slots=True)
class EndRequestedByRecruiter:
    """Request of a recruiter to end the interview, with a word of goodbye."""

    force: bool = False
    """Whether it waits for no turn boundary."""


@dataclass(frozen=True, slots=True)
class Unpaused:
    """Request to go on after a pause, or to do without one that was not announced yet."""


@dataclass(frozen=True, slots=True)
class FloorReturned:
    """Return of the floor by the recruiter who holds it, or has requested it."""


@dataclass(frozen=True, slots=True)
class RecruiterLost:
    """Loss of the connection of the recruiter who holds the floor, or has requested it."""


@dataclass(frozen=True, slots=True)
class RecruiterBack:
    """New connection of the recruiter who held the floor."""


@dataclass(frozen=True, slots=True)
class RecruiterSaid:
    """Turn of the recruiter, whole and with its words."""

    text: str
    started_ms: float
    ended_ms: float

    confidence: float | None = None
    """The transcriber's confidence (0..1); None where it gives none."""


@dataclass(frozen=True, slots=True)
class TimeExtended:
    """Extension of the interview's time."""

    ms: float
    """How much longer it may last."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Onset of the candidate's voice."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """End of the candidate's voice, perhaps only for breath."""

    at_ms: float

    doubtful: bool = False
    """Whether it turned out to have been no voice."""


class Sound(StrEnum):
    """What comes from the microphone, apart from voices."""

    FINE = "fine"  # a room, as it should be
    SILENT = "silent"  # nothing at all: unplugged, muted somewhere, or no sound is sent
    MUTED = "muted"  # nothing: the candidate has muted it here
    NOISE = "noise"  # loud, and no voice in it


@dataclass(frozen=True, slots=True)
class SoundChanged:
    """Change of what the microphone delivers."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class TranscriptPartial:
    """Interim transcript of the open utterance: its words may still change."""

    utterance: int

    text: str
    """All words of the utterance so far."""

    tail: str | None = None
    """The words that were said since the utterance was kept (see KeepUtterance); None if it was
    not."""

    @property
    def new_words(self) -> str:
        """What was said since the utterance was kept, or all of it."""
        return self.text if self.tail is None else self.tail


@dataclass(frozen=True, slots=True)
class TranscriptFinal:
    """Final transcript of the utterance, up to the pause that asked for it."""

    utterance: int

    attempt: int
    """Number of the request (see FinishTranscript)."""

    text: str
    """All words of the utterance."""

    confidence: float | None = None
    """The transcriber's confidence (0..1); None where it gives none."""

    tail: str | None = None
    """The words that were said since the utterance was kept (see KeepUtterance); None if it was
    not."""

    short: bool = False
    """Whether its end is missing, and may still come (see LateWords)."""

    own_confidence: bool = False
    """Whether the confidence is Viva's own, since the transcriber gives none."""

    @property
    def new_words(self) -> str:
        """What was said since the utterance was kept, or all of it."""
        return self.text if self.tail is None else self.tail


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    """Failure of a transcription: the words that were asked for cannot be had."""

    utterance: int

    attempt: int
    """Number of the request."""


@dataclass(frozen=True, slots=True)
class LateWords:
    """Words of an utterance that came after they were given up (see TranscriptFinal.short)."""

    utterance: int

    attempt: int
    """Number of the request that they answer."""

    text: str
    """All words of the utterance."""

    confidence: float | None = None
    """The transcriber's confidence (0..1); None where it gives none."""

    own_confidence: bool = False
    """Whether the confidence is Viva's own, since the transcriber gives none."""


@dataclass(frozen=True, slots=True)
class EndOfTurnScored:
    """Score of a pause by its sound. Comes only where an audio model listens for it."""

    utterance: int

    attempt: int
    """Number of the request for words that was made in this pause."""

    finished: float
    """Likelihood (0..1) that the utterance is finished."""


@dataclass(frozen=True, slots=True)
class AnswerTyped:
    """Answer in writing."""

    text: str
    """A whole turn, or a part of the one that is being spoken."""


@dataclass(frozen=True, slots=True)
class AnswerSubmitted:
    """End of the answer by the candidate's own word: by a button, and not by falling silent."""


@dataclass(frozen=True, slots=True)
class StopSpeakingRequested:
    """Request of the candidate that the interviewer be silent."""


@dataclass(frozen=True, slots=True)
class ContinueRequested:
    """Request of the candidate to go on, after having been waited for."""


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """First sound of a sentence of a reply, ready to be played."""

    generation: int
    text: str

    filler: bool = False
    """Whether it only bridges the wait, and the reply itself is still to come."""


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """End of the work on a reply: all of it has been written and voiced."""

    generation: int

    closing: bool = False
    """Whether it is the last reply of the interview."""

    expects: str = ""
    """The shape of the answer that it asks for (a plan's `expects`), if any."""

    answer_max_ms: float | None = None
    """How long that answer may take, where the plan says so."""

    adjourning: bool = False
    """Whether the interview is left for another time when it has been heard."""


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """Failure of a reply: it cannot be written or voiced any further."""

    generation: int


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """First sound of a reply at the candidate's loudspeaker."""

    generation: int
    at_ms: float


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """End of a reply's sound, played or stopped."""

    generation: int
    at_ms: float

    text: str
    """What was voiced of it."""

    heard_text: str
    """What the candidate heard of it."""


SessionEvent = LegConnected | LegAttached | LegDisconnected | EndRequested
"""What concerns the session as a whole."""

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
"""What comes from a recruiter who watches."""

CandidateEvent = (
    SpeechStarted
    | SpeechStopped
    | SoundChanged
    | TranscriptPartial
    | TranscriptFinal
    | TranscriptFailed
    | LateWords
    | EndOfTurnScored
    | AnswerTyped
    | AnswerSubmitted
    | StopSpeakingRequested
    | ContinueRequested
)
"""What comes from the candidate, and what is understood of it."""

ReplyEvent = SentenceReady | ReplyEnded | ReplyFailed | PlaybackStarted | PlaybackEnded
"""What becomes of the replies."""

Event = SessionEvent | RecruiterEvent | CandidateEvent | ReplyEvent
