"""Dialogue state: everything that the next reply depends on, as plain data.

The scripted interviewer decides from it alone; a language model reads the same in its prompt. The
rubric is in neither: what an interviewer does not know it cannot give away.
"""

import unicodedata

from pydantic import BaseModel, ConfigDict

from sessions.interviewer.progress import LEAST_TO_ASK_MS, Progress
from sessions.interviewer.protocol import Conversation
from sessions.plan.placeholders import MAX_NAME_CHARS, fill, plan_values
from sessions.plan.plan import Plan, Question
from sessions.turntaking.causes import Cause

OPENING = (
    "Hello {candidate}, and welcome. I'm {interviewer}, the AI interviewer for the {role} "
    "position. Take the time you need, and ask me to repeat or rephrase anything."
)
"""Opening where the plan has none."""

CLOSING = (
    "Thank you very much for your time, {candidate}. The hiring team will get back to you. Goodbye."
)
"""Closing where the plan has none."""

MAX_PROBES = 2
"""Number of probes of one question at most; more feel like an examination."""

NAME_SIGNS = "_.'’‘‛′´`ʹ＇՚׳״-‐‑–·‧・･"
"""Signs inside names: apostrophes, hyphens and middle dots, as keyboards make them."""

STATE_KEY = "viva_dialogue_state"
"""Key of the state, as JSON, in the `additional_kwargs` of a system message, where the scripted
chat model finds it; no provider is sent it."""


class DialogueState(BaseModel):
    """Dialogue state: everything that the next reply depends on. JSON keeps it whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cause: Cause
    """Reason why the reply is made."""

    idle_level: int
    """Number of idle prompts in a row, this one included; 0 if it is none."""

    candidate_name: str
    """Name as it can be spoken; "" where it is not known."""

    opening: str
    """The plan's opening with the names filled in."""

    closing: str
    """The plan's closing with the names filled in."""

    opened: bool
    """Whether a reply has been heard."""

    closed: bool
    """Whether the last reply that was heard closed the interview."""

    current: Question | None
    """Question being answered."""

    current_heard: bool
    """Whether enough of the current question was heard."""

    next: Question | None
    """Question to put after the current one; None: it is time to close."""

    next_lead_in: str | None
    """Words that introduce the section of the next question, where that begins a new one."""

    left: int
    """Number of questions that may still be put."""

    said: tuple[str, ...]
    """The candidate's words since the current question was put, one entry a turn."""

    pending: tuple[str, ...]
    """The candidate's words to which no reply was heard, one entry a turn."""

    probes: frozenset[int]
    """The plan's probes of the current question that were used, as positions in its list."""

    latest_probe: int | None
    """The plan's probe that is being answered."""

    probed: int
    """Number of probes of the current question, the plan's and others."""

    repeated: int
    """Number of times the current question was repeated."""

    held: int
    """Number of times the candidate was given time for the current question."""

    replied: int
    """Number of the candidate's own questions that were answered during the current one."""

    wordings: frozenset[int]
    """Other wordings of the current question that were used, as positions in its list."""

    time_to_probe: bool
    """Whether there is time for a probe."""

    replies: int
    """Number of replies that were heard."""

    last_reply: str
    """Text of the last of them."""

    stop_offered: bool
    """Whether the last of them asked whether to end the interview."""

    speaking_rate: int
    """Speaking rate, in percent of the voice's own."""

    short_of_time: bool
    """Whether questions are dropped for want of time now."""

    time_warning_given: bool
    """Whether the candidate was told that time is short."""

    last_minute: bool
    """Whether too little time is left to put another question."""

    hint: str
    """Hint of a recruiter that is to be the next question; "" for none."""


def dialogue_state(conversation: Conversation, progress: Progress) -> DialogueState:
    """Return the state before the next reply of a conversation."""
    question = progress.on_current
    following = progress.next
    if following is None and not progress.opened and progress.remaining:
        following = progress.remaining[0]
    return DialogueState(
        cause=conversation.cause,
        idle_level=conversation.idle_level,
        candidate_name=spoken_name(conversation.candidate_name),
        opening=filled_opening(conversation),
        closing=filled_closing(conversation),
        opened=progress.opened,
        closed=progress.closed,
        current=progress.current,
        current_heard=progress.current_heard,
        next=following,
        next_lead_in=_lead_in(conversation.plan, progress.current, following),
        left=len(progress.remaining),
        said=question.said,
        pending=progress.pending,
        probes=question.probes,
        latest_probe=question.latest_probe,
        probed=question.probed,
        repeated=question.repeated,
        held=question.held,
        replied=question.replied,
        wordings=question.wordings,
        time_to_probe=progress.time_to_probe,
        replies=progress.replies,
        last_reply=progress.last_reply,
        stop_offered=progress.stop_offered,
        speaking_rate=progress.speaking_rate,
        short_of_time=progress.short_of_time,
        time_warning_given=progress.time_warning_given,
        last_minute=progress.time_left_ms < LEAST_TO_ASK_MS,
        hint=conversation.hint,
    )


def spoken_name(name: str) -> str:
    """Return a candidate's name as it can stand in a sentence or a prompt: one line, no signs.

    Letters of every script stay, with their marks and what joins them; one that is too long is cut
    between two names.
    """
    name = unicodedata.normalize("NFC", name)
    kept = "".join(_in_a_name(name, at) for at in range(len(name)))
    kept = " ".join(kept.split())
    if len(kept) <= MAX_NAME_CHARS:
        return kept
    end = kept.rfind(" ", 0, MAX_NAME_CHARS + 1)
    if end <= 0:  # no name is as long, and no mark may lose its letter
        end = MAX_NAME_CHARS
        while end > 1 and unicodedata.category(kept[end])[0] in "MC":
            end -= 1
    return kept[:end].rstrip(" -‐‑")


def _in_a_name(name: str, at: int) -> str:
    """Return what a sign is in a name: itself, a blank, or nothing."""
    sign = name[at]
    category = unicodedata.category(sign)
    if category[0] in "LN" or category in ("Mn", "Mc") or sign in NAME_SIGNS:
        return sign
    if sign in "\u200c\u200d":  # they join what stands before and behind
        inside = 0 < at < len(name) - 1 and unicodedata.category(name[at - 1])[0] in "LM"
        return sign if inside and unicodedata.category(name[at + 1])[0] == "L" else ""
    return "" if category == "Cf" else " "  # marks of direction are no part of a name


def filled_opening(conversation: Conversation) -> str:
    """Return the plan's opening, or the usual one, with the names filled in."""
    return _fill(conversation.plan.opening or OPENING, conversation)


def filled_closing(conversation: Conversation) -> str:
    """Return the plan's closing, or the usual one, with the names filled in."""
    return _fill(conversation.plan.closing or CLOSING, conversation)


# --- helpers ----------------------------------------------------------------------------------


def _fill(template: str, conversation: Conversation) -> str:
    candidate = spoken_name(conversation.candidate_name)
    return fill(template, plan_values(conversation.plan, candidate))


def _lead_in(plan: Plan, current: Question | None, following: Question | None) -> str | None:
    """Return what introduces the following question, if it begins another section."""
    if following is None:
        return None
    section = plan.section_of(following.id)
    if current is not None and plan.section_of(current.id) is section:
        return None
    return section.lead_in
