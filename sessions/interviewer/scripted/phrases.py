"""What the script's decisions are made of: the decision itself, its stock phrases, and the ways to
put words together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sessions.interviewer.dialogue_state import DialogueState
from sessions.interviewer.protocol import MoveKind


@dataclass(frozen=True, slots=True)
class Decision:
    """A move and what is said with it. `detail` goes into the move's record."""

    kind: MoveKind
    question: str | None
    text: str
    detail: Mapping[str, str | int] = field(default_factory=dict)


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
MORE = "Could you tell me a little more about that?"
ALL_RIGHT = "All right."
GO_AHEAD = "Please go ahead."
LAST = "That was my last question."

SHORT_REPLIES = (
    *ACKNOWLEDGE, *TAKE_TIME, *KINDLY, *AGAIN, MORE, *PLEASE, GO_AHEAD, ALL_RIGHT, LAST,
)  # fmt: skip
"""What nearly every reply begins with, or is, as sentences: worth having at hand as sound."""


def latest_put(state: DialogueState) -> str:
    """What the candidate was last asked to speak to: the probe, or the question."""
    current = state.current
    if current is None:
        return ""
    if state.latest_probe is not None and state.latest_probe < len(current.probes):
        return current.probes[state.latest_probe].text
    return current.text


def vary(phrases: Sequence[str], state: DialogueState) -> str:
    """One of the phrases, another with every reply, and never the one just used."""
    first = state.replies % len(phrases)
    for phrase in (*phrases[first:], *phrases[:first]):
        if phrase not in state.last_reply:
            return phrase
    return phrases[first]


def join(*parts: str | None) -> str:
    """The parts that there are, in one line."""
    return " ".join(part for part in parts if part)
