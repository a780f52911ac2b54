"""Progress of an interview, projected from the plan and the turns, never stored.

Pure. A move of the interviewer counts only if something of it was heard; a question that was put
but not heard is still to be put. When time is short, must-ask questions come first and the others
are dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.protocol import Conversation
from sessions.interviewer.speaking_rate import NORMAL_RATE, rate_in
from sessions.plan.plan import AnswerShape, Plan, Question
from sessions.turntaking.turns import Speaker, Turn

TYPICAL_MINUTES: Mapping[AnswerShape, float] = {
    AnswerShape.YES_NO: 0.5,
    AnswerShape.SHORT: 0.5,
    AnswerShape.NUMBER: 0.5,
    AnswerShape.SPELLING: 0.75,
    AnswerShape.EXPLANATION: 2.0,
    AnswerShape.STORY: 2.5,
    AnswerShape.QUESTIONS: 1.0,
}
"""Minutes that a question takes with its answer where the plan says nothing; our own estimate."""

LEAST_TO_ASK_MS = 20_000
"""Time left below which no new question is put: its answer would be cut off."""

PROBE_RESERVE_MS = 30_000
"""Time that a probe and its answer take, about."""

FILLER = "filler"
"""Kind on record of a turn of which only the filler was heard: it did nothing."""

_UNCOUNTED = frozenset(("idle", "resumed", "sound"))
"""Keys in the detail of moves that the candidate did not ask for."""

ENOUGH_HEARD = 0.5
"""Share of a question below which it was not heard and has to be put again."""


@dataclass(frozen=True, slots=True)
class QuestionProgress:
    """Progress on one question: what happened since it was put.

    Counts are of moves that were heard, without those that a silence or a return was the cause of.
    """

    said: tuple[str, ...] = ()
    """The candidate's words, one entry a turn."""

    probes: frozenset[int] = frozenset()
    """The plan's probes that were used, as positions in the question's list."""

    probed: int = 0
    """Number of probes, the plan's and others."""

    repeated: int = 0
    """Number of times the question was repeated."""

    held: int = 0
    """Number of times the candidate was given time."""

    replied: int = 0
    """Number of the candidate's own questions that were answered."""

    wordings: frozenset[int] = frozenset()
    """Other wordings that were used, as positions in the question's list."""

    latest_probe: int | None = None
    """The plan's probe that is being answered."""

    began_ms: int = 0
    """Session time at which the question had been put."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an interview."""

    opened: bool
    """Whether a reply has been heard."""

    closed: bool
    """Whether the last reply that was heard closed the interview."""

    current: Question | None
    """Question being answered."""

    current_heard: bool
    """Whether enough of the current question was heard."""

    on_current: QuestionProgress
    """Progress on the current question."""

    asked: tuple[str, ...]
    """Ids of the questions that were put, in that order."""

    answered: frozenset[str]
    """Ids of the questions to which the candidate gave an answer."""

    skipped: frozenset[str]
    """Ids of the questions that were left without an answer."""

    remaining: tuple[Question, ...]
    """Questions that may still be put, in order."""

    next: Question | None
    """Question to put after the current one; None: it is time to close."""

    dropped: tuple[Question, ...]
    """Questions that there is no time for, or was none when it was their turn."""

    pending: tuple[str, ...]
    """The candidate's words to which no reply was heard, one entry a turn."""

    replies: int
    """Number of replies that were heard."""

    last_reply: str
    """Text of the last of them."""

    last_move: Mapping[str, Any] = field(default_factory=dict)
    """Move of the last of them, as it is on record."""

    speaking_rate: int = NORMAL_RATE
    """Speaking rate, in percent; see `sessions.interviewer.speaking_rate`."""

    time_warning_given: bool = False
    """Whether the candidate was told that time is short."""

    short_of_time: bool = False
    """Whether questions are dropped for want of time now."""

    time_left_ms: int = 0
    """Time until the time limit."""

    now_ms: int = 0
    """Session time at which the last turn ended."""

    @property
    def stop_offered(self) -> bool:
        """Whether the last reply asked whether to end the interview."""
        return bool(self.last_move.get("stop"))

    @property
    def must_ask(self) -> tuple[Question, ...]:
        """Must-ask questions that have not been put."""
        return tuple(question for question in self.remaining if question.must_ask)

    @property
    def time_to_probe(self) -> bool:
        """Whether there is time for a probe.

        It must leave time for the must-ask questions, and the current question must not have taken
        more than one and a half times its minutes.
        """
        if self.current is None:
            return False
        spent_ms = self.now_ms - self.on_current.began_ms
        if spent_ms > 1.5 * minutes_of(self.current) * 60_000:
            return False
        return self.time_left_ms - _needed_ms(self.must_ask) >= PROBE_RESERVE_MS


