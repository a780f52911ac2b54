"""Interviewer protocol: what a session calls, and the view of the conversation that it passes.

An interviewer keeps no memory: everything it knows is projected from the turns it is passed with
each call, so that a restart, a barge-in or a second replica changes nothing.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Protocol

from sessions.plan.plan import Plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Turn


class MoveKind(StrEnum):
    """What a reply does. Stored with the turn: the plan's progress is read from it."""

    ASK = "ask"  # puts a new question of the plan
    PROBE = "probe"  # follows up on the current question
    REPEAT = "repeat"  # says the current question again, word for word or in other words
    HOLD = "hold"  # gives time, reassures; asks nothing new
    ANSWER = "answer"  # answers the candidate's own question
    CLOSE = "close"  # the last reply: the session ends when it has been heard


@dataclass(frozen=True, slots=True)
class Move:
    """Move: the decision behind a reply."""

    kind: MoveKind
    """What the reply does."""

    question: str | None = None
    """Id of the question of the plan that the candidate will be answering; None after CLOSE."""

    detail: Mapping[str, Any] = field(default_factory=dict)
    """Further facts that are stored with the turn as they are: {"probe": index} for a probe."""

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form that is stored in `Turn.move`."""
        return {"kind": self.kind.value, "question": self.question, **self.detail}


@dataclass(frozen=True, slots=True)
class Usage:
    """Cost of a reply."""

    model: str
    """Name of the model that wrote it."""

    input_tokens: int = 0
    """Tokens of the prompt; 0 where the provider counts none."""

    output_tokens: int = 0
    """Tokens of the reply; 0 where the provider counts none."""

    cost_usd: float | None = None
    """Price in US dollars; None where no price is known."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """View of the interview at the moment a reply is requested; read only."""

    plan: Plan
    """Plan that the interview follows."""

    candidate_name: str
    """Name of the candidate as it was entered; "" if unknown."""

    language: str
    """Code of the language to speak; "" for the plan's."""

    turns: Sequence[Turn]
    """Turns on record, oldest first."""

    cause: Cause
    """Reason why a reply is made."""

    said: str = ""
    """Words being answered that are not on record yet: a reply may be prepared before the turn is
    closed."""

    idle_level: int = 0
    """Number of idle prompts in a row, this one included; 0 if it is none."""

    time_left_ms: int = 0
    """Time until the time limit."""

    urgent: bool = False
    """Whether the reply must come at once, since a first attempt took too long."""

    telephone: bool = False
    """Whether the candidate is on the telephone, where no page can say how to go on."""

    hint: str = ""
    """Hint of a recruiter that is to be the next question, which is due now; "" for none."""

    preface: str = ""
    """Words to say before the reply proper; "" for none."""

    actor: str = ""
    """Name of the recruiter whose request is the cause; "" if unknown."""


class SentenceOver(Enum):
    """Word that the text passed on so far ends a sentence, where what shows it is still held."""

    SENTENCE_OVER = "sentence over"


SENTENCE_OVER = SentenceOver.SENTENCE_OVER

ReplyPart = Move | str | SentenceOver | Usage
"""Part of a streamed reply: first one Move, then pieces of text, then at most one Usage."""


class InterviewerError(Exception):
    """Failure of a language model to reply; the text is a sentence that people understand.

    `retryable` says whether the same call may succeed a little later.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class UnfitReply(InterviewerError):
    """Reply of a language model that the interview may not take; another is spoken in its place."""


class Interviewer(Protocol):
    """Interviewer: writes replies. Stateless between calls; one object serves every session."""

    @property
    def model(self) -> str:
        """Name of the model, as it is stored with each turn."""

    async def warm_up(self) -> None:
        """Import and connect what is needed, so that the first reply is not slow."""

    def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply. `aclose` stops the work. Raises InterviewerError."""

    async def close(self) -> None:
        """Close connections. No reply may be requested afterwards."""
