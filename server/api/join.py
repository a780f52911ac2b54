"""Joining: what a candidate's link leads to, and the tickets and keys that open sockets."""

from typing import Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import PlainText, ServicesDep
from server.api.costs import admit_within_cap
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import limit_interview, limit_unknown_token
from server.http.urls import realtime_base_url, socket_url
from server.services import Services
from server.store.records import Invitation
from server.store.tickets import CANDIDATE_TICKET, REALTIME_KEY

router = APIRouter(
    prefix="/api/v1/join",
    tags=["candidate"],
    responses=PROBLEM_RESPONSES,
)

CONSENT = (
    "You will be interviewed by a computer. What you say is turned into text as you speak, and "
    "the text, with its times, is kept for {organisation} to read. The sound itself is not kept. "
    "People of {organisation} may listen to the interview while it is held, or speak with you in "
    "person{told}. You can end the interview whenever you like."
)
LISTENING_TOLD = "; you are told when they do"
"""Part of the consent where candidates are told that somebody listens, as they are by default."""


def consent_text(organisation: str, tell_listening: bool) -> str:
    """Return the text that a candidate agrees to."""
    return CONSENT.format(organisation=organisation, told=LISTENING_TOLD if tell_listening else "")


class JoinRequest(BaseModel):
    """The token of a join link."""

    token: PlainText = Field(
        min_length=1, max_length=256, examples=["Zk3vN0pJ1nq6yRr8mC2t5xW7aB4dE9fGhIjKlMnOpQr"]
    )


class InvitationBody(BaseModel):
    """What the candidate's page shows before the interview starts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "interview_id": "3f6c0a5e-0f0e-4a0c-8a35-0f8f2f7c1c9e",
                "candidate_name": "Ada Lovelace",
                "title": "Software engineer, first interview",
                "organisation": "Viva demo",
                "language": "en",
                "time_limit_s": 1800,
                "status": "invited",
                "begun": False,
                "consent_text": consent_text("Viva demo", tell_listening=True),
                "persona_name": "Viva",
            }
        }
    )

    interview_id: UUID
    candidate_name: str
    title: str
    organisation: str
    language: str
    time_limit_s: int
    status: Literal["invited", "running"]
    begun: bool = Field(description="Whether the interview was started before.")
    consent_text: str
    persona_name: str


class TicketBody(BaseModel):
    """A ticket: the first message on the socket holds it, within `expires_in` seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ticket": "q8Xo...",
                "socket_url": "wss://viva.example.com/ws/interview",
                "expires_in": 30,
            }
        }
    )

    ticket: str
    socket_url: str
    expires_in: int


class RealtimeRequest(JoinRequest):
    """The token of a join link, and the candidate's consent.

    The candidate has been shown the consent text (see POST /api/v1/join) and agrees. Whoever asks
    for a key is responsible for that.
    """

    consent: Literal[True] = Field(examples=[True])


class RealtimeKeyBody(BaseModel):
    """A key for clients of the OpenAI Realtime protocol.

    It works for this interview alone, for any number of connections, within `expires_in` seconds.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "api_key": "ek_c3Vx...",
                "base_url": "https://viva.example.com/v1",
                "expires_in": 7200,
            }
        }
    )

    api_key: str
    base_url: str
    expires_in: int


@router.post("", summary="Look a join link up", operation_id="join")
async def join(wanted: JoinRequest, request: Request, services: ServicesDep) -> InvitationBody:
    """Return what the link leads to. It can be looked up any number of times."""
    invitation = await invitation_of(request, services, wanted.token)
    interview = invitation.interview
    plan = interview.plan_document
    organisation = plan.get("organisation") or invitation.organisation_name
    return InvitationBody.model_validate(
        {
            "interview_id": interview.id,
            "candidate_name": interview.candidate_name,
            "title": interview.plan_title,
            "organisation": organisation,
            "language": interview.language,
            "time_limit_s": interview.time_limit_s,
            "status": interview.status,
            "begun": interview.begun,
            "consent_text": consent_text(organisation, invitation.tell_listening),
            "persona_name": plan.get("persona", {}).get("name", "Viva"),
        }
    )


@router.post("/ticket", summary="Get a ticket for the socket", operation_id="join_ticket")
async def join_ticket(wanted: JoinRequest, request: Request, services: ServicesDep) -> TicketBody:
    """Make a ticket for one socket. The link stays valid: a reloaded page gets another ticket."""
    interview = (await invitation_of(request, services, wanted.token)).interview
    await admit_within_cap(services.caps, interview.id)
    lifetime_s = services.settings.ticket_lifetime_s
    ticket = await services.store.tickets.issue(
        interview.organisation_id, interview.id, CANDIDATE_TICKET, lifetime_s
    )
    return TicketBody(ticket=ticket, socket_url=socket_url(request), expires_in=lifetime_s)


@router.post("/realtime", summary="Get a key for a Realtime client", operation_id="join_realtime")
async def join_realtime(
    wanted: RealtimeRequest, request: Request, services: ServicesDep
) -> RealtimeKeyBody:
    """Make a key with which any client of the OpenAI Realtime protocol holds this interview.

    The interview begins with the first sound, word or `response.create` that the client sends.
    """
    interview = (await invitation_of(request, services, wanted.token)).interview
    await admit_within_cap(services.caps, interview.id)
    lifetime_s = services.settings.realtime_key_lifetime_s
    key = await services.store.tickets.issue(
        interview.organisation_id, interview.id, REALTIME_KEY, lifetime_s
    )
    return RealtimeKeyBody(api_key=key, base_url=realtime_base_url(request), expires_in=lifetime_s)


async def invitation_of(request: Request, services: Services, token: str) -> Invitation:
    """Return what the token leads to. Raises Problem."""
    found = await services.store.tickets.find_invitation(
        token, reentry_lifetime_s=services.settings.join_lifetime_s
    )
    if found is None:
        limit_unknown_token(request)
        raise Problem(
            404,
            "unknown-link",
            "Unknown link",
            "This link does not lead to an interview. It may have been replaced by a newer one.",
        )
    limit_interview(request, found.interview.id)
    structlog.contextvars.bind_contextvars(interview_id=str(found.interview.id))
    if found.interview.over and not found.interview.renewable:
        raise interview_over()
    if found.expired or found.interview.over:
        raise Problem(
            410,
            "link-expired",
            "The link has expired",
            "This link has expired. Please ask for a new one where you got it from.",
        )
    return found


def interview_over() -> Problem:
    """Return the 410 for an interview that nobody can enter any more."""
    return Problem(410, "interview-over", "The interview is over", "This interview is over.")