def minutes_of(question: Question) -> float:
    """Return the minutes that a question is expected to take."""
    return question.minutes or TYPICAL_MINUTES[question.expects]


def progress_of(plan: Plan, turns: Sequence[Turn], time_left_ms: int, said: str = "") -> Progress:
    """Project the progress from the turns; `said` are words of the candidate not on record yet."""
    state = _Projection(plan)
    for turn in turns:
        state.take(turn)
    state.hear(said, repeated=True)
    remaining, passed = _still_to_ask(plan, state.asked)
    following, dropped = choose_next(remaining, time_left_ms)
    return Progress(
        opened=state.replies > 0,
        closed=state.closed,
        current=state.current,
        current_heard=state.current_heard,
        on_current=state.on_current(),
        asked=tuple(state.asked),
        answered=frozenset(state.answered),
        skipped=frozenset(state.skipped),
        remaining=remaining,
        next=following,
        dropped=(*passed, *dropped),
        pending=tuple(state.pending),
        replies=state.replies,
        last_reply=state.last_reply,
        last_move=state.last_move,
        speaking_rate=state.speaking_rate,
        time_warning_given=state.time_warning_given,
        short_of_time=bool(dropped),
        time_left_ms=time_left_ms,
        now_ms=turns[-1].ended_ms if turns else 0,
    )


def progress_in(conversation: Conversation) -> Progress:
    """Project the progress from a conversation, with the words being answered."""
    return progress_of(
        conversation.plan, conversation.turns, conversation.time_left_ms, conversation.said
    )


def choose_next(
    remaining: Sequence[Question], time_left_ms: int
) -> tuple[Question | None, tuple[Question, ...]]:
    """Return the question to put next, and those dropped for want of time.

    The plan's order is kept: an optional question is put only if the must-ask ones after it and the
    candidate's own questions still fit. Where not even those all fit, the candidate's own come
    last.
    """
    if time_left_ms < LEAST_TO_ASK_MS:
        return None, tuple(remaining)
    kept = [
        q for q in remaining if q.must_ask or (is_theirs(q) and _needed_ms([q]) <= time_left_ms)
    ]
    spare_ms = time_left_ms - _needed_ms(kept)
    ours_first = [q for q in kept if not is_theirs(q)]
    if spare_ms < 0 and ours_first:
        return ours_first[0], tuple(q for q in remaining if q not in kept)
    dropped: list[Question] = []
    following: Question | None = None
    for question in remaining:
        if question in kept:
            following = following or question
        elif _needed_ms([question]) <= spare_ms:
            spare_ms -= _needed_ms([question])
            following = following or question
        else:
            dropped.append(question)
    return following, tuple(dropped)


# --- helpers ----------------------------------------------------------------------------------


