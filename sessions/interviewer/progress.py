"""Where an interview stands: projected from the plan and the turns, never remembered.

Pure. A move of the interviewer counts only if something of it was heard; what was asked but not
heard is still to be asked. When time is short, must-ask questions come first and the others go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions.interviewer.protocol import Conversation
from sessions.interviewer.speaking_rate import NORMAL, stated
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
"""Minutes a question takes with its answer where the plan says nothing; our own estimate."""

LEAST_TO_ASK_MS = 20_000
"""With less time left than this, no new question is put: its answer would be cut off."""

PROBE_RESERVE_MS = 30_000
"""A probe and its answer take about this long."""

FILLER = "filler"
"""The kind on record of a turn of which only a word was heard that bridged a wait: it did nothing.
"""

_UNCOUNTED = frozenset(("idle", "resumed", "sound"))
"""Marks of moves that the candidate did not ask for."""

ENOUGH_HEARD = 0.5
"""A question of which less than this share was heard has to be put again."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What happened around one question so far. `said` are the candidate's words since it was
    put, one entry a turn; `probes` the plan's probes used, `latest_probe` the one being answered;
    `wordings` the rephrasings used. The counts are of heard moves, without those that a silence
    or a return called for."""

    said: tuple[str, ...] = ()
    probes: frozenset[int] = frozenset()
    probed: int = 0
    repeated: int = 0
    held: int = 0
    replied: int = 0
    wordings: frozenset[int] = frozenset()
    latest_probe: int | None = None
    began_ms: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of an interview. `current` is the question being answered; `next` the one to put
    after it (None: it is time to close); `remaining` all that may still be put, in order;
    `dropped` those that time leaves no room for, or left none for when it was their turn.
    `pending` are the candidate's words that no reply was heard to. `current_heard` is false if
    the question itself was hardly heard. `pace` is what `sessions.interviewer.speaking_rate`
    says of these turns; `short_of_time`: questions are dropped for want of time now, and
    `wrapping`: that was told.
    """

    opened: bool
    closed: bool
    current: Question | None
    current_heard: bool
    exchange: Exchange
    asked: tuple[str, ...]
    answered: frozenset[str]
    skipped: frozenset[str]
    remaining: tuple[Question, ...]
    next: Question | None
    dropped: tuple[Question, ...]
    pending: tuple[str, ...]
    replies: int
    last_reply: str
    last_move: Mapping[str, Any] = field(default_factory=dict)
    pace: int = NORMAL
    wrapping: bool = False
    short_of_time: bool = False
    time_left_ms: int = 0
    now_ms: int = 0

    @property
    def stop_offered(self) -> bool:
        """Whether the interviewer has just asked whether to end the interview."""
        return bool(self.last_move.get("stop"))

    @property
    def must_ask(self) -> tuple[Question, ...]:
        """The must-ask questions that have not been put."""
        return tuple(question for question in self.remaining if question.must_ask)

    @property
    def time_to_probe(self) -> bool:
        """Whether a probe would leave room for the must-ask questions, and the current question
        has not used up one and a half times its minutes."""
        if self.current is None:
            return False
        spent_ms = self.now_ms - self.exchange.began_ms
        if spent_ms > 1.5 * minutes_of(self.current) * 60_000:
            return False
        return self.time_left_ms - _needed_ms(self.must_ask) >= PROBE_RESERVE_MS


def minutes_of(question: Question) -> float:
    """The minutes a question is expected to take."""
    return question.minutes or TYPICAL_MINUTES[question.expects]


def progress_of(plan: Plan, turns: Sequence[Turn], time_left_ms: int, said: str = "") -> Progress:
    """Project the state from the record; `said` are words of the candidate not on record yet."""
    walk = _Walk(plan)
    for turn in turns:
        walk.take(turn)
    walk.hear(said, repeated=True)
    remaining, passed = _still_to_ask(plan, walk.asked)
    following, dropped = choose_next(remaining, time_left_ms)
    return Progress(
        opened=walk.replies > 0,
        closed=walk.closed,
        current=walk.current,
        current_heard=walk.current_heard,
        exchange=walk.exchange(),
        asked=tuple(walk.asked),
        answered=frozenset(walk.answered),
        skipped=frozenset(walk.skipped),
        remaining=remaining,
        next=following,
        dropped=(*passed, *dropped),
        pending=tuple(walk.pending),
        replies=walk.replies,
        last_reply=walk.last_reply,
        last_move=walk.last_move,
        pace=walk.pace,
        wrapping=walk.wrapping,
        short_of_time=bool(dropped),
        time_left_ms=time_left_ms,
        now_ms=turns[-1].ended_ms if turns else 0,
    )


