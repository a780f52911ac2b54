"""Dialogue state: everything that the next reply depends on, as plain data.

The scripted interviewer decides from it alone; a language model reads the same in its prompt. The
rubric is in neither: what an interviewer does not know it cannot give away.
"""

import re

from pydantic import BaseModel, ConfigDict

from sessions.interviewer.progress import LEAST_TO_ASK_MS, Progress
from sessions.interviewer.protocol import Conversation
from sessions.plan.plan import Plan, Question
from sessions.turntaking.causes import Cause

OPENING = (
    "Hello {candidate}, and welcome. I'm {interviewer}, the AI interviewer for the {role} "
    "position. Take the time you need, and ask me to repeat or rephrase anything."
)
"""The opening where the plan has none."""

CLOSING = (
    "Thank you very much for your time, {candidate}. The hiring team will get back to you. Goodbye."
)
"""The closing where the plan has none."""

MAX_PROBES = 2
"""Probes of one question at most; more feel like an examination."""

MAX_NAME_CHARS = 80
"""Of a candidate's name, this much is spoken."""

STATE_KEY = "viva_dialogue_state"
"""The key of the state in the `additional_kwargs` of a system message, as JSON: where the scripted
chat model finds it. No provider is sent it."""


class DialogueState(BaseModel):
    """Everything that the next reply depends on. It survives JSON both ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cause: Cause
    """What calls for the reply."""

    idle_level: int
    """How many silences in a row have called for a reply by now, with this one; 0 without one."""

    candidate_name: str
    """The name as it can be spoken; "" where it is not known."""

    opening: str
    """The plan's opening with the names filled in."""

    closing: str
    """The plan's closing with the names filled in."""

    opened: bool
    """Whether a reply has been heard."""

    closed: bool
    """Whether the last reply that was heard closed the interview."""

    current: Question | None
    """The question being answered."""

    current_heard: bool
    """Whether enough of the current question was heard."""

    next: Question | None
    """The question to put after the current one; None: it is time to close."""

    next_lead_in: str | None
    """What introduces the section of the next question, where that begins a new section."""

    left: int
    """How many questions may still be put."""

    said: tuple[str, ...]
    """The candidate's words since the current question was put, one entry a turn."""

    pending: tuple[str, ...]
    """The candidate's words to which no reply was heard, one entry a turn."""

    probes: frozenset[int]
    """The plan's probes of the current question that were used, as positions in its list."""

    latest_probe: int | None
    """The plan's probe that is being answered."""

    probed: int
    """How many probes of the current question were heard, the plan's and others."""

    repeated: int
    """How often the candidate had the current question repeated."""

    held: int
    """How often the candidate was given time for the current question."""

    replied: int
    """How many questions of the candidate's own were answered during the current question."""

    wordings: frozenset[int]
    """The other wordings of the current question that were used, as positions in its list."""

    time_to_probe: bool
    """Whether there is time for a probe."""

    replies: int
    """How many replies have been heard."""

    last_reply: str
    """The text of the last of them."""

    last_idle: int
    """The `idle_level` of the last reply; 0 if no silence called for it."""

    stop_offered: bool
    """Whether the last reply asked whether to end the interview."""

    pace: int
    """The speaking rate the candidate has asked for, in percent of the voice's own."""

    short_of_time: bool
    """Whether questions are dropped now for want of time."""

    wrapping: bool
    """Whether the candidate was told that time is short."""

    last_minute: bool
    """Whether too little time is left to put another question."""

    hint: str
    """What a recruiter tells the interviewer to ask next; "" for nothing."""


def dialogue_state(conversation: Conversation, progress: Progress) -> DialogueState:
    """Return the state before the next reply of a conversation."""
    exchange = progress.exchange
    following = progress.next
    if following is None and not progress.opened and progress.remaining:
        following = progress.remaining[0]
    idle = progress.last_move.get("idle")
    return DialogueState(
        cause=conversation.cause,
        idle_level=conversation.idle_level,
        candidate_name=spoken_name(conversation.candidate_name),
        opening=opening_of(conversation),
        closing=closing_of(conversation),
        opened=progress.opened,
        closed=progress.closed,
        current=progress.current,
        current_heard=progress.current_heard,
        next=following,
        next_lead_in=_lead_in(conversation.plan, progress.current, following),
        left=len(progress.remaining),
        said=exchange.said,
        pending=progress.pending,
        probes=exchange.probes,
        latest_probe=exchange.latest_probe,
        probed=exchange.probed,
        repeated=exchange.repeated,
        held=exchange.held,
        replied=exchange.replied,
        wordings=exchange.wordings,
        time_to_probe=progress.time_to_probe,
        replies=progress.replies,
        last_reply=progress.last_reply,
        last_idle=idle if isinstance(idle, int) else 0,
        stop_offered=progress.stop_offered,
        pace=progress.pace,
        short_of_time=progress.short_of_time,
        wrapping=progress.wrapping,
        last_minute=progress.time_left_ms < LEAST_TO_ASK_MS,
        hint=conversation.hint,
    )


def spoken_name(name: str) -> str:
    """Return a candidate's name as it can stand in a sentence or a prompt: one line, no signs."""
    return " ".join(re.sub(r"[^\w.'’ -]", " ", name).split())[:MAX_NAME_CHARS]


def opening_of(conversation: Conversation) -> str:
    """Return the plan's opening, or the usual one, with the names filled in."""
    return _fill(conversation.plan.opening or OPENING, conversation)


def closing_of(conversation: Conversation) -> str:
    """Return the plan's closing, or the usual one, with the names filled in."""
    return _fill(conversation.plan.closing or CLOSING, conversation)


# --- helpers ----------------------------------------------------------------------------------


def _fill(template: str, conversation: Conversation) -> str:
    """Put the names into a text in one pass, so that a name with braces changes nothing."""
    plan = conversation.plan
    values = {
        "candidate": spoken_name(conversation.candidate_name),
        "interviewer": plan.persona.name,
        "role": plan.role,
        "organisation": plan.organisation or "",
    }
    filled = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], ""), template)
    return re.sub(r"\s*,?\s+(?=[,.!?])", "", " ".join(filled.split()))


def _lead_in(plan: Plan, current: Question | None, following: Question | None) -> str | None:
    """Return what introduces the following question, if it begins another section."""
    if following is None:
        return None
    section = plan.section_of(following.id)
    if current is not None and plan.section_of(current.id) is section:
        return None
    return section.lead_in
