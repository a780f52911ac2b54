"""Access to the API: who is signed in, what that user may do, and the text that requests hold.

A route names the right that it needs as the type of its account: `account: MayInvite`.
"""

import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from server.api.phone_numbers import MAX_WRITTEN_CHARS, phone_number
from server.auth.tokens import TokenError
from server.http.problems import Problem
from server.services import Services, services_of
from server.store.records import Account
from sessions.monitor.rights import Right, in_order, rights_of


def _no_control_characters(text: str) -> str:
    """Check one line; return it with its accents made one with their letters (NFC)."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("it has control characters, which no text of one line has")
    return unicodedata.normalize("NFC", text)


ONE_LINE = AfterValidator(_no_control_characters)
"""Check that text has no control characters: PostgreSQL cannot keep NUL, and no line is meant to
break."""

PlainText = Annotated[str, ONE_LINE]
"""Text of one line."""


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


PhoneNumber = Annotated[
    str, StringConstraints(max_length=MAX_WRITTEN_CHARS), AfterValidator(phone_number)
]
"""Telephone number as people write it, with its country; it becomes E.164."""

EMPTY_IS_NONE = BeforeValidator(_none_if_empty)
"""Take an empty field of a form for none."""

OptionalPhoneNumber = Annotated[PhoneNumber | None, EMPTY_IS_NONE]
"""Telephone number, or none: an empty field holds none."""

ServicesDep = Annotated[Services, Depends(services_of)]
"""Parameter of a route: the services of the app."""

_BEARER = HTTPBearer(auto_error=False, description="The access token from /api/v1/auth/token.")


async def signed_in(
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Account:
    """Return the user whose access token came with the request (a dependency). Raises Problem."""
    if credentials is None:
        raise _refused("not-signed-in", "Please sign in first.")
    try:
        claims = services.tokens.verify(credentials.credentials)
    except TokenError as error:
        raise _refused("token-refused", str(error)) from error
    account = await services.store.accounts.find_user(claims.organisation_id, claims.user_id)
    if account is None:
        raise _refused("token-refused", "This account does not exist any more.")
    if claims.sign_outs != account.sign_outs:
        raise _refused("token-refused", "This sign-in has ended; please sign in again.")
    structlog.contextvars.bind_contextvars(user_id=str(account.id))
    return account


SignedIn = Annotated[Account, Depends(signed_in)]
"""Parameter of a route: the user who is signed in, with whatever role. Only routes about the user's
own account ask for no more."""


def demand(account: Account, rights: Iterable[Right]) -> None:
    """Check that the account's role allows all of this. Raises Problem."""
    missing = in_order(set(rights) - rights_of(account.role))
    if missing:
        what = ", ".join(right.value.replace("_", " ") for right in missing)
        raise Problem(
            403, "right-missing", "Not allowed", f"Your role does not have the right to {what}."
        )


def _holder_of(right: Right) -> Callable[[Account], Awaitable[Account]]:
    async def check(account: SignedIn) -> Account:
        demand(account, (right,))
        return account

    return check


MayWatch = Annotated[Account, Depends(_holder_of(Right.WATCH))]
"""Parameter of a route: a user who may see what is on record, and what happens."""

MayControl = Annotated[Account, Depends(_holder_of(Right.CONTROL))]
"""Parameter of a route: a user who may end an interview."""

MayHint = Annotated[Account, Depends(_holder_of(Right.HINT))]
"""Parameter of a route: a user whose role allows hints."""

MayInvite = Annotated[Account, Depends(_holder_of(Right.INVITE))]
"""Parameter of a route: a user who may upload plans, invite candidates and renew links."""

MayCall = Annotated[Account, Depends(_holder_of(Right.CALL))]
"""Parameter of a route: a user who may have a candidate called."""

MayErase = Annotated[Account, Depends(_holder_of(Right.ERASE))]
"""Parameter of a route: a user who may erase what is on record of a candidate."""

MayChangeSettings = Annotated[Account, Depends(_holder_of(Right.SETTINGS))]
"""Parameter of a route: a user who may change what holds for the whole organisation."""


MayManageMembers = Annotated[Account, Depends(_holder_of(Right.MEMBERS))]
"""Parameter of a route: a user who may say who signs in to the organisation."""


def _refused(code: str, detail: str) -> Problem:
    return Problem(401, code, "Not signed in", detail, headers={"WWW-Authenticate": "Bearer"})
