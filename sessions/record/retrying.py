"""Retries: the error of a store that cannot be reached, and the one loop that tries again."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class StoreUnavailable(Exception):
    """The database cannot be reached just now; the same call may succeed later."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses between tries, in seconds: they double from the first to the longest."""

    first_s: float
    """The pause after the first failure."""

    longest_s: float
    """No pause is longer: a database that comes back is noticed within it."""

    shortest_part: float = 1.0
    """Each pause is drawn between this part of it and all of it, so that sessions do not come back
    all at once."""

    def after(self, failures: int) -> float:
        """Return the pause after the `failures`-th failure in a row, counted from 1."""
        pause = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 16))
        return pause * random.uniform(self.shortest_part, 1.0)  # nosec B311


async def retrying(
    call: Callable[[], Awaitable[T]],
    pauses: Pauses,
    on_failure: Callable[[StoreUnavailable], None],
    *,
    failures: int = 0,
    within_s: float = math.inf,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> T:
    """Call the store until it answers; return the answer.

    `on_failure` is told of each failure that is followed by another try; `failures` are those that
    came before this call, in the same outage. Raises StoreUnavailable for a failure later than
    `within_s` after the beginning: with 0 there is one try.
    """
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + within_s
    while True:
        try:
            return await call()
        except StoreUnavailable as error:
            if loop.time() >= give_up_s:
                raise
            failures += 1
            on_failure(error)
            await sleep(pauses.after(failures))
