"""Tickets in PostgreSQL: what opens sockets, and the join tokens they are exchanged for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.interviews import INTERVIEWS, in_time, interview_of
from server.store.records import OVER, Invitation, TicketGrant, TicketUser
from server.store.secrets import hash_secret, new_secret
from sessions.record.tables import InterviewRow, Organisation, TicketRow
from sessions.record.transaction import fetch_first, transaction

CANDIDATE_TICKET = "candidate"
"""The kind of ticket that opens the interview's socket, once."""

MONITOR_TICKET = "monitor"
"""The kind of ticket that opens a monitor's socket, once."""

REALTIME_KEY = "realtime"
"""The kind of ticket that opens sockets of the OpenAI Realtime protocol, until it expires."""

KEY_PREFIX = "ek_"
"""Beginning of Realtime keys: browser SDKs take no key that begins with anything else."""

PURGE_AT_ONCE = 200
"""Expired tickets removed with each new one; more than one a time, so that they run out."""


@dataclass(frozen=True, slots=True)
class TicketStore:
    """Secrets that lead to an interview: each says which organisation it belongs to."""

    engine: AsyncEngine

    async def find_invitation(
        self, token: str, reentry_lifetime_s: int | None = None
    ) -> Invitation | None:
        """Return what a join token leads to; None for an unknown one. Changes nothing.

        `reentry_lifetime_s`: see `in_time`.
        """
        query = (
            INTERVIEWS.add_columns(Organisation.name.label("organisation_name"))
            .add_columns(in_time(reentry_lifetime_s).label("in_time"), Organisation.tell_listening)
            .join(Organisation, Organisation.id == InterviewRow.organisation_id)
            .where(InterviewRow.join_token_hash == hash_secret(token))
        )
        row = await fetch_first(self.engine, query)
        if row is None:
            return None
        return Invitation(
            interview_of(row),
            row.organisation_name,
            expired=not row.in_time,
            tell_listening=row.tell_listening,
        )

    async def issue(
        self,
        organisation_id: UUID,
        interview_id: UUID,
        kind: str,
        lifetime_s: int,
        user: TicketUser | None = None,
    ) -> str:
        """Make a ticket that works for `lifetime_s`; return it. Removes some expired tickets."""
        whose: dict[str, Any] = {}
        if user is not None:
            rights = " ".join(sorted(user.rights))
            whose = {"user_id": user.user_id, "rights": rights, "sign_outs": user.sign_outs}
        return (await self._insert(organisation_id, interview_id, kind, lifetime_s, **whose))[0]

    async def issue_client_secret(
        self, grant: TicketGrant, lifetime_s: int, session: Mapping[str, Any]
    ) -> tuple[str, datetime]:
        """Make another Realtime key for the interview of a grant; return it, and when it expires.

        Its connections begin with the settings in `session`. It outlives no key that it was made
        with.
        """
        owner = (grant.organisation_id, grant.interview_id)
        return await self._insert(
            *owner, REALTIME_KEY, lifetime_s, until=grant.expires_at, session=dict(session)
        )

    async def _insert(
        self,
        organisation_id: UUID,
        interview_id: UUID,
        kind: str,
        lifetime_s: int,
        *,
        until: datetime | None = None,
        **more: Any,
    ) -> tuple[str, datetime]:
        ticket = KEY_PREFIX * (kind == REALTIME_KEY) + new_secret()
        expires_at = func.now() + timedelta(seconds=lifetime_s)
        if until is not None:
            expires_at = func.least(expires_at, until)
        stale = (
            select(TicketRow.hash)
            .where(TicketRow.expires_at <= func.now())
            .limit(PURGE_AT_ONCE)
            .with_for_update(skip_locked=True)  # two such calls must not wait for one another
        )
        async with transaction(self.engine) as connection:
            await connection.execute(delete(TicketRow).where(TicketRow.hash.in_(stale)))
            made = await connection.execute(
                insert(TicketRow)
                .values(
                    hash=hash_secret(ticket),
                    organisation_id=organisation_id,
                    interview_id=interview_id,
                    kind=kind,
                    expires_at=expires_at,
                    **more,
                )
                .returning(TicketRow.expires_at)
            )
            return ticket, made.scalar_one()

    async def check(self, ticket: str, kind: str) -> TicketGrant | None:
        """Return what a ticket that works until it expires allows; None as for `consume`."""
        query = (
            select(*TicketRow.__table__.c, InterviewRow.status)
            .join(InterviewRow, InterviewRow.id == TicketRow.interview_id)
            .where(
                TicketRow.hash == hash_secret(ticket),
                TicketRow.kind == kind,
                TicketRow.expires_at > func.now(),
            )
        )
        row = await fetch_first(self.engine, query)
        if row is None:
            return None
        return TicketGrant(
            row.organisation_id,
            row.interview_id,
            kind,
            over=row.status in OVER,
            expires_at=row.expires_at,
            session=row.session,
        )

    async def consume(self, ticket: str, kind: str) -> TicketGrant | None:
        """Use a ticket up; of any number of calls at once, one gets the grant, the others None.

        None, too, for a ticket that is unknown, expired or of another kind.
        """
        statement = (
            update(TicketRow)
            .where(
                TicketRow.hash == hash_secret(ticket),
                TicketRow.kind == kind,
                TicketRow.used_at.is_(None),
                TicketRow.expires_at > func.now(),
            )
            .values(used_at=func.now())
            .returning(*TicketRow.__table__.c)
        )
        row = await fetch_first(self.engine, statement)
        if row is None:
            return None
        user = None
        if row.user_id is not None:
            user = TicketUser(row.user_id, frozenset((row.rights or "").split()), row.sign_outs)
        return TicketGrant(row.organisation_id, row.interview_id, row.kind, user)
