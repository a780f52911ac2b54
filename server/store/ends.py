"""Ends of interviews in PostgreSQL: how one went is put on record, or taken back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.records import OVER, RENEWABLE
from sessions.interviewer.outcome import Outcome, outcome_left
from sessions.plan.plan import Plan
from sessions.record.store import turn_of
from sessions.record.tables import InterviewRow, SessionRow, TurnRow
from sessions.turntaking.causes import EndReason

LEFT: Select[Any] = select(
    InterviewRow.id, InterviewRow.status, InterviewRow.plan_document, InterviewRow.time_limit_s
)
"""Rows of interviews that are about to be ended."""

log = structlog.get_logger()


async def read_outcome(connection: AsyncConnection, row: Row[Any]) -> Outcome | None:
    """Return how the interview in a row of `LEFT` went, from its open session's turns.

    None where its record cannot be read: it must not stay open for that.
    """
    columns = TurnRow.__table__.c
    query = (
        select(*columns)
        .join(SessionRow, SessionRow.id == columns.session_id)
        .where(columns.interview_id == row.id, SessionRow.ended_at.is_(None))
        .order_by(columns.index)
    )
    found = (await connection.execute(query)).mappings().all()
    try:
        plan = Plan.model_validate(row.plan_document)
        return outcome_left(plan, [turn_of(one) for one in found], row.time_limit_s)
    except (LookupError, TypeError, ValueError) as error:
        log.warning("outcome cannot be read", interview_id=str(row.id), problem=str(error))
        return None


async def put_end(
    connection: AsyncConnection,
    interview_id: UUID,
    status: str,
    reason: str,
    coverage: Mapping[str, str] | None,
) -> None:
    """Put the end of an interview and of its open session on record."""
    await connection.execute(
        update(InterviewRow)
        .where(InterviewRow.id == interview_id)
        .values(
            status=status,
            ended_at=func.now(),
            end_reason=reason,
            coverage=None if coverage is None else dict(coverage),
        )
    )
    await connection.execute(
        update(SessionRow)
        .where(SessionRow.interview_id == interview_id, SessionRow.ended_at.is_(None))
        .values(ended_at=func.now(), end_reason=reason)
    )


async def reopen(connection: AsyncConnection, organisation_id: UUID, interview_id: UUID) -> None:
    """Open an interview again that ended only because nobody could enter it any more."""
    ended = and_(
        InterviewRow.id == interview_id,
        InterviewRow.organisation_id == organisation_id,
        InterviewRow.status.in_(OVER),
        InterviewRow.end_reason.in_(RENEWABLE),
    )
    reason = await connection.scalar(select(InterviewRow.end_reason).where(ended).with_for_update())
    if reason is None:
        return
    await connection.execute(
        update(InterviewRow)
        .where(InterviewRow.id == interview_id)
        .values(
            status="invited" if reason == EndReason.EXPIRED else "running",
            ended_at=None,
            end_reason=None,
            coverage=None,
        )
    )
    await connection.execute(
        update(SessionRow)
        .where(SessionRow.interview_id == interview_id, SessionRow.end_reason == reason)
        .values(ended_at=None, end_reason=None)
    )
