"""Interviews: invite a candidate, see how it goes, read the transcript, end it."""

import asyncio
import base64
import binascii
import contextlib
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from server.api.access import (
    EMPTY_IS_NONE,
    ONE_LINE,
    MayControl,
    MayErase,
    MayInvite,
    MayWatch,
    OptionalPhoneNumber,
    ServicesDep,
)
from server.api.costs import refuse_beyond_cap
from server.api.endings import CoveredBody, EndBody, covered_questions, end_of
from server.http.problems import PROBLEM_RESPONSES, Problem, not_found
from server.http.rate_limits import limit_api
from server.http.urls import join_url
from server.languages import language_warnings
from server.services import Services
from server.settings import LEAST_ACCOMMODATION, MOST_ACCOMMODATION
from server.store.erasure import StillLive
from server.store.records import Account, Interview, NewInterview, Page, RecordedTurn
from sessions.interviewer.enquiry_reply import TO_DO
from sessions.turntaking.causes import EndReason

log = structlog.get_logger()

router = APIRouter(
    prefix="/api/v1/interviews",
    tags=["interviews"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)

Status = Literal["invited", "running", "completed", "ended", "expired"]

END_WITHIN_S = 10.0
"""Longest wait for a live session, which puts its end on record itself: the database may be slow to
answer."""

_EXAMPLE: dict[str, Any] = {
    "id": "3f6c0a5e-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "status": "invited",
    "live": False,
    "plan_id": "9d2f4a52-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "title": "Software engineer, first interview",
    "candidate_name": "Ada Lovelace",
    "candidate_email": "ada@example.com",
    "candidate_phone": "+441632960961",
    "language": "en",
    "time_limit_s": 1800,
    "join_expires_at": "2026-01-16T09:30:00Z",
    "created_at": "2026-01-15T09:30:00Z",
    "started_at": None,
    "ended_at": None,
    "end_reason": None,
    "end": None,
    "coverage": None,
}


class InterviewRequest(BaseModel):
    """A candidate to interview, and the plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {key: _EXAMPLE[key] for key in ("plan_id", "candidate_name", "language")}
        }
    )

    plan_id: UUID
    candidate_name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
        ONE_LINE,
    ]
    candidate_email: EmailStr | None = None
    candidate_phone: OptionalPhoneNumber = Field(
        default=None,
        description="With its country: +44 1632 960961. A call from it is for this interview.",
    )
    language: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")] | None,
        EMPTY_IS_NONE,
    ] = Field(default=None, description="A code such as en or pt-BR; the plan's own if absent.")
    time_limit_s: int | None = Field(
        default=None, ge=60, le=3 * 3600, description="Seconds; the plan's own limit if absent."
    )
    accommodation: float | None = Field(
        default=None,
        ge=LEAST_ACCOMMODATION,
        le=MOST_ACCOMMODATION,
        allow_inf_nan=False,
        description="Multiplies every wait for this candidate, in the whole interview; the"
        " server's own if absent. It is told nobody again: no answer and no page shows it.",
    )


class InterviewBody(BaseModel):
    """An interview as recruiters see it."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: UUID
    status: Status
    live: bool = Field(description="Whether a candidate is in it now.")
    plan_id: UUID
    title: str
    candidate_name: str
    candidate_email: str | None
    candidate_phone: str | None
    language: str
    time_limit_s: int
    join_expires_at: datetime
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    end: EndBody | None = Field(description="How it ended; null while it is not over.")
    coverage: list[CoveredBody] | None = Field(
        description="What became of the plan's questions; null while it is not over."
    )


class InvitedBody(InterviewBody):
    """An interview with its join link and its PIN, which are told only here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "join_url": "https://viva.example.com/join/Zk3...",
                "pin": "20734416",
            }
        }
    )

    join_url: str
    pin: str | None = Field(
        description="What a caller says or types; a new link comes without a new PIN."
    )
    warnings: list[str] = Field(
        default=[], description="What this server cannot do in the interview's language."
    )


class InterviewList(BaseModel):
    """A page of interviews, newest first; ask again with `cursor=next_cursor` for the next."""

    items: list[InterviewBody]
    next_cursor: str | None


class TurnBody(BaseModel):
    """A turn of the transcript."""

    session_id: UUID
    index: int
    speaker: Literal["candidate", "interviewer", "recruiter"]
    text: str
    heard_text: str = Field(description="What was really heard of it.")
    started_ms: int = Field(description="Milliseconds of session, as `ended_ms`.")
    ended_ms: int
    confidence: float | None
    interrupted: bool
    move: dict[str, Any]
    latency: dict[str, Any]
    usage: dict[str, Any]


class ToDoBody(BaseModel):
    """Something that the interviewer has promised the candidate to pass on."""

    session_id: UUID
    index: int = Field(description="Number of the turn in which it was promised.")
    text: str = Field(description="The candidate's words.")


class TranscriptBody(BaseModel):
    """The transcript: everything that was said, in order."""

    interview_id: UUID
    status: Status
    turns: list[TurnBody]
    to_dos: list[ToDoBody] = Field(
        description="What the candidate asked for, and was told that it is passed on to you."
    )


@router.post("", status_code=201, summary="Invite a candidate", operation_id="create_interview")
async def create_interview(
    wanted: InterviewRequest, request: Request, account: MayInvite, services: ServicesDep
) -> InvitedBody:
    """Create an interview from a plan. The answer holds the link to send to the candidate."""
    plan = await services.store.plans.find(account.organisation_id, wanted.plan_id)
    if plan is None:
        raise not_found("plan")
    await refuse_beyond_cap(services.caps.check_new(account.organisation_id))
    pin = services.pins.new()
    new = NewInterview(
        plan=plan,
        candidate_name=wanted.candidate_name,
        candidate_email=wanted.candidate_email,
        language=wanted.language or str(plan.document.get("language", "en")),
        time_limit_s=wanted.time_limit_s or int(plan.document["time_limit_minutes"]) * 60,
        candidate_phone=wanted.candidate_phone,
        pin_hash=services.pins.hash(pin),
        accommodation=wanted.accommodation,
    )
    interview, token = await services.store.interviews.create(
        account.organisation_id, new, services.settings.join_lifetime_s, account.id
    )
    structlog.contextvars.bind_contextvars(interview_id=str(interview.id))
    return _invited(interview, join_url(request, token), services, pin)


@router.get("", summary="List interviews", operation_id="list_interviews")
async def list_interviews(
    account: MayWatch,
    services: ServicesDep,
    status: Annotated[Status | None, Query(description="Only those of this status.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> InterviewList:
    """Return the organisation's interviews, newest first."""
    found = await services.store.interviews.list_page(
        account.organisation_id,
        status=status,
        limit=limit + 1,
        after=None if cursor is None else _page(cursor),
    )
    shown = found[:limit]
    return InterviewList(
        items=[_body(interview, services) for interview in shown],
        next_cursor=_cursor(shown[-1]) if len(found) > limit else None,
    )


@router.get("/{interview_id}", summary="Read an interview", operation_id="read_interview")
async def read_interview(
    interview_id: UUID, account: MayWatch, services: ServicesDep
) -> InterviewBody:
    """Return how an interview stands."""
    return _body(await found_interview(services, account, interview_id), services)


@router.get(
    "/{interview_id}/transcript", summary="Read the transcript", operation_id="read_transcript"
)
async def read_transcript(
    interview_id: UUID, account: MayWatch, services: ServicesDep
) -> TranscriptBody:
    """Return every turn that is on record; of a running interview, those so far."""
    interview = await found_interview(services, account, interview_id)
    turns = await services.store.interviews.transcript(account.organisation_id, interview_id)
    return TranscriptBody.model_validate(
        {
            "interview_id": interview.id,
            "status": interview.status,
            "turns": [_turn(recorded) for recorded in turns],
            "to_dos": [_to_do(one) for one in turns if one.turn.move.get(TO_DO)],
        }
    )


@router.post("/{interview_id}/link", summary="Make a new join link", operation_id="renew_link")
async def renew_link(
    interview_id: UUID, request: Request, account: MayInvite, services: ServicesDep
) -> InvitedBody:
    """Replace the join link; the old one stops working at once."""
    interview = await found_interview(services, account, interview_id)
    token = await services.store.interviews.renew_link(
        account.organisation_id, interview.id, services.settings.join_lifetime_s
    )
    if token is None:
        raise Problem(
            409, "interview-over", "The interview is over", "An interview that is over has no link."
        )
    interview = await found_interview(services, account, interview_id)
    return _invited(interview, join_url(request, token), services)


@router.post("/{interview_id}/end", summary="End an interview", operation_id="end_interview")
async def end_interview(
    interview_id: UUID, account: MayControl, services: ServicesDep
) -> InterviewBody:
    """End a live or waiting interview. One that is over already stays as it is."""
    interview = await found_interview(services, account, interview_id)
    if not interview.over:
        if services.live.is_live(interview_id):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_WITHIN_S):
                    await services.live.end(interview_id, EndReason.RECRUITER)
        # a live session has marked its own end: then this changes nothing
        await services.store.interviews.end(account.organisation_id, interview_id, "recruiter")
        interview = await found_interview(services, account, interview_id)
    return _body(interview, services)


