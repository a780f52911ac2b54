"""Interviews in PostgreSQL: invitations, how they went, and what was said in them."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.ends import LEFT, put_end, read_outcome, reopen
from server.store.records import OVER, Interview, NewInterview, Page, RecordedTurn
from server.store.secrets import hash_secret, new_secret
from sessions.record.store import turn_of
from sessions.record.tables import InterviewRow, PlanRow, SessionRow, TicketRow, TurnRow
from sessions.record.transaction import fetch_all, fetch_first, transaction

INTERVIEWS: Select[Any] = select(*InterviewRow.__table__.c, PlanRow.title.label("plan_title")).join(
    PlanRow, PlanRow.id == InterviewRow.plan_id
)
"""Rows that `interview_of` reads; conditions are added to it."""


def interview_of(row: Row[Any]) -> Interview:
    """Return the interview in a row of `INTERVIEWS`."""
    return Interview(**{field.name: getattr(row, field.name) for field in fields(Interview)})


@dataclass(frozen=True, slots=True)
class InterviewStore:
    """Interviews, each of one organisation."""

    engine: AsyncEngine

    async def create(
        self,
        organisation_id: UUID,
        new: NewInterview,
        join_lifetime_s: int,
        created_by: UUID | None,
    ) -> tuple[Interview, str]:
        """Create an interview; return it with its join token, which is told only here."""
        token = new_secret()
        interview_id = uuid4()
        statement = insert(InterviewRow).values(
            id=interview_id,
            organisation_id=organisation_id,
            plan_id=new.plan.id,
            plan_document=new.plan.document,
            candidate_name=new.candidate_name,
            candidate_email=new.candidate_email,
            candidate_phone=new.candidate_phone,
            pin_hash=new.pin_hash,
            language=new.language,
            time_limit_s=new.time_limit_s,
            accommodation=new.accommodation,
            join_token_hash=hash_secret(token),
            join_expires_at=func.now() + timedelta(seconds=join_lifetime_s),
            created_by=created_by,
        )
        async with transaction(self.engine) as connection:
            await connection.execute(statement)
            row = (await connection.execute(_interviews(organisation_id, interview_id))).one()
        return interview_of(row), token

    async def list_page(
        self,
        organisation_id: UUID,
        *,
        status: str | None = None,
        limit: int = 50,
        after: Page | None = None,
    ) -> list[Interview]:
        """Return at most `limit` of the organisation's interviews after `after`, newest first."""
        query = _interviews(organisation_id)
        if status is not None:
            query = query.where(InterviewRow.status == status)
        if after is not None:
            query = query.where(
                tuple_(InterviewRow.created_at, InterviewRow.id)
                < tuple_(after.created_at, after.id)
            )
        query = query.order_by(InterviewRow.created_at.desc(), InterviewRow.id.desc())
        rows = await fetch_all(self.engine, query.limit(limit))
        return [interview_of(row) for row in rows]

    async def find(self, organisation_id: UUID, interview_id: UUID) -> Interview | None:
        """Return one interview of this organisation."""
        row = await fetch_first(self.engine, _interviews(organisation_id, interview_id))
        return None if row is None else interview_of(row)

    async def renew_link(
        self, organisation_id: UUID, interview_id: UUID, join_lifetime_s: int
    ) -> str | None:
        """Replace the join token; return the new one.

        The old token and the tickets it was exchanged for stop working. An interview that has ended
        because its time to be entered was over is open again, at the same question. None when it is
        over for good or not there.
        """
        token = new_secret()
        async with transaction(self.engine) as connection:
            await reopen(connection, organisation_id, interview_id)
            statement = (
                update(InterviewRow)
                .where(_open(organisation_id, interview_id))
                .values(
                    join_token_hash=hash_secret(token),
                    join_expires_at=func.now() + timedelta(seconds=join_lifetime_s),
                )
                .returning(InterviewRow.id)
            )
            renewed = (await connection.execute(statement)).first()
            if renewed is not None:
                await connection.execute(
                    delete(TicketRow).where(TicketRow.interview_id == interview_id)
                )
        return None if renewed is None else token

    async def end(self, organisation_id: UUID, interview_id: UUID, reason: str) -> bool:
        """End an interview with its open session; return False if it was over already."""
        query = LEFT.where(_open(organisation_id, interview_id)).with_for_update(of=InterviewRow)
        async with transaction(self.engine) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return False
            outcome = await read_outcome(connection, row)
            coverage = None if outcome is None else outcome.coverage
            await put_end(connection, interview_id, "ended", reason, coverage)
            return True

    async def transcript(self, organisation_id: UUID, interview_id: UUID) -> list[RecordedTurn]:
        """Return all turns of an interview, session after session, in order."""
        columns = TurnRow.__table__.c
        query = (
            select(*columns)
            .join(SessionRow, SessionRow.id == columns.session_id)
            .where(columns.interview_id == interview_id, columns.organisation_id == organisation_id)
            .order_by(SessionRow.started_at, columns.session_id, columns.index)
        )
        async with transaction(self.engine) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [RecordedTurn(row["session_id"], turn_of(row)) for row in rows]


def in_time(reentry_lifetime_s: int | None) -> ColumnElement[bool]:
    """Return the condition under which an interview may be entered, as far as time goes.

    One that has begun can be re-entered until `reentry_lifetime_s` after its start, even where the
    link's own time is over: a reload must not shut a candidate out.
    """
    link_is_valid = InterviewRow.join_expires_at > func.now()
    if reentry_lifetime_s is None:
        return link_is_valid
    grace = timedelta(seconds=reentry_lifetime_s)
    begun = and_(InterviewRow.status == "running", InterviewRow.started_at + grace > func.now())
    return or_(link_is_valid, begun)


def _open(organisation_id: UUID, interview_id: UUID) -> ColumnElement[bool]:
    return and_(
        InterviewRow.id == interview_id,
        InterviewRow.organisation_id == organisation_id,
        InterviewRow.status.not_in(OVER),
    )


def _interviews(organisation_id: UUID, interview_id: UUID | None = None) -> Select[Any]:
    query = INTERVIEWS.where(InterviewRow.organisation_id == organisation_id)
    return query if interview_id is None else query.where(InterviewRow.id == interview_id)
