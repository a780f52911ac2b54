"""Telephone calls in PostgreSQL: which interview they are for, and the tickets of their streams."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.interviews import INTERVIEWS, in_time, interview_of
from server.store.records import OVER, Call, Interview
from server.store.secrets import hash_secret, new_secret
from sessions.record.tables import CallRow, InterviewRow, Organisation
from sessions.record.transaction import fetch_all, fetch_first, transaction

COUNTED_FOR = timedelta(hours=1)
"""Time for which a call that was placed counts."""

MAX_STREAMS = 20
"""Most streams of one call: one that is lost and taken up again more often would never end."""

_CALL = [CallRow.__table__.c[field.name] for field in fields(Call)]


class TooManyCalls(Exception):
    """An organisation has had too many calls placed; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class CallStore:
    """Calls, by the bridge's name for them; and interviews, by what identifies a caller."""

    engine: AsyncEngine

    async def interviews_of_phone(self, phone: str, *, reentry_lifetime_s: int) -> list[Interview]:
        """Return the interviews that a call from this number (E.164) may be for.

        Newest first; ten at most.
        """
        query = (
            INTERVIEWS.where(
                InterviewRow.candidate_phone == phone, _may_be_entered(reentry_lifetime_s)
            )
            .order_by(InterviewRow.created_at.desc())
            .limit(10)
        )
        rows = await fetch_all(self.engine, query)
        return [interview_of(row) for row in rows]

    async def interview_of_pin(self, pin_hash: str, *, reentry_lifetime_s: int) -> Interview | None:
        """Return the interview that this PIN leads to, if it may be entered."""
        query = INTERVIEWS.where(
            InterviewRow.pin_hash == pin_hash, _may_be_entered(reentry_lifetime_s)
        )
        row = await fetch_first(self.engine, query)
        return None if row is None else interview_of(row)

    async def interview_of_call(self, call: Call) -> Interview | None:
        """Return the interview that the call is for, over or not; None while that is unknown."""
        if call.interview_id is None:
            return None
        query = INTERVIEWS.where(InterviewRow.id == call.interview_id)
        row = await fetch_first(self.engine, query)
        return None if row is None else interview_of(row)

    async def create_outbound(
        self, bridge: str, interview: Interview, number: str, *, most_per_hour: int = 0
    ) -> Call:
        """Create an outbound call, which the bridge is about to be asked for.

        Raises TooManyCalls where the organisation has had `most_per_hour` (0: no limit) placed
        within an hour, whatever became of them.
        """
        statement = (
            insert(CallRow)
            .values(
                id=uuid4(),
                organisation_id=interview.organisation_id,
                interview_id=interview.id,
                bridge=bridge,
                direction="outbound",
                number=number,
            )
            .returning(*_CALL)
        )
        async with transaction(self.engine) as connection:
            if most_per_hour:
                await _make_room(connection, interview.organisation_id, most_per_hour)
            return _call((await connection.execute(statement)).one())

    async def set_ref(self, call_id: UUID, bridge: str, ref: str) -> Call | None:
        """Give an outbound call the bridge's name for it; return the call.

        None for a call that is not there, or that has another name already.
        """
        statement = (
            update(CallRow)
            .where(
                CallRow.id == call_id,
                CallRow.bridge == bridge,
                CallRow.interview_id.is_not(None),  # or it was erased meanwhile
                or_(CallRow.ref.is_(None), CallRow.ref == ref),
            )
            .values(ref=ref)
            .returning(*_CALL)
        )
        row = await fetch_first(self.engine, statement)
        return None if row is None else _call(row)

    async def find_or_create(self, bridge: str, ref: str, number: str) -> Call:
        """Return the call of this name; a new inbound one if there is none yet."""
        fresh = (
            insert(CallRow)
            .values(id=uuid4(), bridge=bridge, ref=ref, direction="inbound", number=number)
            .on_conflict_do_nothing(index_elements=["bridge", "ref"])
        )
        async with transaction(self.engine) as connection:
            await connection.execute(fresh)
            return _call((await connection.execute(_by_ref(bridge, ref))).one())

    async def find(self, bridge: str, ref: str) -> Call | None:
        """Return the call of this name."""
        row = await fetch_first(self.engine, _by_ref(bridge, ref))
        return None if row is None else _call(row)

    async def set_interview(self, call_id: UUID, interview: Interview) -> bool:
        """Note which interview a call is for; return whether it is for this one now.

        A call that is for another one already stays so: whoever knows a call's name must not be
        able to take it over.
        """
        statement = (
            update(CallRow)
            .where(
                CallRow.id == call_id,
                CallRow.ended_at.is_(None),
                or_(CallRow.interview_id.is_(None), CallRow.interview_id == interview.id),
            )
            .values(organisation_id=interview.organisation_id, interview_id=interview.id)
            .returning(CallRow.id)
        )
        return await fetch_first(self.engine, statement) is not None

    async def set_status(
        self, call_id: UUID, status: str, *, end_reason: str | None = None
    ) -> None:
        """Note a call's status; with a reason, the call ends. After its end nothing changes."""
        changes: dict[str, Any] = {"status": status}
        if end_reason is not None:
            changes |= {"ended_at": func.now(), "end_reason": end_reason}
        await self._change(call_id, **changes)

    async def set_answered(self, call_id: UUID, at: datetime) -> None:
        """Note that the caller was greeted and has consented: neither is repeated in this call."""
        await self._change(call_id, answered_at=at)

    async def issue_ticket(self, call_id: UUID, step: int, lifetime_s: int) -> str | None:
        """Replace the call's ticket by one for the stream that follows its `step`-th; return it.

        None when that stream was asked for already (the first may be asked for again as long as
        its ticket was not used: vendors repeat what was not answered in time), when the call has
        had too many streams, or is over.
        """
        ticket = new_secret()
        due = CallRow.streams == step
        if step == 0:
            due = or_(due, and_(CallRow.streams == 1, CallRow.ticket_hash.is_not(None)))
        statement = (
            update(CallRow)
            .where(CallRow.id == call_id, CallRow.ended_at.is_(None), due)
            .values(
                ticket_hash=hash_secret(ticket),
                ticket_expires_at=func.now() + timedelta(seconds=lifetime_s),
                streams=step + 1,
            )
            .returning(CallRow.id)
        )
        if step >= MAX_STREAMS:
            return None
        issued = await fetch_first(self.engine, statement)
        return None if issued is None else ticket

    async def consume_ticket(self, bridge: str, ref: str, ticket: str) -> Call | None:
        """Use a ticket up; return the call it was made for, if it is this one.

        None otherwise, and for a ticket that is unknown, used or expired.
        """
        statement = (
            update(CallRow)
            .where(
                CallRow.bridge == bridge,
                CallRow.ref == ref,
                CallRow.ticket_hash == hash_secret(ticket),
                CallRow.ticket_expires_at > func.now(),
                CallRow.ended_at.is_(None),
            )
            .values(ticket_hash=None, status="talking")
            .returning(*_CALL)
        )
        row = await fetch_first(self.engine, statement)
        return None if row is None else _call(row)

    async def list_for(self, organisation_id: UUID, interview_id: UUID) -> list[Call]:
        """Return all calls of an interview, oldest first."""
        query = (
            select(*_CALL)
            .where(CallRow.organisation_id == organisation_id, CallRow.interview_id == interview_id)
            .order_by(CallRow.created_at)
        )
        rows = await fetch_all(self.engine, query)
        return [_call(row) for row in rows]

    async def _change(self, call_id: UUID, **values: Any) -> None:
        async with transaction(self.engine) as connection:
            await connection.execute(
                update(CallRow)
                .where(CallRow.id == call_id, CallRow.ended_at.is_(None))
                .values(**values)
            )


async def _make_room(connection: AsyncConnection, organisation_id: UUID, most: int) -> None:
    """Check that one more call may be placed; of many at once, one after the other is counted."""
    await connection.execute(
        select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
    )
    placed = await connection.scalar(
        select(func.count()).where(
            CallRow.organisation_id == organisation_id,
            CallRow.direction == "outbound",
            CallRow.created_at > func.now() - COUNTED_FOR,
        )
    )
    if (placed or 0) >= most:
        raise TooManyCalls(
            f"Your organisation has had {most} calls placed within an hour; please try again later."
        )


def _by_ref(bridge: str, ref: str) -> Any:
    return select(*_CALL).where(CallRow.bridge == bridge, CallRow.ref == ref)


def _may_be_entered(reentry_lifetime_s: int) -> ColumnElement[bool]:
    return and_(InterviewRow.status.not_in(OVER), in_time(reentry_lifetime_s))


def _call(row: Row[Any]) -> Call:
    return Call(**{field.name: getattr(row, field.name) for field in fields(Call)})
