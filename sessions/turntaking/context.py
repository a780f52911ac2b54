"""What both sides of the turn machine stand on: rules, the floor's state, deadlines, commands."""

from collections import deque

from sessions.turntaking import commands as cmd
from sessions.turntaking.rules import Rules
from sessions.turntaking.state import TurnState
from sessions.turntaking.timers import Deadlines, Timer
from sessions.turntaking.transitions import CandidateState, InterviewerState


class Core:
    """State and outbox of one interview's turn-taking."""

    def __init__(
        self, rules: Rules | None = None, *, next_index: int = 0, now: float = 0.0
    ) -> None:
        self.rules = rules or Rules()
        self.floor = TurnState(
            next_index=next_index, begun=next_index > 0, limit_ms=self.rules.time_limit_ms
        )
        self._timers = Deadlines()
        self._out: list[cmd.Command] = []
        self._now = now
        self._thrown_away: deque[float] = deque()
        self._timers.set(Timer.TIME_LIMIT, self.floor.limit_ms)
        self._timers.set(Timer.LEG_GRACE, now + self.rules.leg_grace_ms)

    @property
    def candidate(self) -> CandidateState:
        """What the candidate is doing."""
        return self.floor.candidate

    @property
    def interviewer(self) -> InterviewerState:
        """What the interviewer is doing."""
        return self.floor.interviewer

    def time_left_ms(self, now: float) -> float:
        """How much of the time is left at `now`; it stands still in a pause."""
        floor = self.floor
        return max(0.0, floor.limit_ms - (now if floor.paused_ms is None else floor.paused_ms))

    @property
    def deadline(self) -> float | None:
        """Session ms at which `expire` wants to be called, or None."""
        return None if self.floor.ended else self._timers.next

    def _take_out(self) -> list[cmd.Command]:
        out, self._out = self._out, []
        return out
