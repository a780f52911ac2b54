"""CostBook: the tallies of a process, and what of them is still to be put on record.

They are written now and then, all together, and at the end of each session. What is reported later
still (a sentence made ahead for a session that is over) is written all the same.
"""

import asyncio
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from sessions.cost.tally import Tally, Used

WRITE_EVERY_S = 3.0
"""Pause between two writes: an amount that is told is about as old at most."""


class ConsumptionLog(Protocol):
    """Where it goes on record what runs of sessions used."""

    async def put(self, tally: Tally) -> None:
        """Put on record what a run has used so far; a second time is harmless.

        Raises StoreUnavailable.
        """


class CostBook:
    """Tallies of all sessions of a process.

    `log` is None where nothing goes on record, `cap_usd` where an interview may cost anything.
    """

    def __init__(self, log: ConsumptionLog | None = None, cap_usd: Decimal | None = None) -> None:
        self._log = log
        self._cap_usd = cap_usd
        self._unwritten: set[Tally] = set()
        self._writing = asyncio.Lock()

    def open(self, interview_id: UUID, before: Used = ()) -> Tally:
        """Begin the tally of a run; `before` is what the interview has used in earlier ones."""
        return Tally(interview_id, before, self._unwritten.add, self._cap_usd)

    async def write(self) -> None:
        """Put on record what has grown since the last time. Raises StoreUnavailable.

        A session that ends may write while all are being written: one after the other, so that no
        older amount follows a newer one.
        """
        async with self._writing:
            for tally in list(self._unwritten):
                self._unwritten.discard(tally)
                if self._log is None:
                    continue
                try:
                    await self._log.put(tally)
                except BaseException:
                    self._unwritten.add(tally)
                    raise