def _still_to_ask(
    plan: Plan, asked: Mapping[str, None]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Return the questions that may still be put, and the optional ones that were passed over.

    Coming back to an earlier part of the talk for one of those would only confuse.
    """
    questions = plan.questions()
    furthest = max((n for n, q in enumerate(questions) if q.id in asked), default=-1)
    unasked = [(n, q) for n, q in enumerate(questions) if q.id not in asked]
    return (
        tuple(q for n, q in unasked if n > furthest or q.must_ask),
        tuple(q for n, q in unasked if n < furthest and not q.must_ask),
    )


def _needed_ms(questions: Sequence[Question]) -> int:
    return int(sum(minutes_of(question) for question in questions) * 60_000)


def is_theirs(question: Question) -> bool:
    """Return whether a question invites the candidate to ask."""
    return question.expects is AnswerShape.QUESTIONS


def _answers(text: str, question: Question) -> bool:
    """Return whether words answer a question, and do not only ask for something or for time."""
    intent = intent_of(text)
    own = intent in (Intent.QUESTION, Intent.PERMISSION) and is_theirs(question)
    return own or intent in (Intent.ANSWER, Intent.YES, Intent.NO)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def heard_share(turn: Turn, question: Question | None) -> float:
    """Return the share (0..1) of the question that was heard in a turn.

    Where the question's own words are not found in the turn, it is the share of the whole turn.
    """
    if not turn.interrupted:
        return 1.0
    for wording in () if question is None else (question.text, *question.rephrased):
        start = turn.text.find(wording)
        if start >= 0:
            return max(0.0, min(1.0, (len(turn.heard_text) - start) / len(wording)))
    return min(1.0, len(turn.heard_text) / max(1, len(turn.text)))


class _Projection:
    """Projection of the progress, turn by turn.

    An announcement (a move with a `notice`) changes nothing, and answers nothing.
    """

    def __init__(self, plan: Plan) -> None:
        self.questions = {question.id: question for question in plan.questions()}
        self.current: Question | None = None
        self.current_heard = True
        self.asked: dict[str, None] = {}
        self.answered: set[str] = set()
        self.skipped: set[str] = set()
        self.pending: list[str] = []
        self.replies = 0
        self.last_reply = ""
        self.last_move: Mapping[str, Any] = {}
        self.closed = False
        self.to_recruiter = False  # a recruiter has spoken: the candidate answers him or her
        self.said: list[str] = []
        self.probes: set[int] = set()
        self.wordings: set[int] = set()
        self.latest_probe: int | None = None
        self.counts = {"probe": 0, "repeat": 0, "hold": 0, "answer": 0}
        self.began_ms = 0
        self.speaking_rate = NORMAL_RATE
        self.time_warning_given = False

    def take(self, turn: Turn) -> None:
        """Take in the next turn."""
        if turn.speaker is Speaker.CANDIDATE:
            self.hear(turn.text)
        elif turn.speaker is Speaker.RECRUITER:
            self.to_recruiter = True
        elif "notice" not in turn.move and _has_words(turn.heard_text):
            self._reply(turn)

    def hear(self, text: str, *, repeated: bool = False) -> None:
        """Take in words of the candidate; `repeated` ones may be on record as the last turn."""
        text = text.strip()
        if not text or (repeated and self.pending and self.pending[-1] == text):
            return
        self.pending.append(text)
        if self.current is not None and self.current_heard and not self.to_recruiter:
            self.said.append(text)
            if _answers(text, self.current):
                self.answered.add(self.current.id)

    def _reply(self, turn: Turn) -> None:
        move = turn.move
        kind = str(move.get("kind", ""))
        if kind == FILLER:
            return
        self.speaking_rate = rate_in(move) or self.speaking_rate
        self.time_warning_given = self.time_warning_given or bool(move.get("wrapping"))
        question = self.questions.get(str(move.get("question")))
        self.replies += 1
        self.last_reply = turn.text
        self.last_move = move
        self.pending = []
        self.to_recruiter = False
        self.closed = kind == "close"
        skipped = str(move.get("skipped", ""))
        if skipped in self.questions:
            self.skipped.add(skipped)
            self.answered.discard(skipped)
        if question is not None and (self.current is None or question.id != self.current.id):
            self._begin(question, turn)
        if kind in self.counts and not _UNCOUNTED.intersection(move):
            self.counts[kind] += 1
        enough = heard_share(turn, question if kind != "probe" else None) >= ENOUGH_HEARD
        if kind in ("ask", "repeat"):
            self.current_heard = enough
        elif kind == "answer" and question is not None and question.text in turn.text:
            self.current_heard = self.current_heard or enough  # put again behind the answer
        if enough:  # a probe that was talked over is not used up: the answer was going on
            self._mark(move)

    def _mark(self, move: Mapping[str, Any]) -> None:
        probe, wording = move.get("probe"), move.get("wording")
        if isinstance(probe, int):
            self.probes.add(probe)
            self.latest_probe = probe
        if isinstance(wording, int):
            self.wordings.add(wording)

    def _begin(self, question: Question, turn: Turn) -> None:
        self.current = question
        self.asked[question.id] = None
        self.said = []
        self.probes = set()
        self.wordings = set()
        self.latest_probe = None
        self.counts = dict.fromkeys(self.counts, 0)
        self.began_ms = turn.ended_ms

    def on_current(self) -> QuestionProgress:
        return QuestionProgress(
            said=tuple(self.said),
            probes=frozenset(self.probes),
            probed=self.counts["probe"],
            repeated=self.counts["repeat"],
            held=self.counts["hold"],
            replied=self.counts["answer"],
            wordings=frozenset(self.wordings),
            latest_probe=self.latest_probe,
            began_ms=self.began_ms,
        )
