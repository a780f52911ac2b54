"""Why a reply is made, and which causes give way to others."""

from enum import StrEnum

YIELDING = frozenset(("", "answer", "idle", "unheard", "unclear", "too_long", "no_sound", "noise"))
"""Causes that newer words, or the end of the time, make pointless."""

FIRM = frozenset(("pause", "take_over", "end"))
"""Announcements that are made whatever the candidate says meanwhile."""

ONCE = frozenset(("opening", "resume", "unpause", "hand_back", "skip"))
"""Causes that are met as soon as some of their reply was heard; the rest of it is owed as to an
answer: nobody is greeted twice, and no second question is skipped."""


class Cause(StrEnum):
    """Why a reply is wanted."""

    OPENING = "opening"  # the candidate is ready: greet and ask the first question
    ANSWER = "answer"  # the candidate has said something
    UNHEARD = "unheard"  # the candidate has spoken, and it could not be understood
    IDLE = "idle"  # nobody has spoken for a while; `idle_level` says how often already
    UNCLEAR = "unclear"  # what was understood is on record, but doubtful: ask once more
    TOO_LONG = "too_long"  # the answer was interrupted, it took too long: thank, and go on
    NO_SOUND = "no_sound"  # as IDLE, and the microphone delivers nothing at all
    NOISE = "noise"  # noise is heard, and no words: ask for a quieter place
    RESUME = "resume"  # the candidate is back after a lost connection or a restart
    TIME_UP = "time_up"  # the time limit is reached: close politely
    PAUSE = "pause"  # a recruiter wants a pause: say so
    UNPAUSE = "unpause"  # the pause is over: go on where it began
    TAKE_OVER = "take_over"  # a recruiter is about to speak in person: say so
    HAND_BACK = "hand_back"  # the recruiter has spoken: go on with the plan
    SKIP = "skip"  # a recruiter wants the next question
    END = "end"  # a recruiter ends the interview: say goodbye