@router.delete(
    "/{interview_id}", status_code=204, summary="Erase an interview", operation_id="erase_interview"
)
async def erase_interview(interview_id: UUID, account: MayErase, services: ServicesDep) -> Response:
    """Erase an interview with all that is on record of it: transcript, calls, actions, links.

    It cannot be had back. Refused with 409 while somebody is in it: end it first.
    """
    interview = await found_interview(services, account, interview_id)
    if services.live.is_live(interview.id):
        raise still_live()
    try:
        await services.store.erasure.erase(interview.id, account.organisation_id)
    except StillLive as error:
        raise still_live() from error
    log.info("interview erased", interview_id=str(interview.id))
    return Response(status_code=204)


def still_live() -> Problem:
    """Return the 409 for what cannot be erased while somebody is in the interview."""
    return Problem(
        409, "still-live", "The interview is live", "Somebody is in this interview; end it first."
    )


async def found_interview(services: Services, account: Account, interview_id: UUID) -> Interview:
    """Return the interview, if it belongs to the account's organisation. Raises Problem."""
    structlog.contextvars.bind_contextvars(interview_id=str(interview_id))
    interview = await services.store.interviews.find(account.organisation_id, interview_id)
    if interview is None:
        raise not_found("interview")
    return interview


def _fields(interview: Interview, services: Services) -> dict[str, Any]:
    shared = InterviewBody.model_fields.keys() - {"live", "title", "end", "coverage"}
    return {
        **{name: getattr(interview, name) for name in shared},
        "title": interview.plan_title,
        "live": services.live.is_live(interview.id),
        "end": end_of(interview),
        "coverage": covered_questions(interview),
    }


