"""Last entries: what a session that is over still owes the record, its last turns and its end."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog

from sessions.record.turn_log import (
    END_WAITS,
    CheckpointWriter,
    RecordedEnd,
    SessionLog,
    put_end_on_record,
)

KEEP_S = 600.0
"""Seconds for which a session that is over keeps what was said for a database that is away."""

LAST_TRY_S = 3.0
"""Seconds that a session that must leave at once still waits for the database."""

log = structlog.get_logger(__name__)


class LastEntries:
    """Writes the turns that wait in `writer`, and the `end` behind them, if there is one.

    `on_trouble` is told a sentence for the candidate where the end has to wait.
    """

    def __init__(
        self,
        writer: CheckpointWriter,
        store: SessionLog,
        session_id: UUID,
        on_trouble: Callable[[str], None],
    ) -> None:
        self._writer = writer
        self._store = store
        self._session_id = session_id
        self._on_trouble = on_trouble
        self.end: RecordedEnd | None = None
        self.ended = False
        """Whether the end is on record."""

    @property
    def owed(self) -> bool:
        """Whether something is not on record yet."""
        return self._writer.backlog > 0 or (self.end is not None and not self.ended)

    async def write(self, within_s: float) -> bool:
        """Write what is owed, trying again for so long; return whether all is on record."""
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + within_s
        if not await self._writer.drain(within_s):
            log.error("turns not on record", turns=self._writer.backlog)
        elif self.end is not None and not self.ended:
            self.ended = await put_end_on_record(
                self._store,
                self._session_id,
                self.end,
                give_up_s - loop.time(),
                lambda: self._on_trouble(END_WAITS),
            )
        return not self.owed
