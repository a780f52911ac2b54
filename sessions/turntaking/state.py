"""Everything the turn machine remembers between two events."""

import math
from dataclasses import dataclass

from sessions.turntaking.causes import FIRM, YIELDING, Cause, EndReason
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
    """One generation. `said` are the words it was prepared on, if they were not on record;
    `voiced`: there is sound of it, `spoke`: and more than a filler,
    `complete`: nothing will be added."""

    generation: int
    cause: Cause
    said: str
    voiced: bool = False
    text: str = ""
    failed: bool = False
    closing: bool = False
    adjourning: bool = False
    expects: str = ""
    answer_max_ms: float | None = None
    spoke: bool = False
    complete: bool = False
    started_ms: float | None = None
    taken_back: bool = False


@dataclass(slots=True)
class Answer:
    """A candidate's turn that is on record and may be reopened. `reopened`: it is open again, after
    a silence of `pause_ms`."""

    index: int
    revision: int
    words: TranscriptFinal
    started_ms: float
    reopened: bool = False
    pause_ms: float = 0.0


@dataclass(slots=True)
class TurnState:
    """The joint state of both parties.

    `owed` is the cause of a reply that was asked for and has not been heard yet (None: no);
    `stopping` is a silenced reply whose heard text is still awaited, and `close_pending` the close
    of a turn that waits for it. `words` are those of the utterance up to now, `fence` is the first
    attempt since its last onset, `answer` the turn that a reply may still be taken back for;
    `own_pause_ms` this candidate's longest pause after a whole sentence; `rule` what made the
    present wait; `typed` the written words of the open utterance; `onset_ms` when the voice over a
    reply began, `spoken` and `spoken_until_ms` the words of the reply before, and when they ceased.
    `interrupting`: this utterance has stopped a reply; `finished` is how finished the present pause
    sounds, if anybody listens for that. `hushed`: the candidate has silenced the interviewer, and
    what is owed waits for a word, or for the next idle prompt.
    `known` are the newest words of the open utterance, from whichever of its pauses;
    `too_long`: it has taken longer than an answer may, `unclear`: its words are doubtful, and
    `asked_again`: so were those before, and were asked for once more. `doubted`: its words were
    asked for in the middle of it, because there were none, and it may go on as noise; `wordless`
    counts sounds without words in this silence, `noises` the complaints about them since the last
    words; `idle_due_ms` is when this silence is over. `urgent`: the reply before was given up.
    `ending` and `leaving`: nothing more is said, and the session ends, or is suspended, as soon as
    everything said before is on record; `adjourned`: by the candidate's own wish. `holder` has the
    interviewer's side of the floor; `wish` is the cause of the reply that a recruiter waits for
    (see events.Wished), `forced` that it waits for nothing else; `voice_ms` is the onset of a voice
    that was not listened to and has not ceased. The time is over at `limit_ms`, and does not run
    from `paused_ms` on. Times are session ms.
    """

    next_index: int
    begun: bool
    limit_ms: float
    candidate: CandidateState = CandidateState.QUIET
    interviewer: InterviewerState = InterviewerState.IDLE
    holder: FloorHolder = FloorHolder.INTERVIEWER
    wish: Cause | None = None
    forced: bool = False
    voice_ms: float | None = None
    paused_ms: float | None = None
    attached: bool = False
    ending: EndReason | None = None
    completed: bool = False
    leaving: bool = False
    adjourned: bool = False
    ended: bool = False
    time_over: bool = False

    utterance: int = 0
    attempt: int = 0
    utterance_started_ms: float = 0.0
    onset_ms: float = 0.0
    speech_ended_ms: float = 0.0
    words: TranscriptFinal | None = None
    fence: int = 0
    finished: float | None = None
    typed: str = ""
    close_pending: bool = False
    answer: Answer | None = None
    own_pause_ms: float = 0.0
    longest_gap_ms: float | None = None
    rule: str = ""
    interrupting: bool = False

    known: TranscriptFinal | None = None
    answer_max_ms: float | None = None
    too_long: bool = False
    unclear: bool = False
    asked_again: bool = False
    sound: Sound = Sound.FINE
    doubted: bool = False
    wordless: int = 0
    noises: int = 0
    idle_due_ms: float | None = None
    urgent: bool = False

    generation: int = 0
    draft: Generation | None = None
    current: Generation | None = None
    spoken: str = ""
    spoken_until_ms: float = -math.inf
    stopping: Generation | None = None
    owed: Cause | None = None
    expects: str = ""
    hushed: bool = False
    idle_level: int = 0
    failures: int = 0

    @property
    def reopened(self) -> bool:
        """Whether the open utterance is a turn that was closed too early."""
        return self.answer is not None and self.answer.reopened

    @property
    def said(self) -> str:
        """The words of the open turn: those spoken, then those written."""
        spoken = "" if self.words is None else self.words.text
        return f"{spoken} {self.typed}".strip()

    def time_left_ms(self, now: float) -> float:
        """How much of the time is left at `now`; it stands still in a pause."""
        return max(0.0, self.limit_ms - (now if self.paused_ms is None else self.paused_ms))

    @property
    def expected(self) -> str:
        """The shape of answer that the question asks for which is put just now, or was last."""
        playing = "" if self.current is None else self.current.expects
        return playing or self.expects

    @property
    def is_interviewers(self) -> bool:
        """Whether the interviewer leads the talk: no recruiter does, and it is not paused."""
        return self.holder in (FloorHolder.INTERVIEWER, FloorHolder.PASSING)

    @property
    def may_speak(self) -> bool:
        """Whether a reply would reach anybody."""
        return self.attached and self.is_interviewers and not (self.ending or self.ended)

    @property
    def deaf(self) -> bool:
        """Whether the candidate's voice is not listened to: in a pause, and while something is
        announced that will happen whatever is said."""
        announcing = self.current is not None and self.current.cause in FIRM
        waiting = self.forced and self.wish in FIRM
        return self.holder is FloorHolder.PAUSED or announcing or waiting

    @property
    def cause(self) -> Cause:
        """What the reply to the candidate's newest words is for: what a recruiter wishes, or what
        is owed already, unless that yields to the answer, or to the end of the time; an answer that
        was too long is closed, one that is doubtful asked for again."""
        if self.wish:
            return self.wish
        if self.owed is not None and self.owed not in YIELDING:
            return self.owed
        if self.time_over:
            return Cause.TIME_UP
        if self.too_long:
            return Cause.TOO_LONG
        return Cause.UNCLEAR if self.unclear else Cause.ANSWER

    @property
    def playing(self) -> Generation:
        """The released reply. Raises IllegalMove where there is none."""
        if self.current is None:
            raise IllegalMove("no reply has been released")
        return self.current

    def find(self, generation: int) -> Generation | None:
        """The living reply of this generation: the draft or the released one."""
        for reply in (self.draft, self.current):
            if reply is not None and reply.generation == generation:
                return reply
        return None

    def new_reply(self, cause: Cause, said: str) -> Generation:
        """A reply of the next generation."""
        self.generation += 1
        return Generation(self.generation, cause, said)

    def open_utterance(self, at_ms: float) -> None:
        """The candidate begins to say something new."""
        self.utterance += 1
        self.utterance_started_ms = at_ms
        self.interrupting = False
        self.longest_gap_ms = None
        self.known = None

    def take_index(self) -> int:
        """The index of the next turn on record."""
        index = self.next_index
        self.next_index += 1
        return index

    def move_candidate(self, cue: CandidateCue) -> None:
        """Move along the table. Raises IllegalMove."""
        self.candidate = candidate_after(self.candidate, cue)

    def move_interviewer(self, cue: InterviewerCue) -> None:
        """Move along the table. Raises IllegalMove."""
        self.interviewer = interviewer_after(self.interviewer, cue)

    def move_floor(self, cue: FloorCue) -> None:
        """Move along the table. Raises IllegalMove."""
        self.holder = floor_after(self.holder, cue)
