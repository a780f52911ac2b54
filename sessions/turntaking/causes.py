"""Why a reply is made, which causes give way to others, and why an interview or a session ends."""

from enum import StrEnum
from typing import Literal


class Cause(StrEnum):
    """Why a reply is wanted."""

    OPENING = "opening"  # the candidate is ready: greet and ask the first question
    ANSWER = "answer"  # the candidate has said something
    UNHEARD = "unheard"  # the candidate has spoken, and it could not be understood
    IDLE = "idle"  # nobody has spoken for a while; `idle_level` says how often already
    UNCLEAR = "unclear"  # what was understood is on record, but doubtful: ask once more
    TOO_LONG = "too_long"  # the answer was interrupted, it took too long: thank, and go on
    NO_SOUND = "no_sound"  # as IDLE, and the microphone delivers nothing at all
    MUTED = "muted"  # as NO_SOUND, and the candidate has muted the microphone on the page
    NOISE = "noise"  # noise is heard, and no words: ask for a quieter place
    VOICES = "voices"  # other voices are heard, and never cease: ask for a quieter place
    AWAY = "away"  # no prompt was answered: say that the candidate is waited for
    RESUME = "resume"  # the candidate is back after a lost connection or a restart
    TIME_UP = "time_up"  # the time limit is reached: close politely
    PAUSE = "pause"  # a recruiter wants a pause: say so
    UNPAUSE = "unpause"  # the pause is over: go on where it began
    TAKE_OVER = "take_over"  # a recruiter is about to speak in person: say so
    HAND_BACK = "hand_back"  # the recruiter has spoken: go on with the plan
    SKIP = "skip"  # a recruiter wants the next question
    END = "end"  # a recruiter ends the interview: say goodbye


YIELDING: frozenset[Cause | None] = frozenset(
    (
        None,
        Cause.ANSWER,
        Cause.IDLE,
        Cause.UNHEARD,
        Cause.UNCLEAR,
        Cause.TOO_LONG,
        Cause.NO_SOUND,
        Cause.MUTED,
        Cause.NOISE,
        Cause.VOICES,
        Cause.AWAY,
    )
)
"""Causes that newer words, or the end of the time, make pointless; None: no reply is pending."""

FIRM = frozenset((Cause.PAUSE, Cause.TAKE_OVER, Cause.END))
"""Announcements that are made whatever the candidate says meanwhile."""

ONCE = frozenset((Cause.OPENING, Cause.RESUME, Cause.UNPAUSE, Cause.HAND_BACK, Cause.SKIP))
"""Causes that are fulfilled as soon as some of their reply was heard; if the rest is made again, it
is made as to an answer: nobody is greeted twice, and no second question is skipped."""

GREETINGS = frozenset((Cause.OPENING, Cause.RESUME))
"""Causes of what is said first: nobody has anything to answer yet."""

RequestCause = Literal[Cause.PAUSE, Cause.SKIP, Cause.TAKE_OVER]
"""Causes that a recruiter can request by `RequestMade`."""


class EndReason(StrEnum):
    """Why an interview ends, as it is kept on record and told to everybody who is connected."""

    COMPLETED = "completed"  # the plan's last words have been heard
    TIME_LIMIT = "time_limit"  # the time is over
    ENDED_BY_CANDIDATE = "ended_by_candidate"
    RECRUITER = "recruiter"  # a recruiter ended it
    CANDIDATE_SILENT = "candidate_silent"  # on old records: no idle prompt was answered
    CANDIDATE_UNHEARD = "candidate_unheard"  # on old records: nor could it be, over all the noise
    CLOSED_EARLY = "closed_early"  # the interviewer closed it with questions open and time left
    INTERRUPTED = "interrupted"  # it was left or cut off, and nobody came back in time
    NOT_BEGUN = "not_begun"  # the link was opened, and nothing was said while it could be used
    EXPIRED = "expired"  # nobody opened the link while it could be used
    SUSPENDED = "suspended"  # only the session ends: the interview can be taken up again


class SuspendReason(StrEnum):
    """Why a session leaves memory although its interview goes on."""

    ALONE = "alone"  # nobody has come back for a long time
    SERVER_STOPS = "server_stops"  # another will take over
    ADJOURNED = "adjourned"  # the candidate wants to go on another time
    AWAY = "away"  # the candidate was waited for, and has said nothing
    UNAVAILABLE = "unavailable"  # no reply can be had just now: too many in a row have failed
