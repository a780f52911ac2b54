"""What the turn machine remembers between two events: the states of the parties, and six records.

Times are session ms.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from sessions.turntaking.causes import FIRM, YIELDING, Cause, EndReason, SuspendReason
from sessions.turntaking.events import Sound, TranscriptFinal
from sessions.turntaking.transitions import (
    CandidateCue,
    CandidateState,
    FloorCue,
    FloorHolder,
    IllegalMove,
    InterviewerCue,
    InterviewerState,
    candidate_after,
    floor_after,
    interviewer_after,
)


@dataclass(slots=True)
class Generation:
    """One reply of the interviewer."""

    generation: int
    """Number of the reply; what comes late from a lower one is dropped."""

    cause: Cause
    """Why it was asked for."""

    said: str
    """The words it was prepared on, empty where they were on record already."""

    voiced: bool = False
    """Whether there is sound of it."""

    has_sentence: bool = False
    """Whether there is sound of it beyond a filler."""

    text: str = ""
    """The sentences that have been voiced so far."""

    complete: bool = False
    """Whether nothing more of it will come."""

    failed: bool = False
    """Whether it broke off."""

    closing: bool = False
    """Whether it is the last reply of the interview."""

    adjourning: bool = False
    """Whether the interview is left for another time once it has been heard."""

    expects: str = ""
    """The shape of answer that it asks for (a plan's `expects`)."""

    answer_max_ms: float | None = None
    """How long the answer to it may take; None: as long as the rules say."""

    started_ms: float | None = None
    """When its first sound left the candidate's loudspeaker; None before."""

    taken_back: bool = False
    """Whether it came too early: the answer before it goes on."""


@dataclass(slots=True)
class Answer:
    """A candidate's turn that is on record, while the reply to it may still be taken back."""

    index: int
    """Its index on record."""

    revision: int
    """How often it was reopened before it was put on record last."""

    words: TranscriptFinal
    """Its words, as they are on record."""

    started_ms: float
    """When it began."""

    reopened: bool = False
    """Whether it is open again, and will go on record anew."""

    pause_ms: float = 0.0
    """How long the candidate was silent after it before going on."""


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """A candidate's turn that is on record without its end, whose words may still come."""

    answer: Answer

    typed: str
    """What was written as a part of it."""


@dataclass(slots=True)
class UtteranceState:
    """The candidate's newest utterance, and what is known of this candidate's way to speak."""

    number: int = 0
    """Number of the utterance; what is understood of a lower one is out of date."""

    attempt: int = 0
    """Number of the newest request for its words; what comes for a lower one is out of date."""

    min_attempt: int = 0
    """The first attempt since its last onset: words of a lower one lack what was said since."""

    started_ms: float = 0.0
    """When it began."""

    overlap_onset_ms: float = 0.0
    """When the voice over the present reply began."""

    speech_ended_ms: float = 0.0
    """When the voice ceased last."""

    ignored_onset_ms: float | None = None
    """When the voice began that is not listened to just now; None: there is none."""

    put_off_ms: float | None = None
    """When the candidate began to speak over an announcement: it is heard after it; None: nobody
    has, or it has been heard since."""

    put_off_ended_ms: float = 0.0
    """When the voice over the announcement ceased last; before `put_off_ms`: it has not yet."""

    over_text: str = ""
    """The words of the announcement over which it was spoken; empty: over none."""

    words: TranscriptFinal | None = None
    """Its words up to the present pause; None while they are not known."""

    known_words: TranscriptFinal | None = None
    """Its newest words, from whichever of its pauses: they stand if no better can be had."""

    typed: str = ""
    """What the candidate has written as a part of it."""

    score: float | None = None
    """Likelihood (0..1) that it ends with the present pause, by its sound; None where no audio
    model listens."""

    patience_rule: str = ""
    """The rule that has set how long the present pause may last."""

    interrupting: bool = False
    """Whether it has stopped a reply."""

    close_pending: bool = False
    """Whether its turn is closed as soon as the reply that it stopped is on record."""

    max_ms: float | None = None
    """How long it may take, where the plan says so; None: as long as the rules say."""

    too_long: bool = False
    """Whether it has taken longer than an answer may."""

    unclear: bool = False
    """Whether its words are so doubtful that they are asked for again."""

    asked_again: bool = False
    """Whether the words before were doubtful and are asked for again: the next are taken as they
    are."""

    answer: Answer | None = None
    """The turn that was closed last, while it may be reopened, or has been by this utterance."""

    short: ShortAnswer | None = None
    """The newest turn that went on record without its end; None: none did, or its end came."""

    longest_gap_ms: float | None = None
    """The longest silence inside it; None: it had none."""

    own_pause_ms: float = 0.0
    """This candidate's longest pause after a whole sentence in all of the interview; 0: none was
    seen."""

    @property
    def reopened(self) -> bool:
        """Whether it goes on with a turn that was closed too early."""
        return self.answer is not None and self.answer.reopened

    @property
    def spoken(self) -> str:
        """Its spoken words up to the present pause, empty while they are not known."""
        return "" if self.words is None else self.words.text

    @property
    def text(self) -> str:
        """The words of the open turn: those spoken, then those written."""
        return f"{self.spoken} {self.typed}".strip()

    def is_current(self, number: int, attempt: int) -> bool:
        """Tell whether this is the newest attempt of this utterance, and not out of date."""
        return (number, attempt) == (self.number, self.attempt)

    def open(self, at_ms: float) -> None:
        """Begin a new utterance."""
        self.number += 1
        self.started_ms = at_ms
        self.interrupting = False
        self.longest_gap_ms = None
        self.known_words = None
        self.over_text = ""


@dataclass(slots=True)
class ReplyState:
    """The interviewer's replies."""

    generation: int = 0
    """Number of the newest reply, or of the recruiter's voice in a takeover."""

    draft: Generation | None = None
    """The reply that is prepared while the candidate's patience still runs; nobody hears it yet."""

    current: Generation | None = None
    """The reply that has been released, and is not over."""

    stopping: Generation | None = None
    """The reply that was stopped, while it is not known what was heard of it."""

    pending_cause: Cause | None = None
    """Why a reply is to be given that has not been heard yet; None: there is none to give."""

    silenced_by_candidate: bool = False
    """Whether the candidate has asked for silence: a pending reply waits for the candidate's next
    words, or for the next idle prompt."""

    urgent: bool = False
    """Whether the reply before was given up, so that the next has to come at once."""

    failures: int = 0
    """Replies in a row that have failed."""

    expects: str = ""
    """The shape of answer that the last question asks for (a plan's `expects`)."""

    last_text: str = ""
    """The words of the reply that was played to its end last."""

    last_ended_ms: float = -math.inf
    """When the reply came to its end that was played to its end last."""

    drafts_dropped_ms: deque[float] = field(default_factory=deque)
    """When drafts were thrown away within the last minute."""

    drafts_overspent: float = 0.0
    """Drafts thrown away in all, less those that the answers so far allow; infinite where no more
    are to be made: the interview has cost enough."""

    @property
    def expected_answer(self) -> str:
        """The shape of answer that is asked for just now, or was last."""
        return (self.current.expects if self.current is not None else "") or self.expects

    @property
    def released(self) -> Generation:
        """The released reply. Raises IllegalMove where there is none."""
        if self.current is None:
            raise IllegalMove("no reply has been released")
        return self.current

    def find(self, generation: int) -> Generation | None:
        """Return the living reply of this generation: the draft or the released one."""
        for reply in (self.draft, self.current):
            if reply is not None and reply.generation == generation:
                return reply
        return None

    def add(self, cause: Cause, said: str = "") -> Generation:
        """Begin a reply of the next generation, and return it."""
        self.generation += 1
        return Generation(self.generation, cause, said)


@dataclass(slots=True)
class RequestState:
    """What a recruiter who watches wants of the interviewer."""

    cause: Cause | None = None
    """The cause of the reply that tells the candidate of it; None: nothing is wanted."""

    forced: bool = False
    """Whether it waits for no turn boundary."""


@dataclass(slots=True)
class ClockState:
    """The time of the interview."""

    limit_ms: float
    """When the time is over."""

    paused_since_ms: float | None
    """Since when the time stands still, in a pause or because the candidate has not begun yet;
    None: it runs."""

    started: bool = False
    """Whether the candidate has begun."""

    over: bool = False
    """Whether the time is over."""

    def left_ms(self, now: float) -> float:
        """Return how much of the time is left at `now`, in ms."""
        until_ms = now if self.paused_since_ms is None else self.paused_since_ms
        return max(0.0, self.limit_ms - until_ms)


@dataclass(slots=True)
class NoiseState:
    """Noise and silence: what comes from the candidate in place of words."""

    sound: Sound = Sound.FINE
    """What kind of sound the microphone delivers."""

    dead_told: bool = False
    """Whether the candidate was told that nothing comes from the microphone, since it did last."""

    suspected: bool = False
    """Whether the words of an endless sound were asked for, since there were none: it may be
    noise."""

    wordless_sounds: int = 0
    """Sounds without words in the present silence."""

    prompts: int = 0
    """How often noise was reported to the candidate since there were words last."""

    voices: int = 0
    """How often other voices were told of since a reply was heard out that nobody spoke over."""

    spoken_over: bool = False
    """Whether a voice was disregarded during the present reply."""

    idle_level: int = 0
    """Idle prompts, and reports of noise, that have stayed unanswered."""

    idle_due_ms: float | None = None
    """When the present silence is over; None: there is none."""

    def forget(self) -> None:
        """Forget what has come in place of words: there are words again."""
        self.suspected = self.dead_told = False
        self.wordless_sounds = self.prompts = self.idle_level = 0


@dataclass(slots=True)
class EndingState:
    """Whether and why the session ends.

    Nothing more is said then, and everything said before goes on record first.
    """

    reason: EndReason | None = None
    """Why the interview ends; None: it goes on."""

    closed: bool = False
    """Whether the interviewer's last words were heard."""

    leaving: SuspendReason | None = None
    """Why the session is suspended, and leaves memory; None: it stays."""

    ended: bool = False
    """Whether the session is over: the machine does nothing any more."""


@dataclass(slots=True)
class TurnState:
    """The joint state of both parties."""

    next_index: int
    """The index of the next turn on record."""

    begun: bool
    """Whether some of the interview is on record."""

    clock: ClockState
    """The time."""

    candidate: CandidateState = CandidateState.QUIET
    """What the candidate is doing."""

    interviewer: InterviewerState = InterviewerState.IDLE
    """What the interviewer is doing."""

    holder: FloorHolder = FloorHolder.INTERVIEWER
    """Who has the interviewer's side of the floor."""

    connected: bool = False
    """Whether there is a leg."""

    attached: bool = False
    """Whether it carries the candidate's voice: the candidate has begun."""

    utterance: UtteranceState = field(default_factory=UtteranceState)
    """The candidate's newest utterance."""

    replies: ReplyState = field(default_factory=ReplyState)
    """The interviewer's replies."""

    request: RequestState = field(default_factory=RequestState)
    """What a recruiter wants."""

    noise: NoiseState = field(default_factory=NoiseState)
    """Noise and silence."""

    ending: EndingState = field(default_factory=EndingState)
    """Whether and why the session ends."""

    @property
    def interviewer_leads(self) -> bool:
        """Whether the interviewer leads the talk: no recruiter does, and it is not paused."""
        return self.holder in (FloorHolder.INTERVIEWER, FloorHolder.PASSING, FloorHolder.WAITING)

    @property
    def may_speak(self) -> bool:
        """Whether a reply would reach anybody."""
        over = self.ending.reason is not None or self.ending.ended
        going = over or self.ending.leaving is not None
        return self.attached and self.interviewer_leads and not going

    @property
    def ignores_speech(self) -> bool:
        """Whether the candidate's voice is not listened to.

        In a pause, and while something is announced.
        """
        return self.holder is FloorHolder.PAUSED or self.announces

    @property
    def announces(self) -> bool:
        """Whether something is announced, or about to be, that will happen whatever is said."""
        current, request = self.replies.current, self.request
        announcing = current is not None and current.cause in FIRM
        waiting = request.forced and request.cause in FIRM
        return announcing or waiting

    @property
    def listens(self) -> bool:
        """Whether somebody listens to what the candidate says from now on."""
        return self.attached and self.holder is not FloorHolder.PAUSED and not self.ending.reason

    @property
    def hears_others(self) -> bool:
        """Whether the open utterance is perhaps not the candidate's."""
        return self.utterance.too_long and self.noise.voices > 0

    @property
    def next_cause(self) -> Cause:
        """The cause of the reply to the candidate's newest words.

        What a recruiter requests, or what is pending already, unless that yields to the answer, or
        to the end of the time. An answer that was too long is closed, one that is doubtful asked
        for again.
        """
        pending = self.replies.pending_cause
        if self.request.cause:
            return self.request.cause
        if self.hears_others and not self.clock.over:
            return Cause.VOICES
        if pending is not None and pending not in YIELDING:
            return pending
        if self.clock.over:
            return Cause.TIME_UP
        if self.utterance.too_long:
            return Cause.TOO_LONG
        return Cause.UNCLEAR if self.utterance.unclear else Cause.ANSWER

    def take_index(self) -> int:
        """Return the index of the next turn on record, and count it."""
        index = self.next_index
        self.next_index += 1
        return index

    def move_candidate(self, cue: CandidateCue) -> None:
        """Move the candidate along the table. Raises IllegalMove."""
        self.candidate = candidate_after(self.candidate, cue)

    def move_interviewer(self, cue: InterviewerCue) -> None:
        """Move the interviewer along the table. Raises IllegalMove."""
        self.interviewer = interviewer_after(self.interviewer, cue)

    def move_floor(self, cue: FloorCue) -> None:
        """Move the floor along the table. Raises IllegalMove."""
        self.holder = floor_after(self.holder, cue)