def _body(interview: Interview, services: Services) -> InterviewBody:
    return InterviewBody.model_validate(_fields(interview, services))


def _invited(
    interview: Interview, link: str, services: Services, pin: str | None = None
) -> InvitedBody:
    fields = _fields(interview, services)
    warnings = language_warnings(
        services.settings, interview.language, by_phone=interview.candidate_phone is not None
    )
    return InvitedBody.model_validate(
        {**fields, "join_url": link, "pin": pin, "warnings": warnings}
    )


def _turn(recorded: RecordedTurn) -> dict[str, Any]:
    turn = recorded.turn
    kept = TurnBody.model_fields.keys() - {"session_id"}
    return {"session_id": recorded.session_id, **{name: getattr(turn, name) for name in kept}}


def _to_do(recorded: RecordedTurn) -> dict[str, Any]:
    turn = recorded.turn
    return {"session_id": recorded.session_id, "index": turn.index, "text": str(turn.move[TO_DO])}


def _cursor(last: Interview) -> str:
    place = f"{last.created_at.isoformat()}|{last.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _page(cursor: str) -> Page:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, last_id = base64.urlsafe_b64decode(padded).decode().partition("|")
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None:
            raise _bad_cursor()
        return Page(created_at.astimezone(UTC), UUID(last_id))
    except (ValueError, OverflowError, binascii.Error) as error:  # too early or late for UTC, too
        raise _bad_cursor() from error


def _bad_cursor() -> Problem:
    return Problem(
        422,
        "invalid",
        "The request is not valid",
        "cursor: This is not a cursor of this list.",
        errors=[("cursor", "This is not a cursor of this list.")],
    )
