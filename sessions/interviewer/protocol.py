"""The interviewer as the session sees it: one protocol, and the view of the conversation it gets.

Memory is never kept here: everything an interviewer knows is projected from the turns it is
handed with each call, so that a restart, a barge-in or a second replica changes nothing.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sessions.plan.plan import Plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Turn


class MoveKind(StrEnum):
    """What a reply does. Stored with the turn: the plan's progress is read from these."""

    ASK = "ask"  # puts a new question of the plan
    PROBE = "probe"  # follows up on the current question
    REPEAT = "repeat"  # says the current question again, word for word or in other words
    HOLD = "hold"  # gives time, reassures; asks nothing new
    ANSWER = "answer"  # answers the candidate's own question
    CLOSE = "close"  # the last reply: the session ends when it has been heard


@dataclass(frozen=True, slots=True)
class Move:
    """The decision behind a reply. `question` is the plan's question id the candidate will be
    answering after it (None after CLOSE); `detail` is kept with the turn as it is (for a probe,
    {"probe": index})."""

    kind: MoveKind
    question: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """The JSON form stored in `Turn.move`."""
        return {"kind": self.kind.value, "question": self.question, **self.detail}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost. `cost_usd` is None where no price is known."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A read-only view of the interview at the moment a reply is wanted.

    `turns` is the record so far, oldest first; `said` holds the words being answered when they
    are not on record yet (a reply may be prepared before the turn is closed). `time_left_ms`
    counts down to the time limit. `urgent`: a first try took too long, the next must come at once.
    `hint` is what a recruiter tells the interviewer: it is to be the next question, which is due
    now. `aside` is to be said before the reply proper; `actor` is the name of the recruiter that
    the cause comes from, if it is known.
    """

    plan: Plan
    candidate_name: str
    language: str
    turns: Sequence[Turn]
    cause: Cause
    said: str = ""
    idle_level: int = 0
    time_left_ms: int = 0
    urgent: bool = False
    hint: str = ""
    aside: str = ""
    actor: str = ""


ReplyPart = Move | str | Usage
"""A reply streams as one Move, then pieces of text, then at most one Usage."""


class InterviewerError(Exception):
    """The language model could not reply; the text is a sentence a person understands."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Interviewer(Protocol):
    """Writes replies. Stateless between calls; one object serves every session."""

    @property
    def model(self) -> str:
        """The model's name, as it is stored with each turn."""

    async def warm_up(self) -> None:
        """Import and connect what is needed, so that the first reply is not slow."""

    def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply. `aclose` stops the work. Raises InterviewerError."""

    async def close(self) -> None:
        """Close connections. No reply may be asked for afterwards."""
