"""Circuit breaker: keeps a provider that fails again and again from being called for a while.

One mechanism for hearing, speaking and language. It is pure: the clock is passed in, nothing waits.
"""

from collections.abc import Callable
from enum import StrEnum

FAILURES_TO_OPEN = 3
"""Failures in a row, over all sessions, that open a circuit."""

OPEN_S = 20.0
"""Time for which a circuit opens at first: longer than a restart, so that the probe succeeds."""

MAX_OPEN_S = 120.0
"""Time for which a circuit opens at most; each probe that fails doubles it."""

REFUSED_S = 60.0
"""Time for which a circuit opens at least after a refusal (key, model, credit): somebody has to act
before it helps to ask again."""


class CircuitState(StrEnum):
    """Whether a provider is called."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit:
    """Circuit of one provider, over all sessions.

    After `opens_after` failures in a row it is open, and nobody gets an attempt. When its time is
    over it is half open: one attempt at a time, the probe; its success closes the circuit, its
    failure opens it for twice as long. A wait that the provider asked for is kept to the end.
    """

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        *,
        opens_after: int = FAILURES_TO_OPEN,
        open_s: float = OPEN_S,
    ) -> None:
        self.name = name
        self.problem = ""
        self._clock = clock
        self._opens_after = opens_after
        self._open_s = self._next_open_s = open_s
        self._failures = 0
        self._open = False
        self._until = 0.0
        self._asked_until = 0.0
        self._probe: Attempt | None = None
        self._era = 0

    @property
    def state(self) -> CircuitState:
        """Whether the provider is called, and how."""
        if self._waits() > 0:
            return CircuitState.OPEN
        return CircuitState.HALF_OPEN if self._open else CircuitState.CLOSED

    @property
    def living(self) -> bool:
        """Whether the next call would be made: as one of many, or as the probe."""
        return self.state is not CircuitState.OPEN

    def due_in_s(self) -> float:
        """Return the time until a call may be made again, 0 if it may now."""
        return max(0.0, self._waits())

    def asked_to_wait_s(self) -> float:
        """Return what is left of the wait that the provider itself asked for, 0 for none."""
        return max(0.0, self._asked_until - self._clock())

    def attempt(self, *, at_any_rate: bool = False) -> "Attempt | None":
        """Return an attempt to call the provider, whose end must be told; None if none is allowed.

        `at_any_rate`: where there is nobody else to ask, an open circuit is tried all the same.
        """
        if self.state is CircuitState.CLOSED:
            return Attempt(self, self._era)
        if at_any_rate and not self.asked_to_wait_s():
            return Attempt(self, self._era)
        if self._waits() > 0 or self._probe is not None:
            return None
        self._probe = Attempt(self, self._era)
        return self._probe

    # --- the ends of attempts --------------------------------------------------------------------

    def _succeeded(self, attempt: "Attempt") -> None:
        self._let_go(attempt)
        if attempt.era != self._era:
            return  # it was begun before the failures that opened the circuit: no news
        if self._open:
            self._era += 1
        self._open = False
        self._failures = 0
        self._until = self._asked_until = 0.0
        self._next_open_s = self._open_s
        self.problem = ""

    def _failed(
        self, attempt: "Attempt", problem: str, refused: bool, wait_s: float | None
    ) -> None:
        probing = self._open
        self._let_go(attempt)
        if attempt.era != self._era:
            return
        self.problem = problem
        self._failures += 1
        now = self._clock()
        if wait_s:
            self._asked_until = max(self._asked_until, now + wait_s)
        if not probing and self._failures < self._opens_after:
            return
        open_s = max(self._next_open_s, REFUSED_S if refused else 0.0)
        self._until = now + open_s
        self._next_open_s = min(2 * self._next_open_s, max(MAX_OPEN_S, self._open_s))
        self._open = True
        self._era += 1
        self._probe = None

    def _let_go(self, attempt: "Attempt") -> None:
        if self._probe is attempt:
            self._probe = None

    def _waits(self) -> float:
        return max(self._until, self._asked_until) - self._clock()


class Attempt:
    """One call of a provider, until it is told how it ended; what is told later changes nothing."""

    def __init__(self, circuit: Circuit, era: int) -> None:
        self._circuit = circuit
        self._over = False
        self.era = era

    def succeeded(self) -> None:
        """Tell that the provider did what it was asked for."""
        if not self._end():
            self._circuit._succeeded(self)

    def failed(
        self, problem: str, *, refused: bool = False, retry_after_s: float | None = None
    ) -> None:
        """Tell that it failed: `refused` it (asking again does not help), asked for a wait."""
        if not self._end():
            self._circuit._failed(self, problem, refused, retry_after_s)

    def let_go(self) -> None:
        """Tell that nobody waits for it any more: it says nothing of the provider."""
        if not self._end():
            self._circuit._let_go(self)

    def _end(self) -> bool:
        was_over, self._over = self._over, True
        return was_over
