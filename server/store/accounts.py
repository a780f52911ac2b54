"""Accounts in PostgreSQL: organisations with their settings, and their users."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.records import Account, Standing
from sessions.monitor.rights import RIGHTS_OF_ROLE, Right
from sessions.record.tables import InterviewRow, Organisation, PlanRow, User
from sessions.record.transaction import fetch_all, fetch_first, transaction

MAX_EMAIL_CHARS = 254
"""Longest e-mail address, in characters (RFC 5321), as signing in takes it."""


class EmailTaken(Exception):
    """Another user has this e-mail address already."""


class LastUser(Exception):
    """Nobody else can sign in to the organisation; the text is a sentence for people."""


class LastAdmin(Exception):
    """Nobody else can manage the organisation's members; the text is a sentence for people."""


MANAGING_ROLES = tuple(role for role, rights in RIGHTS_OF_ROLE.items() if Right.MEMBERS in rights)
"""Roles that may say who signs in."""


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

    async def organisations(self) -> list[tuple[UUID, str]]:
        """Return the ids and names of all organisations."""
        rows = await fetch_all(self.engine, select(Organisation.id, Organisation.name))
        return [(row.id, row.name) for row in rows]

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

    async def list_users(self) -> list[Account]:
        """Return all users of all organisations, by organisation and address."""
        query = _USERS.order_by(Organisation.name, Organisation.id, User.email)
        return [_account(row) for row in await fetch_all(self.engine, query)]

    async def list_members(self, organisation_id: UUID) -> list[Account]:
        """Return the users of one organisation, by address."""
        query = _USERS.where(User.organisation_id == organisation_id).order_by(User.email)
        return [_account(row) for row in await fetch_all(self.engine, query)]

    async def create_user(
        self, organisation_id: UUID, *, email: str, password_hash: str, user_name: str, role: str
    ) -> UUID:
        """Create a user of an organisation, and return the id. Raises EmailTaken."""
        user_id = uuid4()
        user = insert(User).values(
            id=user_id,
            organisation_id=organisation_id,
            email=email.lower(),
            password_hash=password_hash,
            name=user_name,
            role=role,
        )
        try:
            async with transaction(self.engine) as connection:
                await connection.execute(user)
        except IntegrityError as error:
            raise EmailTaken(f"Somebody signs in as {email} already.") from error
        return user_id

    async def set_role(
        self, organisation_id: UUID, user_id: UUID, role: str, *, keep_admin: bool = False
    ) -> None:
        """Give a user another role; all access tokens and sockets of the user end.

        With `keep_admin`, raises LastAdmin where nobody else could manage the members.
        """
        async with transaction(self.engine) as connection:
            await _lock(connection, organisation_id)
            if keep_admin and role not in MANAGING_ROLES:
                await _require_another_admin(connection, organisation_id, user_id)
            await connection.execute(
                update(User)
                .where(
                    User.id == user_id,
                    User.organisation_id == organisation_id,
                    User.role != role,
                )
                .values(role=role, sign_outs=User.sign_outs + 1)
            )

    async def remove_user(
        self, organisation_id: UUID, user_id: UUID, *, keep_admin: bool = False
    ) -> None:
        """Remove a user; what the user has made stays.

        Raises LastUser for the only one; with `keep_admin`, LastAdmin where nobody else could
        manage the members.
        """
        async with transaction(self.engine) as connection:
            await _lock(connection, organisation_id)
            others = await connection.scalar(
                select(func.count()).where(
                    User.organisation_id == organisation_id, User.id != user_id
                )
            )
            if not others:
                raise LastUser("This is the organisation's only account: nobody could sign in.")
            if keep_admin:
                await _require_another_admin(connection, organisation_id, user_id)
            for made in (PlanRow, InterviewRow):
                await connection.execute(
                    update(made).where(made.created_by == user_id).values(created_by=None)
                )
            await connection.execute(
                delete(User).where(User.id == user_id, User.organisation_id == organisation_id)
            )

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
        row = await fetch_first(self.engine, _USERS.where(condition))
        return None if row is None else _account(row)


async def _lock(connection: AsyncConnection, organisation_id: UUID) -> None:
    """Wait for other changes of the members: two at once must not leave nobody."""
    mine = Organisation.id == organisation_id
    await connection.execute(select(Organisation.id).where(mine).with_for_update())


async def _require_another_admin(
    connection: AsyncConnection, organisation_id: UUID, user_id: UUID
) -> None:
    """Raise LastAdmin if this user manages the members, and nobody else does."""
    admins = await connection.scalars(
        select(User.id).where(
            User.organisation_id == organisation_id, User.role.in_(MANAGING_ROLES)
        )
    )
    if set(admins) == {user_id}:
        raise LastAdmin("This is the organisation's only admin: nobody could manage its members.")


_USERS: Select[Any] = select(*User.__table__.c, Organisation.name.label("organisation_name")).join(
    Organisation, Organisation.id == User.organisation_id
)


def _account(row: Row[Any]) -> Account:
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
