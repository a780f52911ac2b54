"""Postponement: a candidate who cannot talk now is let go, and goes on later at the same question.

It is decided by patterns, before any language model is called: to be let go must not depend on one.
The patterns are English; in other languages the interviewer answers as to anything else.
"""

import re

from sessions.interviewer.protocol import Conversation
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker

ADJOURN = "adjourn"
"""Key in the detail of a move: the session is suspended when the reply has been heard."""

FAREWELL = (
    "Of course. I will keep our place. Call again when it suits you, or open the link in your "
    "invitation, and we will go on with this question. Goodbye."
)
"""Reply to a candidate who postpones the interview."""

UNHEARD_FAREWELL = (
    "I can't hear you any more, so let us go on another time. I will keep our place. Call again "
    "when it suits you, or open the link in your invitation, and we will go on with this question. "
    "Goodbye."
)
"""Said on the telephone to a candidate who has answered no prompt."""

MAX_POSTPONING_WORDS = 20
"""Number of words above which an utterance is taken for an answer, in which somebody may well have
called back."""

_WHEN = (
    r"(later|tomorrow|tonight|another time|some other time|another day|next week|this "
    r"(afternoon|evening)|in (a|an|one|two|half an|a few|five|ten|fifteen|twenty|thirty) "
    r"(minutes?|hours?|days?|while|bit))"
)
_DO = r"(continue|go on|carry on|finish|resume|talk|speak|do|have|hold|postpone|reschedule)"
_WANTS = re.compile(
    rf"\b(can|could|would|will) you( please| maybe)? (call|ring|phone)( me)? (back|again|{_WHEN})|"
    rf"^(sorry |please |just )*(call|ring|phone) me (back|again|{_WHEN})|"
    rf"\bi('ll| will| would like to|'d like to| need to| have to)? call( you)? back\b|"
    r"\b((can|could|may|shall|should) (we|i)|let'?s|(is|would) it (be )?possible to|i('d| would) "
    r"(like|prefer) to)( please)? "
    rf"{_DO}\b(?!.{{0,30}}\b(?:question|that one|this one)\b).{{0,30}}\b{_WHEN}|"
    r"\b(can|could|may|shall) (we|i)( please)? (postpone|reschedule)\b|"
    r"\b(this|now|it)( is|'s)( really)? not a (good|great) (time|moment)\b|"
    r"\b(is not|isn'?t)( really)? a (good|great) (time|moment)\b|"
    r"\bi (can'?t|cannot|am not able to) (really )?(talk|speak|do this)( right)? now\b",
    re.IGNORECASE,
)

_NOT_THE_TALK = re.compile(
    r"\b(?:this|that|the) (?:one|question)\b.*\blater\b|\b(?:erased?|deleted?|removed?)\b",
    re.IGNORECASE,
)
"""Words of somebody who puts off a question, or asks for data to be deleted, and not this talk."""


def wants_another_time(text: str) -> bool:
    """Return whether an utterance asks to go on another time."""
    plain = " ".join(re.sub(r"[^\w' ]+", " ", text.replace("’", "'")).split())
    if _NOT_THE_TALK.search(plain):
        return False
    return len(plain.split()) <= MAX_POSTPONING_WORDS and _WANTS.search(plain) is not None


def is_postponed(conversation: Conversation) -> bool:
    """Return whether the candidate, in the words being answered, asks to go on another time."""
    if conversation.cause is not Cause.ANSWER or not conversation.language.startswith("en"):
        return False
    said = conversation.said
    if not said and conversation.turns and conversation.turns[-1].speaker is Speaker.CANDIDATE:
        said = conversation.turns[-1].heard_text
    return wants_another_time(said)
