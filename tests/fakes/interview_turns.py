"""Turns of an interview on the demo plan whose first question has just been asked."""

from sessions.interviewer.protocol import Conversation
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn

PLAN = demo_plan()
QUESTION = PLAN.questions()[0]
ASKED = Turn(
    0,
    Speaker.INTERVIEWER,
    QUESTION.text,
    QUESTION.text,
    0,
    1_000,
    move={"kind": "ask", "question": QUESTION.id},
)


def conversation(cause: Cause = Cause.ANSWER, said: str = "", *before: Turn) -> Conversation:
    """What the interviewer knows after the first question, these turns, and these words."""
    turns = (ASKED, *before)
    return Conversation(PLAN, "Ada", "en", turns, cause, said=said, time_left_ms=600_000)
