"""Members: who may sign in to the organisation, and with what role. For admins only."""

import secrets
from enum import StrEnum
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from server.api.access import MayManageMembers, PlainText, ServicesDep
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import limit_api
from server.services import Services
from server.store.accounts import MAX_EMAIL_CHARS, EmailTaken, LastAdmin, LastUser
from server.store.records import Account
from sessions.monitor.rights import RIGHTS_OF_ROLE

log = structlog.get_logger()

FIRST_PASSWORD_BYTES = 12
"""Random bytes of a password that we give: 16 characters that can be read out."""

Role = StrEnum("Role", list(RIGHTS_OF_ROLE))  # type: ignore[misc]

router = APIRouter(
    prefix="/api/v1/members",
    tags=["members"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)


class NewMember(BaseModel):
    """Who joins the organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "olga@acme.example", "name": "Olga", "role": "observer"}
        }
    )

    email: EmailStr = Field(max_length=MAX_EMAIL_CHARS)
    name: PlainText = Field(default="", max_length=200)
    role: Role


class MemberChange(BaseModel):
    """The role that a member has from now on."""

    model_config = ConfigDict(json_schema_extra={"example": {"role": "recruiter"}})

    role: Role


class MemberBody(BaseModel):
    """One member of the organisation."""

    id: UUID
    email: str
    name: str
    role: str


class MemberList(BaseModel):
    """The members, by address."""

    items: list[MemberBody]


class FirstPassword(BaseModel):
    """A password that is told only here."""

    password: str


class AddedMember(MemberBody):
    """The member who was added, and the first password, which is told only here."""

    password: str


@router.get("", summary="List the members", operation_id="list_members")
async def list_members(account: MayManageMembers, services: ServicesDep) -> MemberList:
    """Return everybody who may sign in to the organisation."""
    found = await services.store.accounts.list_members(account.organisation_id)
    return MemberList(items=[_member(one) for one in found])


@router.post("", status_code=201, summary="Add a member", operation_id="add_member")
async def add_member(
    new: NewMember, account: MayManageMembers, services: ServicesDep
) -> AddedMember:
    """Add a member with a role. The first password is in the answer and nowhere else."""
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    hashed = await services.passwords.hash(password)
    email = new.email.lower()
    try:
        member_id = await services.store.accounts.create_user(
            account.organisation_id,
            email=email,
            password_hash=hashed,
            user_name=new.name,
            role=new.role,
        )
    except EmailTaken as error:
        raise Problem(409, "email-taken", "Address taken", str(error)) from error
    log.info("member added", member_id=str(member_id), role=new.role.value)
    return AddedMember(
        id=member_id, email=email, name=new.name, role=new.role.value, password=password
    )


@router.patch("/{member_id}", summary="Change a member's role", operation_id="change_member")
async def change_member(
    member_id: UUID, change: MemberChange, account: MayManageMembers, services: ServicesDep
) -> MemberBody:
    """Give a member another role. It holds at once: the sign-ins and sockets of before end."""
    member = await _found(services, account, member_id)
    try:
        await services.store.accounts.set_role(
            account.organisation_id, member.id, change.role.value, keep_admin=True
        )
    except LastAdmin as error:
        raise _last(error) from error
    log.info("member changed", member_id=str(member.id), role=change.role.value)
    return _member(await _found(services, account, member_id))


@router.post(
    "/{member_id}/password", summary="Give a new password", operation_id="reset_member_password"
)
async def give_password(
    member_id: UUID, account: MayManageMembers, services: ServicesDep
) -> FirstPassword:
    """Give a member a new password, told only here; the sign-ins and sockets of before end."""
    member = await _found(services, account, member_id)
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    hashed = await services.passwords.hash(password)
    await services.store.accounts.set_password(account.organisation_id, member.id, hashed)
    log.info("member has a new password", member_id=str(member.id))
    return FirstPassword(password=password)


@router.delete(
    "/{member_id}", status_code=204, summary="Remove a member", operation_id="remove_member"
)
async def remove_member(
    member_id: UUID, account: MayManageMembers, services: ServicesDep
) -> Response:
    """Remove a member, whose sign-ins and sockets end. What the member made and did stays."""
    member = await _found(services, account, member_id)
    try:
        await services.store.accounts.remove_user(
            account.organisation_id, member.id, keep_admin=True
        )
    except (LastUser, LastAdmin) as error:
        raise _last(error) from error
    log.info("member removed", member_id=str(member.id))
    return Response(status_code=204)


async def _found(services: Services, account: Account, member_id: UUID) -> Account:
    """Return a member of the account's organisation. Raises Problem."""
    member = await services.store.accounts.find_user(account.organisation_id, member_id)
    if member is None:
        raise Problem(404, "not-found", "Not found", "There is no member with this id.")
    return member


def _last(error: Exception) -> Problem:
    return Problem(409, "last-admin", "Not possible", str(error))


def _member(account: Account) -> MemberBody:
    return MemberBody(id=account.id, email=account.email, name=account.name, role=account.role)
