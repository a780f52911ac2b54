"""Accounts on the command line: who may sign in to an organisation, and with what role."""

import secrets
from uuid import UUID

from server.administration.database import CommandRefused
from server.auth.passwords import Passwords
from server.store.accounts import MAX_EMAIL_CHARS, EmailTaken, LastUser
from server.store.records import Account
from server.store.store import Store
from sessions.monitor.rights import RIGHTS_OF_ROLE


async def list_accounts(store: Store) -> str:
    """Return all accounts, one a line: address, role, organisation, name."""
    found = await store.accounts.list_users()
    if not found:
        return "There is no account yet."
    return "\n".join(
        f"{one.email}  {one.role}  {one.organisation_name}" + (f"  {one.name}" if one.name else "")
        for one in found
    )


async def add_account(
    store: Store, email: str, *, role: str, name: str, organisation: str | None, founding: bool
) -> str:
    """Add a member with a role; return the first password, which is told only here.

    Without `organisation`, the member joins the only one there is. `founding` makes a new one.
    """
    email = _checked_email(email)
    _check_role(role)
    password, hashed = await _new_password()
    try:
        if founding:
            if not organisation:
                raise CommandRefused("Name the new organisation with --organisation.")
            await store.accounts.create_organisation(
                organisation, email=email, password_hash=hashed, user_name=name, role=role
            )
        else:
            await store.accounts.create_user(
                await _organisation(store, organisation),
                email=email,
                password_hash=hashed,
                user_name=name,
                role=role,
            )
    except EmailTaken as error:
        raise CommandRefused(str(error)) from error
    return f"{email} may sign in as {role}. First password: {password}"


async def change_role(store: Store, email: str, role: str) -> str:
    """Give a member another role, which holds at once; return what was done."""
    _check_role(role)
    account = await _account(store, email)
    await store.accounts.set_role(account.organisation_id, account.id, role)
    return f"{account.email} is {role} now."


async def reset_password(store: Store, email: str) -> str:
    """Give a member a new password, which is told only here; all sign-ins of before end."""
    account = await _account(store, email)
    password, hashed = await _new_password()
    await store.accounts.set_password(account.organisation_id, account.id, hashed)
    return f"{account.email} signs in with the new password: {password}"


async def remove_account(store: Store, email: str) -> str:
    """Remove a member, whose sign-ins and sockets end; return what was done.

    What the member made and did stays: plans, interviews, the list of actions.
    """
    account = await _account(store, email)
    try:
        await store.accounts.remove_user(account.organisation_id, account.id)
    except LastUser as error:
        raise CommandRefused(str(error)) from error
    return f"{account.email} is removed."


def _checked_email(email: str) -> str:
    email = email.strip()
    name, at, domain = email.rpartition("@")
    plain = email.isprintable() and not any(character.isspace() for character in email)
    if not (name and at and domain and plain and len(email) <= MAX_EMAIL_CHARS):
        raise CommandRefused(f"{email!r} is not an e-mail address.")
    return email


def _check_role(role: str) -> None:
    if role not in RIGHTS_OF_ROLE:
        raise CommandRefused(f"There is no role {role!r}: {', '.join(RIGHTS_OF_ROLE)}.")


async def _account(store: Store, email: str) -> Account:
    account = await store.accounts.find_user_by_email(email.strip())
    if account is None:
        raise CommandRefused(f"Nobody signs in as {email}.")
    return account


async def _organisation(store: Store, name: str | None) -> UUID:
    known = await store.accounts.organisations()
    fitting = [found for found, called in known if name in (None, called)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise CommandRefused("There is no such organisation; --new makes one.")
    names = ", ".join(sorted(called for _, called in known))
    raise CommandRefused(f"Say which organisation with --organisation: {names}.")


async def _new_password() -> tuple[str, str]:
    password = secrets.token_urlsafe(12)
    passwords = Passwords(1)
    try:
        return password, await passwords.hash(password)
    finally:
        passwords.close()
