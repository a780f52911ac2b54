"""Telephone calls in PostgreSQL: whose they are, and the tickets that open their streams."""

from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from server.store.base import BaseStore, hash_secret, new_secret
from server.store.interviews import INTERVIEWS, interview_of
from server.store.records import OVER, Call, Interview
from sessions.record.tables import CallRow, InterviewRow
from sessions.record.transaction import transaction

MAX_STREAMS = 20
"""How often the sound of one call is asked for: a call that is lost and taken up again more often
is one that something is wrong with, and would never end."""

_CALL = [CallRow.__table__.c[field.name] for field in fields(Call)]


class CallStore(BaseStore):
    """Calls, by the bridge's name for them; and interviews, by what a caller can show."""

    async def interviews_of_phone(self, phone: str, *, reentry_lifetime_s: int) -> list[Interview]:
        """Those that a call from this number (E.164) may be for, newest first; ten at most."""
        query = (
            INTERVIEWS.where(
                InterviewRow.candidate_phone == phone, _may_be_entered(reentry_lifetime_s)
            )
            .order_by(InterviewRow.created_at.desc())
            .limit(10)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return [interview_of(row) for row in rows]

    async def interview_of_pin(self, pin_hash: str, *, reentry_lifetime_s: int) -> Interview | None:
        """The one that this PIN leads to, if it may be entered."""
        query = INTERVIEWS.where(
            InterviewRow.pin_hash == pin_hash, _may_be_entered(reentry_lifetime_s)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else interview_of(row)

    async def interview_of_call(self, call: Call) -> Interview | None:
        """The interview that the call is for, over or not; None as long as nobody knows."""
        if call.interview_id is None:
            return None
        query = INTERVIEWS.where(InterviewRow.id == call.interview_id)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else interview_of(row)

    async def begin_call(self, bridge: str, interview: Interview, number: str) -> Call:
        """An outbound call that the bridge is about to be asked for."""
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
        async with transaction(self._engine) as connection:
            return _call((await connection.execute(statement)).one())

    async def name_call(self, call_id: UUID, bridge: str, ref: str) -> Call | None:
        """The bridge has given an outbound call its name. None for a call that is not there, or
        that has another name already."""
        statement = (
            update(CallRow)
            .where(
                CallRow.id == call_id,
                CallRow.bridge == bridge,
                or_(CallRow.ref.is_(None), CallRow.ref == ref),
            )
            .values(ref=ref)
            .returning(*_CALL)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else _call(row)

    async def take_call(self, bridge: str, ref: str, number: str) -> Call:
        """The call of this name; a new inbound one if there is none yet."""
        fresh = (
            insert(CallRow)
            .values(id=uuid4(), bridge=bridge, ref=ref, direction="inbound", number=number)
            .on_conflict_do_nothing(index_elements=["bridge", "ref"])
        )
        async with transaction(self._engine) as connection:
            await connection.execute(fresh)
            return _call((await connection.execute(_named(bridge, ref))).one())

    async def call(self, bridge: str, ref: str) -> Call | None:
        """The call of this name."""
        async with transaction(self._engine) as connection:
            row = (await connection.execute(_named(bridge, ref))).first()
        return None if row is None else _call(row)

    async def bind_call(self, call_id: UUID, interview: Interview) -> None:
        """It is known whose call it is."""
        await self._change(
            call_id, organisation_id=interview.organisation_id, interview_id=interview.id
        )

    async def note_call(self, call_id: UUID, status: str, *, end_reason: str | None = None) -> None:
        """How the call stands; with a reason, that nothing more is to be said in it. What comes
        after its end changes nothing."""
        changes: dict[str, Any] = {"status": status}
        if end_reason is not None:
            changes |= {"ended_at": func.now(), "end_reason": end_reason}
        await self._change(call_id, **changes)

    async def answer_call(self, call_id: UUID) -> None:
        """The caller has been received: nothing of that is to be said again in this call."""
        await self._change(call_id, answered_at=func.now())

    async def issue_call_ticket(self, call_id: UUID, step: int, lifetime_s: int) -> str | None:
        """A ticket for the stream that follows the call's `step`-th, in place of any older one.

        None when that one has been asked for already (the first may be asked for again as long as
        its ticket was not used: vendors repeat what was not answered in time), when the call has
        had too many, or is over.
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
        async with transaction(self._engine) as connection:
            issued = (await connection.execute(statement)).first()
        return None if issued is None else ticket

    async def consume_call_ticket(self, bridge: str, ref: str, ticket: str) -> Call | None:
        """Use the ticket up: the call it was made for, if it is this one. None otherwise, and for
        one that is unknown, used or expired."""
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
        async with transaction(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return None if row is None else _call(row)

    async def calls_of(self, organisation_id: UUID, interview_id: UUID) -> list[Call]:
        """All calls of an interview, oldest first."""
        query = (
            select(*_CALL)
            .where(CallRow.organisation_id == organisation_id, CallRow.interview_id == interview_id)
            .order_by(CallRow.created_at)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return [_call(row) for row in rows]

    async def _change(self, call_id: UUID, **values: Any) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(CallRow)
                .where(CallRow.id == call_id, CallRow.ended_at.is_(None))
                .values(**values)
            )


def _named(bridge: str, ref: str) -> Any:
    return select(*_CALL).where(CallRow.bridge == bridge, CallRow.ref == ref)


def _may_be_entered(reentry_lifetime_s: int) -> ColumnElement[bool]:
    """As with a join link: in time, or begun not too long ago."""
    grace = timedelta(seconds=reentry_lifetime_s)
    begun = and_(InterviewRow.status == "running", InterviewRow.started_at + grace > func.now())
    in_time = or_(InterviewRow.join_expires_at > func.now(), begun)
    return and_(InterviewRow.status.not_in(OVER), in_time)


def _call(row: Row[Any]) -> Call:
    return Call(**{field.name: getattr(row, field.name) for field in fields(Call)})
