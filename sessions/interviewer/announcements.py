"""What a recruiter who watches wants said: announcements in fixed words, hints made into questions.

Pure. The words are English, as those of `sessions.interviewer.scripted.script`.
"""

import re

from sessions.interviewer.intents import Intent, intent_of
from sessions.interviewer.progress import Progress, progress_in
from sessions.interviewer.protocol import Conversation
from sessions.turntaking.causes import Cause

ANNOUNCEMENTS = {
    Cause.PAUSE: "Excuse me, we pause the interview here for a moment. The clock is stopped. "
    "Please stay, I will tell you when we go on.",
    Cause.TAKE_OVER: "{actor} would like to speak to you in person now. I hand over.",
    Cause.END: "Excuse me, we have to stop here. Thank you very much for your time, and for "
    "everything you have told me. The hiring team will get back to you. Goodbye.",
}
"""What is said in these words whatever interviewer there is: it must not fail, and not wait."""

SOMEBODY = "Somebody from the hiring team"

MORE_TIME = "We have {minutes} more than planned. "

_ABOUT = re.compile(
    r"^(?:please\s+)?(?:ask|talk|speak)\b(?:\s+(?:him|her|them|the candidate))?", re.I
)
_WHAT = re.compile(r"^(?:about|for|on)\s+(.+)$", re.I)
_CLAUSE = re.compile(
    r"^(?:(?:to|whether|if|what|why|how|when|where|who|which)\b).+$", re.I | re.DOTALL
)
_NO_NAME = re.compile(
    r"^(?:the|an?|this|that|these|those|more|your|any|some|to|whether|if|what|why|how|when|where|who|"
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
    """The question a whisper asks for: of "ask about the migration" it makes "One more thing:
    could you tell me about the migration?"."""
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
    """Whether the next reply puts another question anyway: the candidate has answered the current
    one, and wants nothing."""
    if conversation.cause is not Cause.ANSWER:
        return False
    progress = progress_in(conversation)
    if progress.current is None or not progress.current_heard or not progress.pending:
        return False
    return intent_of(progress.pending[-1]) in (Intent.ANSWER, Intent.YES, Intent.NO)


def more_time(ms: float) -> str:
    """What the candidate is told of an extension."""
    minutes = max(1, round(ms / 60_000))
    return MORE_TIME.format(minutes="one minute" if minutes == 1 else f"{minutes} minutes")


def hinted(hint: str, current: str) -> str:
    """The instructions for a language model that is to put a whisper as its next question."""
    return (
        "A private note from the recruiter, which the candidate must never hear of: "
        f'"{hint}". Acknowledge what was said in a few words and put exactly this as your next '
        f"question, in your own words, with the header [[probe {current}]]. Ask nothing else."
    )


def wished(cause: Cause, progress: Progress, go_on: str) -> str:
    """The instructions for a language model where a recruiter's wish is the cause of a reply."""
    current = progress.current.id if progress.current else None
    again = f"repeat the current question ({current})" if current else go_on
    match cause:
        case Cause.UNPAUSE if progress.pending:
            return "The pause is over. Say so in two words, and reply to what was said last."
        case Cause.UNPAUSE:
            return f"The pause is over. Say so in two words, do not greet again, and {again}."
        case Cause.HAND_BACK:
            owed = again if not progress.exchange.said else go_on
            return (
                "A recruiter has just spoken with the candidate in person, as the conversation "
                "shows, and gives you the floor back. Say so in a few words, do not ask again what "
                f"was dealt with, and {owed}."
            )
        case Cause.SKIP:
            return f"Leave the current question ({current}) kindly, without a reason, and {go_on}."
        case _:
            return "Say in one sentence that the interview is interrupted for a moment."


def _lower_first(text: str) -> str:
    """The text inside a sentence: a first word that is no name begins with a small letter."""
    return text[0].lower() + text[1:] if _NO_NAME.match(text) else text
