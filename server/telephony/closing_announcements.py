"""Closing announcements: what a bridge still says to a caller, in the vendor's own voice. Pure."""

from server.dialects.close_reasons import CloseReason
from server.store.records import Call, Interview
from sessions.leg_notifier import end_message

SORRY = "I'm sorry, the interview cannot be reached just now. Please call again in a few minutes."

NO_ROOM = "I'm sorry, all lines are taken just now. Please call again in a few minutes. Goodbye."

STAY = (
    "I'm sorry, I cannot reach the interview just now. "
    "Please stay on the line, or call again in a few minutes."
)

COST_CAP = (
    "I'm sorry, no interview can begin just now. "
    "Please ask whoever invited you for another time. Goodbye."
)

TURNED_AWAY = {
    CloseReason.COST_CAP: COST_CAP,
    CloseReason.NO_ROOM: NO_ROOM,
    CloseReason.DATABASE_DOWN: STAY,
    CloseReason.INTERVIEWER_AWAY: STAY,
    CloseReason.INTERVIEW_OVER: "This interview is over; thank you. Goodbye.",
}
"""Sentence that a caller hears on the line, by why it leads to no interview.

Each takes longer than the two seconds after which a dialplan takes an end for the last one.
"""

UNUSABLE = (
    "I'm sorry, the interview cannot be held over this line. "
    "Please open the link in your invitation. Goodbye."
)

ANNOUNCEMENTS = {
    CloseReason.WRONG_FORMAT.label: UNUSABLE,
    CloseReason.PROTOCOL_ERROR.label: UNUSABLE,
    CloseReason.FRAME_TOO_BIG.label: UNUSABLE,
    CloseReason.TOO_MUCH_AUDIO.label: UNUSABLE,
    CloseReason.OPENED_ELSEWHERE.label: "Your interview goes on where you have opened it. Goodbye.",
}
"""Sentence by the reason a call was ended for, where the caller has not been told it."""

ANNOUNCED_ENDS = frozenset({"completed", "time_limit", "ended_by_candidate", "closed_early"})
"""Ends of an interview that the interviewer has put into words."""

LONGEST_PAUSE_S = 5
"""Longest pause between two attempts to resume a call: 20 attempts are 90 seconds."""


def closing_announcements(call: Call, interview: Interview | None) -> list[str] | None:
    """Return the sentences, perhaps none; None: the call goes on."""
    if call.end_reason in ANNOUNCEMENTS:
        return [ANNOUNCEMENTS[call.end_reason]]
    unannounced = call.end_reason in (None, CloseReason.NORMAL.label)
    if interview is not None and interview.over and unannounced:
        spoken = interview.end_reason in ANNOUNCED_ENDS
        return [] if spoken else [end_message(interview.end_reason or "")]
    return None if call.ended_at is None else []


def pause_before(step: int) -> int:
    """Return how many seconds to wait before a call's `step`-th stream is followed by another.

    None at first, as a server that restarts is back at once.
    """
    return 0 if step <= 1 else min(step - 1, LONGEST_PAUSE_S)
