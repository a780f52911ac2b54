"""Phrases of the script: the decision it returns, its stock phrases, and how they are combined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sessions.interviewer.dialogue_state import DialogueState
from sessions.interviewer.protocol import MoveKind


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision of the script: a move and what is said with it."""

    kind: MoveKind
    """What the reply does."""

    question: str | None
    """Id of the question that the candidate will be answering."""

    text: str
    """Words of the reply."""

    detail: Mapping[str, str | int] = field(default_factory=dict)
    """Further claims of the move's header."""


ACKNOWLEDGE = (
    "Thank you.",
    "I see.",
    "That helps, thanks.",
    "Understood, thank you.",
    "All right, thanks.",
    "Thanks for telling me that.",
)
KINDLY = ("That's all right.", "No problem at all.", "That's perfectly fine.")
TAKE_TIME = ("Take your time.", "Of course, take your time.", "Sure, there's no hurry.")
AGAIN = ("Of course.", "Sure, once more.", "Gladly.")
PLEASE = ("Of course, please go ahead.", "Yes, please do.")
TELL_MORE = "Could you tell me a little more about that?"
ALL_RIGHT = "All right."
GO_AHEAD = "Please go ahead."
LAST = "That was my last question."

SHORT_REPLIES = (
    *ACKNOWLEDGE, *TAKE_TIME, *KINDLY, *AGAIN, TELL_MORE, *PLEASE, GO_AHEAD, ALL_RIGHT, LAST,
)  # fmt: skip
"""Sentences with which nearly every reply begins: worth voicing ahead."""


def latest_put(state: DialogueState) -> str:
    """Return what was put to the candidate last: the probe, or the question."""
    current = state.current
    if current is None:
        return ""
    if state.latest_probe is not None and state.latest_probe < len(current.probes):
        return current.probes[state.latest_probe].text
    return current.text


def vary(phrases: Sequence[str], state: DialogueState) -> str:
    """Return one of the phrases, another with every reply, and never the one just used."""
    first = state.replies % len(phrases)
    for phrase in (*phrases[first:], *phrases[:first]):
        if phrase not in state.last_reply:
            return phrase
    return phrases[first]


def join_phrases(*parts: str | None) -> str:
    """Return the parts that are not empty, in one line."""
    return " ".join(part for part in parts if part)
