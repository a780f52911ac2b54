"""Late hosts: which providers let somebody wait a moment ago, whatever they were asked for. Pure.

Where a host answers nothing at all, hearing, language and voice would each be waited for in full
within one turn. The first that waits in vain tells the others.
"""

from collections.abc import Callable

SUSPECT_S = 10.0
"""Time for which a host that was late is given little time: from the words of an answer to the
first sound of the reply to it."""


class LateHosts:
    """Hosts that were late. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def was_late(self, host: str) -> None:
        """Note that somebody waited for a host in vain."""
        self._until[host] = self._clock() + SUSPECT_S

    def answered(self, host: str) -> None:
        """Note that a host has answered."""
        self._until.pop(host, None)

    def __contains__(self, host: str) -> bool:
        return self._until.get(host, 0.0) > self._clock()
