"""Monitoring: the overview of live interviews, tickets for monitors, and what monitors did."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from server.api.access import MayChangeSettings, MayHint, MayWatch, PlainText, ServicesDep, demand
from server.api.interviews import found_interview
from server.dialects.monitor.messages import MAX_HINT_CHARS, SOCKET_PATH
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import limit_api
from server.http.urls import socket_url
from server.services import Services
from server.store.records import ActionEntry, LiveEntry, TicketUser
from server.store.tickets import MONITOR_TICKET
from sessions.monitor.rights import MONITOR_RIGHTS, Right, in_order, rights_of
from sessions.plan.sensitive import sensitive_hint

router = APIRouter(
    prefix="/api/v1",
    tags=["monitors"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)

_LIVE_EXAMPLE: dict[str, Any] = {
    "interview_id": "3f6c0a5e-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "candidate_name": "Ada Lovelace",
    "title": "Software engineer, first interview",
    "phase": "answering",
    "holder": "interviewer",
    "connected": True,
    "question": {"id": "q2", "number": 2, "of": 6, "text": "What was the hardest problem?"},
    "time_limit_ms": 1_800_000,
    "time_left_ms": 1_412_000,
    "started_at": "2026-01-15T09:30:00Z",
    "monitors": 1,
    "listeners": 0,
    "levels": {"candidate": -31, "interviewer": -100},
    "here": True,
}


class LiveQuestion(BaseModel):
    """The question that an interview is at: the `number`th of so many."""

    id: str
    number: int
    of: int
    text: str


class LiveLevels(BaseModel):
    """How loud both sides were in the last tenth of a second, in dBFS."""

    candidate: int
    interviewer: int


class LiveBody(BaseModel):
    """A live interview."""

    model_config = ConfigDict(json_schema_extra={"example": _LIVE_EXAMPLE})

    interview_id: UUID
    candidate_name: str
    title: str
    phase: Literal["waiting", "asking", "answering", "thinking", "paused", "taken_over", "away"]
    holder: Literal["interviewer", "recruiter", "nobody"]
    connected: bool
    question: LiveQuestion | None
    time_limit_ms: int
    time_left_ms: int
    started_at: datetime | None
    monitors: int
    listeners: int
    levels: LiveLevels | None
    here: bool = Field(
        description="Whether this process holds it; if not, there are no levels, and the rest is "
        "some seconds old."
    )


class LiveList(BaseModel):
    """The overview of live interviews."""

    items: list[LiveBody]


GrantedRight = Literal[Right.WATCH, Right.LISTEN, Right.HINT, Right.CONTROL, Right.TAKE_OVER]
"""A right that a ticket may grant; see `MONITOR_RIGHTS`."""


class MonitorTicketRequest(BaseModel):
    """The rights that the ticket is to grant; all that the role allows, if absent."""

    model_config = ConfigDict(json_schema_extra={"example": {"rights": ["watch", "listen"]}})

    rights: list[GrantedRight] | None = Field(
        default=None, min_length=1, max_length=len(MONITOR_RIGHTS)
    )


class MonitorTicketBody(BaseModel):
    """A ticket: the first message on the socket holds it, within `expires_in` seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ticket": "q8Xo...",
                "socket_url": "wss://viva.example.com/ws/monitor",
                "expires_in": 30,
                "rights": ["watch", "listen"],
            }
        }
    )

    ticket: str
    socket_url: str
    expires_in: int
    rights: list[GrantedRight]


class ActionBody(BaseModel):
    """An action of a monitor, and what became of it."""

    id: UUID
    at: datetime
    user_id: UUID
    user_name: str
    action: str
    text: str | None = Field(description="The words of a hint.")
    detail: dict[str, Any]
    outcome: Literal["asked", "done", "dropped"]
    outcome_at: datetime


class ActionList(BaseModel):
    """The audit list of an interview, oldest first."""

    items: list[ActionBody]


class OrganisationSettings(BaseModel):
    """The settings of an organisation."""

    model_config = ConfigDict(json_schema_extra={"example": {"tell_listening": True}})

    tell_listening: StrictBool = Field(
        description="Whether candidates are told when somebody listens to their interview."
    )


class HintText(BaseModel):
    """A hint as it would be sent."""

    model_config = ConfigDict(json_schema_extra={"example": {"text": "ask about the migration"}})

    text: PlainText = Field(min_length=1, max_length=MAX_HINT_CHARS)


