"""Interviews that were left, in PostgreSQL: those that nobody can enter any more are ended."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, func, not_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.ends import LEFT, put_end, read_outcome
from server.store.interviews import in_time
from server.store.monitors import live_rows
from server.store.records import OVER
from server.store.tickets import MONITOR_TICKET
from sessions.record.tables import InterviewRow, LiveInterviewRow, TicketRow
from sessions.record.transaction import transaction
from sessions.turntaking.causes import EndReason

LEFT_AT_ONCE = 100
"""Most interviews that one transaction ends."""


@dataclass(frozen=True, slots=True)
class LeftStore:
    """Interviews that were left, of all organisations."""

    engine: AsyncEngine

    async def end_left(
        self, reentry_lifetime_s: int, live: Collection[UUID]
    ) -> dict[UUID, EndReason]:
        """End the interviews that can be entered no more; return each with the reason of its end.

        Those are left alone that some process holds: this one those in `live`. Whoever holds a
        ticket may still come.
        """
        coming = exists().where(
            TicketRow.interview_id == InterviewRow.id,
            TicketRow.kind != MONITOR_TICKET,
            TicketRow.expires_at > func.now(),
        )
        held = exists().where(
            LiveInterviewRow.interview_id == InterviewRow.id,
            live_rows(),
        )
        query = (
            LEFT.where(
                InterviewRow.status.not_in(OVER),
                not_(in_time(reentry_lifetime_s)),
                InterviewRow.id.not_in(list(live)),
                ~coming,
                ~held,
            )
            .order_by(InterviewRow.join_expires_at)
            .limit(LEFT_AT_ONCE)
            .with_for_update(of=InterviewRow, skip_locked=True)
        )
        ended: dict[UUID, EndReason] = {}
        async with transaction(self.engine) as connection:
            for row in (await connection.execute(query)).all():
                ended[row.id] = await _end(connection, row)
        return ended


async def _end(connection: AsyncConnection, row: Row[Any]) -> EndReason:
    """End an interview that was left; return the reason that goes on record."""
    if row.status == "invited":
        await put_end(connection, row.id, "expired", EndReason.EXPIRED, None)
        return EndReason.EXPIRED
    outcome = await read_outcome(connection, row)
    if outcome is None:
        await put_end(connection, row.id, "ended", EndReason.INTERRUPTED, None)
        return EndReason.INTERRUPTED
    status = "completed" if outcome.completed else "ended"
    if outcome.reason is EndReason.NOT_BEGUN:
        status = "expired"
    await put_end(connection, row.id, status, outcome.reason, outcome.coverage)
    return outcome.reason
