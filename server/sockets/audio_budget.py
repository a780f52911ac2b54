"""How much audio a client may send: as much as can be spoken, with room for what waited.

Pure: it is told the time. Counted in audio, not in messages.
"""

from enum import Enum

WINDOW_S = 10.0
THROTTLE_ABOVE = 1.25
"""Times real time over the window; above it, reading pauses, so that the client must wait."""

CLOSE_ABOVE = 3.0
"""Times real time over the window; no clock is that wrong, and no backlog that large."""

BACKLOG_S = 5.0
"""A client that was cut off may send this much at once, on top."""

MIN_FRAME_S = 0.005
"""Each frame counts at least this, so that a flood of tiny ones is one too."""


class BudgetVerdict(Enum):
    """What to do after a frame."""

    FINE = "fine"
    WAIT = "wait"
    CLOSE = "close"


class AudioBudget:
    """A leaking bucket of audio: it runs out at real time, and holds a window's excess."""

    def __init__(self, now_s: float) -> None:
        self._level_s = 0.0
        self._at_s = now_s

    def take(self, audio_s: float, now_s: float) -> BudgetVerdict:
        """Count a frame of `audio_s` seconds received at `now_s`."""
        self._level_s = max(0.0, self._level_s - (now_s - self._at_s))
        self._at_s = now_s
        self._level_s += max(audio_s, MIN_FRAME_S)
        if self._level_s > BACKLOG_S + (CLOSE_ABOVE - 1) * WINDOW_S:
            return BudgetVerdict.CLOSE
        if self._level_s > BACKLOG_S + (THROTTLE_ABOVE - 1) * WINDOW_S:
            return BudgetVerdict.WAIT
        return BudgetVerdict.FINE
