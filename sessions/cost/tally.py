"""Tally: what one run of a session used, summed by service, provider and model.

Calls report from tasks and threads, also after the turn that they were made for, and after the end
of the session: a sum counts them all the same.
"""

from collections.abc import Callable
from decimal import Decimal
from threading import Lock
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

from audio.metering import METER, Consumption, Service
from sessions.cost.money import bill_of

P = ParamSpec("P")
T = TypeVar("T")

Key = tuple[Service, str, str]

Used = tuple[Consumption, ...]
"""What was used, one of each service, provider and model."""


class Tally:
    """Sums of one run of a session, from the start or from where the record has left it.

    `before` is what the interview's earlier runs used; `changed` is told of each report, in
    whatever thread it is made. From `cap_usd` on, nothing is spent on what could be left out.
    """

    def __init__(
        self,
        interview_id: UUID,
        before: Used = (),
        changed: Callable[["Tally"], None] = lambda _tally: None,
        cap_usd: Decimal | None = None,
    ) -> None:
        self.run_id = uuid4()
        self.interview_id = interview_id
        self._before = before
        self._changed = changed
        self.cap_usd = cap_usd
        self._lock = Lock()
        self._sums: dict[Key, Consumption] = {}
        self._of_turn: dict[Key, Consumption] = {}

    @property
    def run(self) -> Used:
        """What this run used."""
        with self._lock:
            return tuple(self._sums.values())

    @property
    def interview(self) -> Used:
        """What the interview used, earlier runs included."""
        return summed((*self._before, *self.run))

    @property
    def capped(self) -> bool:
        """Whether the interview has cost as much as it may."""
        if self.cap_usd is None:
            return False
        usd = bill_of(self.interview).usd
        return usd is not None and usd >= self.cap_usd

    def add(self, used: Consumption) -> None:
        """Count a call."""
        with self._lock:
            _add(self._sums, used)
            _add(self._of_turn, used)
        self._changed(self)

    def take(self) -> Used:
        """Return what was used since the last time, for the turn that goes on record."""
        with self._lock:
            taken = tuple(self._of_turn.values())
            self._of_turn = {}
            return taken

    def give_back(self, taken: Used) -> None:
        """Have what was taken for a turn that is no more counted with the next one."""
        with self._lock:
            for used in taken:
                _add(self._of_turn, used)

    def charged(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return the function, with all counted here that it and the tasks it starts use."""

        def charge(*args: P.args, **kwargs: P.kwargs) -> T:
            before = METER.set(self.add)
            try:
                return function(*args, **kwargs)
            finally:
                METER.reset(before)

        return charge


def summed(calls: Used) -> Used:
    """Return one sum of each service, provider and model."""
    sums: dict[Key, Consumption] = {}
    for used in calls:
        _add(sums, used)
    return tuple(sums.values())


def _add(sums: dict[Key, Consumption], used: Consumption) -> None:
    key = used.service, used.provider, used.model
    sums[key] = sums[key].plus(used) if key in sums else used
