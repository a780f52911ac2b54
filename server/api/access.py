"""Access to the API: who is signed in, and the types of text that requests hold."""

from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, StringConstraints

from server.auth.tokens import TokenError
from server.http.problems import Problem
from server.services import Services, services_of
from server.store.records import Account


def _no_control_characters(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("it has control characters, which no text of one line has")
    return text


ONE_LINE = AfterValidator(_no_control_characters)
"""Check that text has no control characters: PostgreSQL cannot keep NUL, and no line is meant to
break."""

PlainText = Annotated[str, ONE_LINE]
"""Text of one line."""

PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""Telephone number in E.164: a plus, the country, the number; fifteen digits at most."""

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
"""Parameter of a route: the user who is signed in."""


def _refused(code: str, detail: str) -> Problem:
    return Problem(401, code, "Not signed in", detail, headers={"WWW-Authenticate": "Bearer"})
