"""Announcements and hints: what a recruiter who watches, or a silence, has the interviewer say.

Pure. The words are English, as those of `sessions.interviewer.scripted.script`.
"""

import re

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation
from sessions.turntaking.causes import Cause

ANNOUNCEMENTS = {
    Cause.PAUSE: "Excuse me, we pause the interview here for a moment. The clock is stopped. "
    "Please stay, I will tell you when we go on.",
    Cause.TAKE_OVER: "{actor} would like to speak to you in person now. I hand over.",
    Cause.AWAY: "I can't hear an answer, so I stop the clock here and wait. Whenever you are "
    "ready, just say something, and we go on with this question.",
    Cause.END: "Excuse me, we have to stop here. Thank you very much for your time, and for "
    "everything you have told me. The hiring team will get back to you. Goodbye.",
}
"""Announcement for each cause that has one, the same for every interviewer: it must not fail, and
not wait."""
SOMEBODY = "Somebody from the hiring team"
"""Name of a recruiter whose name is not known."""

MORE_TIME = "We have {minutes} more than planned. "
"""Sentence about an extension, with the space that separates it from the reply."""

_ABOUT = re.compile(
    r"^(?:please\s+)?(?:ask|talk|speak)\b(?:\s+(?:him|her|them|the candidate))?", re.I
)
_WHAT = re.compile(r"^(?:about|for|on)\s+(.+)$", re.I)
_CLAUSE = re.compile(
    r"^(?:(?:to|whether|if|what|why|how|when|where|who|which)\b).+$", re.I | re.DOTALL
)
_NO_NAME = re.compile(
    r"^(?:the|an?|this|that|these|those|more|your|any|some|to|whether|if|what|why|how|when|where|"
    r"who|"
    r"which|about|can|could|would|did|do|does|is|are|was|were|have|has|tell)\b",
    re.I,
)
_TO_YOU = (
    (re.compile(r"\b(?:they|he|she)(?:'re|'s| are| is)\b", re.I), "you are"),
    (re.compile(r"\b(?:they|he|she)(?:'ve| have| has)\b", re.I), "you have"),
    (re.compile(r"\b(?:they|he|she)\b", re.I), "you"),
    (re.compile(r"\b(?:them|him)\b", re.I), "you"),
    (re.compile(r"\b(?:their|his|her)\b", re.I), "your"),
)


def question_of(hint: str) -> str:
    """Return the question that a hint asks for.

    Of "ask about the migration" it makes "One more thing: could you tell me about the migration?".
    """
    text = " ".join(hint.split()).strip().strip("\"'")
    if text.endswith("?"):
        return f"One more thing: {_lower_first(text)}"
    text = text.rstrip(".! ")
    asked = _ABOUT.sub("", text, count=1).strip() if _ABOUT.match(text) else text
    for pattern, word in _TO_YOU:
        asked = pattern.sub(word, asked)
    if (what := _WHAT.match(asked)) is not None:
        asked = f"about {what[1]}"
    elif asked.lower().startswith("to "):
        return f"One more thing: could you {asked[3:]}?"
    elif not _CLAUSE.match(asked):
        asked = f"about {_lower_first(asked)}"
    return f"One more thing: could you tell me {_lower_first(asked)}?"


def is_boundary(conversation: Conversation) -> bool:
    """Return whether the next reply puts another question anyway.

    That is so if the candidate has answered the current one, and asks for nothing.
    """
    if conversation.cause is not Cause.ANSWER:
        return False
    progress = progress_in(conversation)
    if progress.current is None or not progress.current_heard or not progress.pending:
        return False
    return intent_of(progress.pending[-1]) in (Intent.ANSWER, Intent.YES, Intent.NO)


def more_time(ms: float) -> str:
    """Return the sentence about an extension of the time limit by so many ms."""
    minutes = max(1, round(ms / 60_000))
    return MORE_TIME.format(minutes="one minute" if minutes == 1 else f"{minutes} minutes")


def _lower_first(text: str) -> str:
    """Return a text as it stands inside a sentence: a first word that is no name in lower case."""
    return text[0].lower() + text[1:] if _NO_NAME.match(text) else text
