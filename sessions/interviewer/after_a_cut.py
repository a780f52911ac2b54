"""After a cut: a candidate whose connection broke in the middle of an answer is asked to go on.

Pure. The next question would take the rest of the answer away, and asking the same again all of it:
so the last words are said, once, and less each time it happens again. The words are English.
"""

import re

from sessions.interviewer.enquiries.matching import topic_of
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.progress import Progress, progress_in
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.plan.plan import AnswerShape
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker

CUT = "cut"
"""Key in the detail of a move: how often it has asked to go on after a cut."""

QUOTED_WORDS = 12
"""Number of the candidate's last words that are said again: about one sentence."""

FIRST = "Welcome back. You were saying: {words}. Please go on."
AGAIN = "Welcome back. Please go on with your answer."
BRIEFLY = "Please go on."


def after_a_cut(conversation: Conversation) -> tuple[Move, str] | None:
    """Return the reply to a candidate who is back and had begun to answer; None for any other."""
    if conversation.cause is not Cause.RESUME or conversation.said:
        return None
    progress = progress_in(conversation)
    current = progress.current
    if current is None or progress.closed or not conversation.language.startswith("en"):
        return None
    if current.expects is AnswerShape.QUESTIONS or not _was_cut(conversation, progress):
        return None
    times = _cuts(conversation, current.id)
    text = FIRST.format(words=_last_words(progress.pending)) if not times else AGAIN
    if times > 1:
        text = BRIEFLY
    return Move(MoveKind.HOLD, current.id, {"resumed": 1, CUT: times + 1}), text


def _was_cut(conversation: Conversation, progress: Progress) -> bool:
    """Tell whether the last words are an answer that was cut, and no request or goodbye.

    A whole answer that a stop of the server left without a reply gets the reply that was due.
    """
    theirs = [turn for turn in conversation.turns if turn.speaker is Speaker.CANDIDATE]
    if not progress.pending or not theirs[-1].was_cut:
        return False
    last = progress.pending[-1]
    return intent_of(last) is Intent.ANSWER and topic_of(last) is None


def _cuts(conversation: Conversation, question: str) -> int:
    """Return how often the candidate was asked to go on with this question after a cut."""
    moves = (turn.move for turn in conversation.turns if turn.speaker is Speaker.INTERVIEWER)
    return sum(move.get("question") == question and CUT in move for move in moves)


def _last_words(pending: tuple[str, ...]) -> str:
    """Return the end of what was said last, to be said again."""
    sentences = re.split(r"(?<=[.!?])\s+", pending[-1].strip())
    words = sentences[-1].split()
    if len(words) < QUOTED_WORDS // 3 and len(sentences) > 1:
        words = sentences[-2].split() + words
    return " ".join(words[-QUOTED_WORDS:]).rstrip(".!?,;: ")
