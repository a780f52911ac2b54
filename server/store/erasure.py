"""Erasure in PostgreSQL: an interview goes with all that is on record of it, or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.calls import COUNTED_FOR
from server.store.costs import keep_sums
from server.store.monitors import LIVE_FOR_S
from sessions.record.tables import (
    Base,
    CallRow,
    InterviewRow,
    LiveInterviewRow,
    MonitorActionRow,
)
from sessions.record.transaction import fetch_all, transaction

ERASED_AT_ONCE = 100
"""Most interviews that one search for old ones returns."""


ERASED = "erased"
"""Status and end of a call of which only the count is left."""


class StillLive(Exception):
    """Somebody is in the interview at present: it has to be ended first."""


@dataclass(frozen=True, slots=True)
class ErasureStore:
    """Removes interviews with their turns, sessions, calls, tickets and actions."""

    engine: AsyncEngine

    async def erase(self, interview_id: UUID, organisation_id: UUID | None = None) -> bool:
        """Remove an interview and all that is on record of it; return False if it is not there.

        With an organisation, only one of its own. Raises StillLive, and then removes nothing.
        """
        async with transaction(self.engine) as connection:
            return await _erase(connection, interview_id, organisation_id)

    async def erase_candidate(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        organisation_id: UUID | None = None,
    ) -> int:
        """Remove all interviews of a candidate, by e-mail address or telephone number, or both.

        Return how many there were. Raises StillLive, and then removes nothing.
        """
        whose: list[ColumnElement[bool]] = []
        if email is not None:
            whose.append(func.lower(InterviewRow.candidate_email) == email.lower())
        if phone is not None:
            whose.append(InterviewRow.candidate_phone == phone)
        if not whose:
            return 0
        if organisation_id is not None:
            whose.append(InterviewRow.organisation_id == organisation_id)
        async with transaction(self.engine) as connection:
            found = await connection.scalars(
                select(InterviewRow.id).where(*whose).order_by(InterviewRow.id)
            )
            return sum([await _erase(connection, one, organisation_id) for one in found.all()])

    async def older_than(self, days: int, *, but: Collection[UUID] = ()) -> Sequence[UUID]:
        """Return some interviews that ended, or could be entered no more, so many days ago."""
        last = func.coalesce(
            InterviewRow.ended_at,
            func.greatest(InterviewRow.join_expires_at, InterviewRow.started_at),
        )
        query = (
            select(InterviewRow.id)
            .where(
                last < func.now() - timedelta(days=days),
                InterviewRow.id.not_in(list(but)),
                ~_is_live(),
            )
            .order_by(last)
            .limit(ERASED_AT_ONCE)
        )
        return [row.id for row in await fetch_all(self.engine, query)]

    async def forget_stray_calls(self, days: int) -> None:
        """Remove calls of so many days ago that never led to an interview: they name numbers."""
        old = CallRow.created_at < func.now() - timedelta(days=days)
        async with transaction(self.engine) as connection:
            await connection.execute(delete(CallRow).where(old, CallRow.interview_id.is_(None)))


async def _erase(
    connection: AsyncConnection, interview_id: UUID, organisation_id: UUID | None
) -> bool:
    wanted: ColumnElement[bool] = InterviewRow.id == interview_id
    if organisation_id is not None:
        wanted = and_(wanted, InterviewRow.organisation_id == organisation_id)
    # locked: nobody can begin a session, a ticket or a call of it meanwhile
    locked = select(InterviewRow.id, _is_live().label("live")).where(wanted).with_for_update()
    row = (await connection.execute(locked)).first()
    if row is None:
        return False
    if row.live:
        raise StillLive("Somebody is in this interview; end it first.")
    await _blank_counted_calls(connection, interview_id)
    await keep_sums(connection, interview_id)
    for table in reversed(Base.metadata.sorted_tables):
        # Actions go by themselves when their interview is gone, and cannot go otherwise.
        if "interview_id" in table.columns and table is not MonitorActionRow.__table__:
            mine = table.columns["interview_id"] == interview_id
            await connection.execute(delete(table).where(mine))
    await connection.execute(delete(InterviewRow).where(wanted))
    return True


async def _blank_counted_calls(connection: AsyncConnection, interview_id: UUID) -> None:
    """Keep of each call that still counts against the organisation's bound that it was placed.

    Whoever could erase the count could have any number of people called. Nothing is left that says
    who was called, or for what; and those of before, which count no more, go.
    """
    counts = and_(CallRow.direction == "outbound", CallRow.created_at > func.now() - COUNTED_FOR)
    await connection.execute(
        delete(CallRow).where(CallRow.end_reason == ERASED, CallRow.interview_id.is_(None), ~counts)
    )
    await connection.execute(
        update(CallRow)
        .where(CallRow.interview_id == interview_id, counts)
        .values(
            interview_id=None,
            ref=None,
            number="",
            status=ERASED,
            streams=0,
            ticket_hash=None,
            ticket_expires_at=None,
            answered_at=None,
            ended_at=func.now(),
            end_reason=ERASED,
        )
    )


def _is_live() -> ColumnElement[bool]:
    fresh = LiveInterviewRow.seen_at > func.now() - timedelta(seconds=LIVE_FOR_S)
    return exists().where(LiveInterviewRow.interview_id == InterviewRow.id, fresh)
