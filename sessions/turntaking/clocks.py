"""The machine's named deadlines: pure bookkeeping of session time, no clock."""

from enum import StrEnum


class Timer(StrEnum):
    """Every deadline the machine may have."""

    SPECULATE = "speculate"
    PATIENCE = "patience"
    BARGE_IN = "barge_in"
    TAKE_BACK = "take_back"
    HOLD = "hold"
    TRANSCRIPT = "transcript"
    IDLE = "idle"
    TIME_LIMIT = "time_limit"
    CLOSE_OUT = "close_out"
    LEG_GRACE = "leg_grace"


class Deadlines:
    """When each timer runs out, in session ms."""

    def __init__(self) -> None:
        self._due: dict[Timer, float] = {}

    @property
    def next(self) -> float | None:
        """The earliest of all, or None."""
        return min(self._due.values(), default=None)

    def set(self, timer: Timer, at_ms: float) -> None:
        """Arm `timer`, or arm it anew."""
        self._due[timer] = at_ms

    def clear(self, *timers: Timer) -> None:
        """Disarm; harmless for a timer that is not armed."""
        for timer in timers:
            self._due.pop(timer, None)

    def armed(self, timer: Timer) -> bool:
        """Whether `timer` waits."""
        return timer in self._due

    def pop_due(self, now: float) -> Timer | None:
        """Disarm and return the earliest timer that is due at `now`, or None."""
        due = [(at, timer) for timer, at in self._due.items() if at <= now]
        if not due:
            return None
        timer = min(due)[1]
        del self._due[timer]
        return timer
