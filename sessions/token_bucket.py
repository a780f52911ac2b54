"""Token bucket: so many at once, and so many a second after that. Pure: it is told the time."""

from collections.abc import Callable

import structlog

log = structlog.get_logger()


class TokenBucket:
    """Counts what one client may still do; it is full at first."""

    def __init__(self, at_once: float, a_second: float, now_s: float) -> None:
        self._most = at_once
        self._a_second = a_second
        self._left = at_once
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Take one, and return whether there was one left."""
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._a_second)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


def limited(
    take: Callable[[str], None], at_once: float, a_second: float, clock: Callable[[], float]
) -> Callable[[str], None]:
    """Return `take` such that answers that come in a flood are dropped."""
    bucket = TokenBucket(at_once, a_second, clock())

    def take_limited(text: str) -> None:
        if bucket.take(clock()):
            take(text)
        else:
            log.warning("answer dropped", why="too many")

    return take_limited
