"""Signing in: access tokens for an e-mail address and a password, and the account itself."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import PlainText, ServicesDep, SignedIn
from server.auth.passwords import PasswordRefused
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import (
    limit_account,
    limit_api,
    limit_sign_in,
    password_was_right,
)
from server.seed import forget_first_password
from sessions.monitor.rights import Right, in_order, rights_of

router = APIRouter(prefix="/api/v1", tags=["account"], responses=PROBLEM_RESPONSES)


class Credentials(BaseModel):
    """The e-mail address and password of a user who signs in."""

    email: PlainText = Field(min_length=3, max_length=254, examples=["recruiter@viva.example"])
    password: PlainText = Field(min_length=1, max_length=1024, examples=["correct horse battery"])


class AccessToken(BaseModel):
    """A bearer token for the `Authorization` header."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsImtpZCI6..."])
    token_type: str = "bearer"
    expires_in: int = Field(description="Seconds until it expires.", examples=[28800])


class OrganisationBody(BaseModel):
    """The organisation that an account belongs to."""

    id: UUID
    name: str


class Me(BaseModel):
    """The account that is signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0b1f0c0e-7c61-4a0f-9d5c-8a4c3cf0f7b1",
                "email": "recruiter@viva.example",
                "name": "Recruiter",
                "role": "recruiter",
                "rights": [right.value for right in Right],
                "organisation": {
                    "id": "4a5a9c4e-3f0b-4a53-8d7e-6d0b8f5c2a11",
                    "name": "Viva demo",
                },
            }
        }
    )

    id: UUID
    email: str
    name: str
    role: str
    rights: list[Right] = Field(description="What the role allows; all else is answered with 403.")
    organisation: OrganisationBody


class PasswordChange(BaseModel):
    """The old password and the new one."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"old": "first-password", "new": "correct horse battery"}}
    )

    old: PlainText = Field(min_length=1, max_length=1024, examples=["first password"])
    new: PlainText = Field(
        min_length=1,
        max_length=1024,
        description="8 to 128 characters.",
        examples=["correct horse battery"],
    )


@router.post(
    "/auth/token", summary="Sign in", dependencies=[Depends(limit_sign_in)], operation_id="sign_in"
)
async def sign_in(credentials: Credentials, request: Request, services: ServicesDep) -> AccessToken:
    """Exchange an e-mail address and a password for an access token.

    A wrong password and an unknown address get the same answer after the same work.
    """
    email = credentials.email.strip()
    limit_account(request, email)
    account = await services.store.accounts.find_user_by_email(email)
    known = account.password_hash if account else None
    if not await services.passwords.verify(credentials.password, known) or account is None:
        raise Problem(
            401,
            "sign-in-refused",
            "Not signed in",
            "The e-mail address or the password is wrong.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    password_was_right(request, email)
    return AccessToken(
        access_token=services.tokens.issue(
            account.id, account.organisation_id, account.role, account.sign_outs
        ),
        expires_in=services.tokens.lifetime_s,
    )


@router.post(
    "/auth/sign-out",
    summary="Sign out",
    status_code=204,
    dependencies=[Depends(limit_api)],
    operation_id="sign_out",
)
async def sign_out(account: SignedIn, services: ServicesDep) -> Response:
    """End every access token of this account, wherever it is signed in, and its sockets."""
    await services.store.accounts.sign_out(account.organisation_id, account.id)
    return Response(status_code=204)


@router.get(
    "/me", summary="Who is signed in", dependencies=[Depends(limit_api)], operation_id="read_me"
)
async def read_me(account: SignedIn) -> Me:
    """Return the account that the access token belongs to."""
    return Me(
        id=account.id,
        email=account.email,
        name=account.name,
        role=account.role,
        rights=list(in_order(rights_of(account.role))),
        organisation=OrganisationBody(id=account.organisation_id, name=account.organisation_name),
    )


@router.post(
    "/me/password",
    summary="Change the password",
    status_code=204,
    dependencies=[Depends(limit_sign_in)],
    operation_id="change_password",
)
async def change_password(
    change: PasswordChange, request: Request, account: SignedIn, services: ServicesDep
) -> Response:
    """Replace one's own password. The first one, printed at the start, is removed with it.

    Every access token of the account ends, and its sockets: sign in again.
    """
    limit_account(request, account.email)
    if not await services.passwords.verify(change.old, account.password_hash):
        raise Problem(
            403, "wrong-password", "Wrong password", "The old password is not the right one."
        )
    password_was_right(request, account.email)
    try:
        fresh = await services.passwords.hash(change.new)
    except PasswordRefused as error:
        raise Problem(
            422, "invalid", "The request is not valid", str(error), errors=[("new", str(error))]
        ) from error
    await services.store.accounts.set_password(account.organisation_id, account.id, fresh)
    await asyncio.to_thread(forget_first_password, services.settings.data_dir, account.email)
    return Response(status_code=204)
