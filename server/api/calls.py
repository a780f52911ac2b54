"""Telephone calls of an interview: call the candidate, and see how calls went."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import MayCall, MayWatch, OptionalPhoneNumber, ServicesDep
from server.api.costs import refuse_beyond_cap
from server.api.interviews import found_interview
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import limit_api
from server.http.urls import own_address
from server.services import CallNotPlaced
from server.store.calls import TooManyCalls
from server.store.records import Call

router = APIRouter(
    prefix="/api/v1/interviews/{interview_id}",
    tags=["calls"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)

_EXAMPLE: dict[str, Any] = {
    "id": "c0a5e3f6-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "direction": "outbound",
    "number": "+441632960961",
    "status": "new",
    "created_at": "2026-01-15T09:30:00Z",
    "answered_at": None,
    "ended_at": None,
    "end_reason": None,
}


class CallRequest(BaseModel):
    """The number to call."""

    model_config = ConfigDict(json_schema_extra={"example": {}})

    to: OptionalPhoneNumber = Field(
        default=None, description="With its country; the invitation's own number if absent."
    )


class CallBody(BaseModel):
    """A telephone call."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: UUID
    direction: Literal["inbound", "outbound"]
    number: str
    status: str = Field(
        description="In the words of the bridge: ringing, in-progress, completed, busy."
    )
    created_at: datetime
    answered_at: datetime | None = Field(description="When the interview was entered.")
    ended_at: datetime | None
    end_reason: str | None


class CallList(BaseModel):
    """All calls of an interview, oldest first."""

    calls: list[CallBody]


@router.post("/call", status_code=201, summary="Call the candidate", operation_id="place_call")
async def place_call(
    interview_id: UUID,
    wanted: CallRequest,
    request: Request,
    account: MayCall,
    services: ServicesDep,
) -> CallBody:
    """Call the candidate. Whoever answers is told who calls, and asked for consent."""
    interview = await found_interview(services, account, interview_id)
    await refuse_beyond_cap(services.caps.check_entry(interview.id))
    if interview.over:
        raise Problem(
            409, "interview-over", "The interview is over", "Nobody is called for it any more."
        )
    number = wanted.to or interview.candidate_phone
    if number is None:
        raise Problem(
            422, "no-number", "No number", "The interview has no telephone number; give one as to."
        )
    if services.telephone is None:
        raise Problem(
            503, "no-telephone", "No telephone", "This server has no bridge that can place calls."
        )
    try:
        call = await services.telephone.call_candidate(
            interview, number, address=own_address(request)
        )
    except TooManyCalls as error:
        raise Problem(429, "too-many-calls", "Too many calls", str(error)) from error
    except CallNotPlaced as error:
        raise Problem(502, "call-not-placed", "The call was not placed", str(error)) from error
    return _body(call)


@router.get("/calls", summary="List calls", operation_id="list_calls")
async def list_calls(interview_id: UUID, account: MayWatch, services: ServicesDep) -> CallList:
    """Return the interview's calls, oldest first."""
    await found_interview(services, account, interview_id)
    calls = await services.store.calls.list_for(account.organisation_id, interview_id)
    return CallList(calls=[_body(call) for call in calls])


def _body(call: Call) -> CallBody:
    return CallBody.model_validate({name: getattr(call, name) for name in CallBody.model_fields})