class HintWarnings(BaseModel):
    """What to think of before the hint is sent; empty where there is nothing."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"warnings": list(sensitive_hint("how old are you?"))}}
    )

    warnings: list[str]


@router.get("/live", summary="List live interviews", operation_id="list_live")
async def list_live(account: MayWatch, services: ServicesDep) -> LiveList:
    """Return the organisation's interviews that are held at present, oldest first."""
    entries = await services.store.monitors.list_live(account.organisation_id)
    return LiveList(items=[_live(entry, services) for entry in entries])


@router.post(
    "/live/{interview_id}/ticket", summary="Get a monitor's ticket", operation_id="monitor_ticket"
)
async def monitor_ticket(
    interview_id: UUID,
    request: Request,
    account: MayWatch,
    services: ServicesDep,
    wanted: MonitorTicketRequest | None = None,
) -> MonitorTicketBody:
    """Make a ticket for one socket, with the rights that were asked for."""
    allowed = rights_of(account.role) & MONITOR_RIGHTS
    rights = frozenset(wanted.rights) if wanted and wanted.rights is not None else allowed
    demand(account, rights)
    interview = await found_interview(services, account, interview_id)
    if interview.over:
        raise Problem(410, "interview-over", "The interview is over", "This interview is over.")
    if not services.live.is_live(interview_id):
        raise Problem(
            409, "not-live", "The interview is not live", "Nobody is in this interview just now."
        )
    lifetime_s = services.settings.ticket_lifetime_s
    ticket = await services.store.tickets.issue(
        account.organisation_id,
        interview_id,
        MONITOR_TICKET,
        lifetime_s,
        TicketUser(account.id, frozenset(rights | {Right.WATCH}), account.sign_outs),
    )
    return MonitorTicketBody(
        ticket=ticket,
        socket_url=socket_url(request, SOCKET_PATH),
        expires_in=lifetime_s,
        rights=list(in_order(rights | {Right.WATCH})),
    )


@router.post("/live/hint-check", summary="Check a hint", operation_id="check_hint")
async def check_hint(hint: HintText, account: MayHint) -> HintWarnings:
    """Say what a hint should not ask, before it is sent. Nothing is kept or refused."""
    return HintWarnings(warnings=list(sensitive_hint(hint.text)))


@router.get(
    "/interviews/{interview_id}/actions",
    summary="Read what monitors did",
    operation_id="list_actions",
)
async def list_actions(interview_id: UUID, account: MayWatch, services: ServicesDep) -> ActionList:
    """Return who watched, listened, gave a hint, and so on: when, and what became of it."""
    await found_interview(services, account, interview_id)
    entries = await services.store.monitors.list_actions(account.organisation_id, interview_id)
    return ActionList(items=[_action(entry) for entry in entries])


@router.get("/organisation", summary="Read the settings", operation_id="read_organisation")
async def read_organisation(account: MayWatch, services: ServicesDep) -> OrganisationSettings:
    """Return the settings of the organisation."""
    return OrganisationSettings(
        tell_listening=await services.store.accounts.tell_listening(account.organisation_id)
    )


@router.post("/organisation", summary="Change the settings", operation_id="change_organisation")
async def change_organisation(
    settings: OrganisationSettings, account: MayChangeSettings, services: ServicesDep
) -> OrganisationSettings:
    """Change the settings of the organisation."""
    told = await services.store.accounts.tell_listening(
        account.organisation_id, settings.tell_listening
    )
    return OrganisationSettings(tell_listening=told)


def _live(entry: LiveEntry, services: Services) -> LiveBody:
    view = services.live.overview(entry.interview_id)
    state = entry.state if view is None else view.state
    levels = None
    if view is not None:
        levels = {"candidate": view.candidate_db, "interviewer": view.interviewer_db}
    return LiveBody.model_validate(
        {
            **state,
            "interview_id": entry.interview_id,
            "candidate_name": entry.candidate_name,
            "title": entry.title,
            "started_at": entry.started_at,
            "levels": levels,
            "here": view is not None,
        }
    )


def _action(entry: ActionEntry) -> ActionBody:
    names = ActionBody.model_fields
    return ActionBody.model_validate({name: getattr(entry, name) for name in names})
