"""Audio budget: how much audio a client may send, as much as can be spoken and what has waited.

Pure: it is told the time. Counted in audio, not in messages.
"""

from enum import Enum

WINDOW_S = 10.0
"""Time over which the rate of audio is measured."""

THROTTLE_ABOVE = 1.25
"""Rate, in times real time, above which reading pauses, so that the client must wait."""

CLOSE_ABOVE = 3.0
"""Rate, in times real time, above which a client is sent away: no clock is that wrong."""

BACKLOG_S = 5.0
"""Audio that a client which was cut off may send at once, on top."""

MIN_FRAME_S = 0.005
"""Shortest length that a frame counts with, so that a flood of tiny frames is a flood too."""


class BudgetVerdict(Enum):
    """The consequence of a frame."""

    FINE = "fine"
    WAIT = "wait"
    CLOSE = "close"


class AudioBudget:
    """A leaky bucket of audio, which runs out at real time and holds the excess of a window."""

    def __init__(self, now_s: float) -> None:
        self._level_s = 0.0
        self._at_s = now_s

    def take(self, audio_s: float, now_s: float) -> BudgetVerdict:
        """Count a frame of `audio_s` seconds received at `now_s`; return what follows from it."""
        self._level_s = max(0.0, self._level_s - (now_s - self._at_s))
        self._at_s = now_s
        self._level_s += max(audio_s, MIN_FRAME_S)
        if self._level_s > BACKLOG_S + (CLOSE_ABOVE - 1) * WINDOW_S:
            return BudgetVerdict.CLOSE
        if self._level_s > BACKLOG_S + (THROTTLE_ABOVE - 1) * WINDOW_S:
            return BudgetVerdict.WAIT
        return BudgetVerdict.FINE
