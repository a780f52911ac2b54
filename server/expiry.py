"""Expiry: ends, now and then, the interviews that nobody can enter any more."""

from collections.abc import Callable, Collection
from uuid import UUID

import structlog

from server.store.left import LEFT_AT_ONCE, LeftStore
from sessions.record.retrying import StoreUnavailable

EXPIRE_EVERY_S = 30.0
"""Pause between two looks: links live for a minute at least, most for days."""

log = structlog.get_logger()


class Expiry:
    """The job of one process; any number of processes may run it on one database.

    `live` gives the interviews that this process holds, which are in good hands.
    """

    def __init__(
        self, left: LeftStore, live: Callable[[], Collection[UUID]], reentry_lifetime_s: int
    ) -> None:
        self._left = left
        self._live = live
        self._reentry_lifetime_s = reentry_lifetime_s

    async def look(self) -> None:
        """End what was left by now; if the database is away, the next look does."""
        more = True
        while more:
            try:
                ended = await self._left.end_left(self._reentry_lifetime_s, self._live())
            except StoreUnavailable as error:
                log.warning("interviews that were left wait for the database", problem=str(error))
                return
            for interview_id, reason in ended.items():
                log.info("interview ends", interview_id=str(interview_id), reason=reason)
            more = len(ended) == LEFT_AT_ONCE
