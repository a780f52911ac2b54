"""Accounts in PostgreSQL: organisations with their settings, and their users."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.records import Account, Standing
from sessions.record.tables import Organisation, User
from sessions.record.transaction import fetch_all, fetch_first, transaction


class EmailTaken(Exception):
    """Another user has this e-mail address already."""


@dataclass(frozen=True, slots=True)
class AccountStore:
    """Who may sign in. All but signing in itself is bound to an organisation."""

    engine: AsyncEngine

    # --- organisations ---------------------------------------------------------------------------

    async def create_organisation(
        self, name: str, *, email: str, password_hash: str, user_name: str, role: str
    ) -> Account:
        """Create an organisation with its first user. Raises EmailTaken, and then makes neither."""
        organisation_id = uuid4()
        try:
            async with transaction(self.engine) as connection:
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
        """Return an organisation's name; an empty one if there is no such organisation."""
        query = select(Organisation.name).where(Organisation.id == organisation_id)
        async with transaction(self.engine) as connection:
            return await connection.scalar(query) or ""

    async def tell_listening(self, organisation_id: UUID, tell: bool | None = None) -> bool:
        """Return whether candidates of an organisation are told when somebody listens.

        `tell` sets it first.
        """
        mine: ColumnElement[bool] = Organisation.id == organisation_id
        async with transaction(self.engine) as connection:
            if tell is not None:
                await connection.execute(
                    update(Organisation).where(mine).values(tell_listening=tell)
                )
            told = await connection.scalar(select(Organisation.tell_listening).where(mine))
        return bool(told)

    # --- users -----------------------------------------------------------------------------------

    async def has_users(self) -> bool:
        """Return whether anybody can sign in at all."""
        return await fetch_first(self.engine, select(User.id).limit(1)) is not None

    async def find_user_by_email(self, email: str) -> Account | None:
        """Return the user with this address, of whichever organisation."""
        return await self._find(User.email == email.lower())

    async def find_user(self, organisation_id: UUID, user_id: UUID) -> Account | None:
        """Return a user of this organisation, if still there."""
        return await self._find(and_(User.id == user_id, User.organisation_id == organisation_id))

    async def set_password(self, organisation_id: UUID, user_id: UUID, password_hash: str) -> None:
        """Replace a user's password hash; all access tokens and sockets of the user end."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                update(User)
                .where(User.id == user_id, User.organisation_id == organisation_id)
                .values(password_hash=password_hash, sign_outs=User.sign_outs + 1)
            )

    async def sign_out(self, organisation_id: UUID, user_id: UUID) -> None:
        """End all access tokens and sockets of a user."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                update(User)
                .where(User.id == user_id, User.organisation_id == organisation_id)
                .values(sign_outs=User.sign_outs + 1)
            )

    async def standings(self, user_ids: Iterable[UUID]) -> dict[UUID, Standing]:
        """Return what these users may do at present; a user who was removed is left out."""
        query = select(User.id, User.role, User.sign_outs).where(User.id.in_(list(user_ids)))
        rows = await fetch_all(self.engine, query)
        return {row.id: Standing(row.role, row.sign_outs) for row in rows}

    async def _find(self, condition: ColumnElement[bool]) -> Account | None:
        query = (
            select(*User.__table__.c, Organisation.name.label("organisation_name"))
            .join(Organisation, Organisation.id == User.organisation_id)
            .where(condition)
        )
        row = await fetch_first(self.engine, query)
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
