"""What a bridge still says to a caller with whom all is done, in the vendor's own voice. Pure."""

from server.dialects.close_reasons import CloseReason
from server.store.records import Call, Interview
from sessions.leg_notifier import farewell

SORRY = "I'm sorry, the interview cannot be reached just now. Please call again in a few minutes."

FAREWELLS = {
    CloseReason.OPENED_ELSEWHERE.label: "Your interview goes on where you have opened it. Goodbye.",
}
"""By the reason a call was ended for, where the caller has not been told it."""

SPOKEN_ENDS = frozenset({"completed", "time_limit", "ended_by_candidate"})
"""Ends of an interview that the interviewer has put into words."""

LONGEST_PAUSE_S = 5
"""Between two tries to take a call up again: 20 tries are 90 seconds."""


def last_words(call: Call, interview: Interview | None) -> list[str] | None:
    """The sentences, perhaps none; None: the call goes on."""
    if call.end_reason in FAREWELLS:
        return [FAREWELLS[call.end_reason]]
    untold = call.end_reason in (None, CloseReason.NORMAL.label)
    if interview is not None and interview.over and untold:
        spoken = interview.end_reason in SPOKEN_ENDS
        return [] if spoken else [farewell(interview.end_reason or "")]
    return None if call.ended_at is None else []


def pause_before(step: int) -> int:
    """Seconds to wait before a call's `step`-th stream is followed by another: none at first, as
    a server that restarts is back at once."""
    return 0 if step <= 1 else min(step - 1, LONGEST_PAUSE_S)
