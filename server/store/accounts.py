"""Organisations, users and plans in PostgreSQL."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.store.base import BaseStore
from server.store.records import Account, PlanSummary, StoredPlan
from sessions.record.tables import Organisation, PlanRow, User
from sessions.record.transaction import transaction


class EmailTaken(Exception):
    """Another user has this e-mail address already."""


class AccountStore(BaseStore):
    """Who may sign in. All but signing in itself is bound to an organisation."""

    async def create_organisation(
        self, name: str, *, email: str, password_hash: str, user_name: str, role: str
    ) -> Account:
        """A new organisation with its first user. Raises EmailTaken, and then makes neither."""
        organisation_id = uuid4()
        try:
            async with transaction(self._engine) as connection:
                await connection.execute(insert(Organisation).values(id=organisation_id, name=name))
                await connection.execute(
                    insert(User).values(
                        id=uuid4(),
                        organisation_id=organisation_id,
                        email=email.lower(),
                        password_hash=password_hash,
                        name=user_name,
                        role=role,
                    )
                )
        except IntegrityError as error:
            raise EmailTaken(f"Somebody signs in as {email} already.") from error
        account = await self.find_user_by_email(email)
        if account is None:
            raise EmailTaken(f"The account {email} was removed while it was made.")
        return account

    async def organisation_name(self, organisation_id: UUID) -> str:
        """What it is called; nothing for one that is not there."""
        query = select(Organisation.name).where(Organisation.id == organisation_id)
        async with transaction(self._engine) as connection:
            return await connection.scalar(query) or ""

    async def any_user(self) -> bool:
        """Whether somebody can sign in at all."""
        async with transaction(self._engine) as connection:
            return (await connection.execute(select(User.id).limit(1))).first() is not None

    async def find_user_by_email(self, email: str) -> Account | None:
        """For signing in: the address says which organisation."""
        return await self._account(User.email == email.lower())

    async def user(self, organisation_id: UUID, user_id: UUID) -> Account | None:
        """A user of this organisation, if still there."""
        return await self._account(
            and_(User.id == user_id, User.organisation_id == organisation_id)
        )

    async def set_password(self, organisation_id: UUID, user_id: UUID, password_hash: str) -> None:
        """Replace a user's password hash."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(User)
                .where(User.id == user_id, User.organisation_id == organisation_id)
                .values(password_hash=password_hash)
            )

    async def _account(self, condition: ColumnElement[bool]) -> Account | None:
        query = (
            select(*User.__table__.c, Organisation.name.label("organisation_name"))
            .join(Organisation, Organisation.id == User.organisation_id)
            .where(condition)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return Account(
            row.id,
            row.organisation_id,
            row.organisation_name,
            row.email,
            row.name,
            row.role,
            row.password_hash,
            row.sign_outs,
        )


class PlanStore(BaseStore):
    """Plans as they were uploaded, each of one organisation."""

    async def create_plan(
        self, organisation_id: UUID, title: str, document: dict[str, Any], created_by: UUID | None
    ) -> StoredPlan:
        """Keep a plan that has been checked."""
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                insert(PlanRow)
                .values(
                    id=uuid4(),
                    organisation_id=organisation_id,
                    title=title,
                    document=document,
                    created_by=created_by,
                )
                .returning(PlanRow.id, PlanRow.created_at)
            )
            row = found.one()
        return StoredPlan(row.id, organisation_id, title, document, row.created_at)

    async def plans(self, organisation_id: UUID, limit: int = 500) -> list[PlanSummary]:
        """The organisation's plans, newest first."""
        query = (
            select(PlanRow.id, PlanRow.title, PlanRow.created_at)
            .where(PlanRow.organisation_id == organisation_id)
            .order_by(PlanRow.created_at.desc(), PlanRow.id.desc())
            .limit(limit)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return [PlanSummary(row.id, row.title, row.created_at) for row in rows]

    async def plan(self, organisation_id: UUID, plan_id: UUID) -> StoredPlan | None:
        """One plan of this organisation."""
        columns = PlanRow.__table__.c
        query = select(*columns).where(
            columns.id == plan_id, columns.organisation_id == organisation_id
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return StoredPlan(row.id, row.organisation_id, row.title, row.document, row.created_at)
