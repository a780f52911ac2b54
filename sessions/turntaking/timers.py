"""The machine's named timers: bookkeeping of session time, without a clock."""

from enum import StrEnum


class Timer(StrEnum):
    """Every timer that the machine may arm."""

    SPECULATE = "speculate"
    """From the end of speech: ask for the words, and prepare a reply to them."""

    DRAFT = "draft"
    """From the end of speech after words that will be waited for long: prepare a reply to them."""

    PATIENCE = "patience"
    """From the end of speech: the answer is over, close the turn."""

    BARGE_IN = "barge_in"
    """From the onset of speech over a reply: it is no backchannel, stop the reply."""

    OVERLAP = "overlap"
    """From the onset of speech over a reply: it is long for a backchannel, ask for its words."""

    TAKE_BACK = "take_back"
    """From the reply's first sound: close the answer before it for good."""

    HOLD = "hold"
    """From the moment a reply is held: it is not worth resuming any more, stop it."""

    TRANSCRIPT = "transcript"
    """From asking for words: they will not come, go on without them."""

    ANSWER_LIMIT = "answer_limit"
    """From the onset of an answer: it takes too long, interrupt it at the next small pause. Then
    once more, after `answer_grace_ms`: interrupt it without one."""

    WORDLESS = "wordless"
    """From the onset of what sounds like a voice: ask whether there are words in it. Then once
    more, after `wordless_grace_ms`: it is noise."""

    CROSSTALK = "crosstalk"
    """From the onset of a voice over a greeting: no reply was heard to its end since, the voice is
    somebody else's."""

    FILLER = "filler"
    """From the release of a reply without sound: bridge the wait."""

    REPLY = "reply"
    """From the release of a reply without sound, and from each of its sentences: it will not come,
    have another made."""

    RETRY = "retry"
    """From a reply that has failed: have it made again."""

    IDLE = "idle"
    """From the silence of both: prompt the candidate, or after so many prompts wait without a
    word."""

    TIME_LIMIT = "time_limit"
    """At the end of the time: close when it is the interviewer's turn. Then once more, after
    `overrun_ms`: cut the answer short."""

    CLOSE_OUT = "close_out"
    """From the end of the time: end the interview, closed or not."""

    LEG_GRACE = "leg_grace"
    """From the start, or from the loss of the leg, until one is connected: leave memory."""

    RECRUITER_GRACE = "recruiter_grace"
    """From the loss of the recruiter who holds the floor: give it back to the interviewer."""

    PAUSE = "pause"
    """From the beginning of a pause: it has been forgotten, go on. From the beginning of waiting
    for the candidate: in vain, leave memory."""


OVER_REPLY = (Timer.BARGE_IN, Timer.OVERLAP, Timer.HOLD)
"""Timers that run while a reply is held."""


OF_REPLY = (Timer.FILLER, Timer.REPLY)
"""Timers that run while a reply keeps the candidate waiting."""


class Deadlines:
    """When each timer runs out, in session ms."""

    def __init__(self) -> None:
        self._due: dict[Timer, float] = {}

    @property
    def next(self) -> float | None:
        """When the earliest timer runs out, or None."""
        return min(self._due.values(), default=None)

    def set(self, timer: Timer, at_ms: float) -> None:
        """Arm `timer`, or arm it anew."""
        self._due[timer] = at_ms

    def clear(self, *timers: Timer) -> None:
        """Disarm timers; harmless for one that is not armed."""
        for timer in timers:
            self._due.pop(timer, None)

    def due(self, timer: Timer) -> float | None:
        """Return when `timer` runs out, or None."""
        return self._due.get(timer)

    def armed(self, timer: Timer) -> bool:
        """Tell whether `timer` is armed."""
        return timer in self._due

    def pop_due(self, now: float) -> Timer | None:
        """Disarm and return the earliest timer that is due at `now`, or None."""
        due = [(at, timer) for timer, at in self._due.items() if at <= now]
        if not due:
            return None
        timer = min(due)[1]
        del self._due[timer]
        return timer