def progress_in(conversation: Conversation) -> Progress:
    """Project the state from a conversation, with the words being answered."""
    return progress_of(
        conversation.plan, conversation.turns, conversation.time_left_ms, conversation.said
    )


def choose_next(
    remaining: Sequence[Question], time_left_ms: int
) -> tuple[Question | None, tuple[Question, ...]]:
    """The question to put next, and those dropped for want of time. The plan's order is kept: an
    optional question is put only if the must-ask ones after it still fit, and the candidate's own
    questions. Where not even those all fit, the candidate's own come last."""
    if time_left_ms < LEAST_TO_ASK_MS:
        return None, tuple(remaining)
    kept = [
        q for q in remaining if q.must_ask or (_is_theirs(q) and _needed_ms([q]) <= time_left_ms)
    ]
    spare_ms = time_left_ms - _needed_ms(kept)
    ours_first = [q for q in kept if not _is_theirs(q)]
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
    """What may still be put, and the optional questions that were passed over: coming back to an
    earlier part of the talk for one of them would only confuse."""
    questions = plan.questions()
    furthest = max((n for n, q in enumerate(questions) if q.id in asked), default=-1)
    unasked = [(n, q) for n, q in enumerate(questions) if q.id not in asked]
    return (
        tuple(q for n, q in unasked if n > furthest or q.must_ask),
        tuple(q for n, q in unasked if n < furthest and not q.must_ask),
    )


def _needed_ms(questions: Sequence[Question]) -> int:
    return int(sum(minutes_of(question) for question in questions) * 60_000)


def _is_theirs(question: Question) -> bool:
    """Whether it is the candidate's turn to ask."""
    return question.expects is AnswerShape.QUESTIONS


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def heard_share(turn: Turn, question: Question | None) -> float:
    """The share (0..1) that was heard of the question in a turn, or of the whole turn where the
    question's own words are not found in it."""
    if not turn.interrupted:
        return 1.0
    for wording in () if question is None else (question.text, *question.rephrased):
        start = turn.text.find(wording)
        if start >= 0:
            return max(0.0, min(1.0, (len(turn.heard_text) - start) / len(wording)))
    return min(1.0, len(turn.heard_text) / max(1, len(turn.text)))


class _Walk:
    """The walk over the turns: what is known after each. An announcement (a move with a `notice`)
    changes nothing, and answers nothing."""

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
        self.aside = False  # a recruiter has spoken: what is said answers him or her
        self.said: list[str] = []
        self.probes: set[int] = set()
        self.wordings: set[int] = set()
        self.latest_probe: int | None = None
        self.counts = {"probe": 0, "repeat": 0, "hold": 0, "answer": 0}
        self.began_ms = 0
        self.pace = NORMAL
        self.wrapping = False

    def take(self, turn: Turn) -> None:
        """Go on by one turn."""
        if turn.speaker is Speaker.CANDIDATE:
            self.hear(turn.text)
        elif turn.speaker is Speaker.RECRUITER:
            self.aside = True
        elif "notice" not in turn.move and _has_words(turn.heard_text):
            self._reply(turn)

    def hear(self, text: str, *, repeated: bool = False) -> None:
        """The candidate says something. `repeated`: it may be on record as the last turn."""
        text = text.strip()
        if not text or (repeated and self.pending and self.pending[-1] == text):
            return
        self.pending.append(text)
        if self.current is not None and self.current_heard and not self.aside:
            self.said.append(text)
            self.answered.add(self.current.id)

    def _reply(self, turn: Turn) -> None:
        move = turn.move
        kind = str(move.get("kind", ""))
        if kind == FILLER:
            return
        self.pace = stated(move) or self.pace
        self.wrapping = self.wrapping or bool(move.get("wrapping"))
        question = self.questions.get(str(move.get("question")))
        self.replies += 1
        self.last_reply = turn.text
        self.last_move = move
        self.pending = []
        self.aside = False
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

    def exchange(self) -> Exchange:
        return Exchange(
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
