"""Client secrets: short-lived keys that a backend gets for a page's OpenAI Realtime client."""

from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import ServicesDep
from server.api.join import interview_over, invitation_of
from server.dialects.realtime.messages import PATH
from server.dialects.realtime.session_settings import Refusal, SessionSettings
from server.http.problems import PROBLEM_RESPONSES, Problem
from server.http.rate_limits import limit_interview, limit_unknown_token
from server.services import Services
from server.store.records import TicketGrant
from server.store.tickets import KEY_PREFIX, REALTIME_KEY

router = APIRouter(prefix=PATH, tags=["candidate"], responses=PROBLEM_RESPONSES)

MAX_BEARER_CHARS = 256
"""Longest key or token that is looked up."""

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="RealtimeBearer",
    description="A key from /api/v1/join/realtime, or the token of the join link.",
)


class ExpiresAfter(BaseModel):
    """When the key expires."""

    anchor: Literal["created_at"] = "created_at"
    seconds: int = Field(default=600, ge=10, le=7_200, strict=True)


class ClientSecretRequest(BaseModel):
    """What a client secret is asked for with: the body of OpenAI's own route.

    `consent` is Viva's: with the token of a join link it has to be true, as for a key. A key was
    made with consent.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "expires_after": {"anchor": "created_at", "seconds": 600},
                "session": {"type": "realtime", "model": "gpt-realtime"},
            }
        }
    )

    expires_after: ExpiresAfter = Field(default_factory=ExpiresAfter)
    session: dict[str, Any] = Field(
        default_factory=dict, description="Settings with which its connections begin."
    )
    consent: Literal[True] | None = None


class ClientSecretBody(BaseModel):
    """A key for one interview, with the session that its connections begin with."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "value": "ek_c3Vx...",
                "expires_at": 1_764_000_600,
                "session": {"type": "realtime", "object": "realtime.session", "model": "viva"},
            }
        }
    )

    value: str
    expires_at: int = Field(description="In seconds since 1970.")
    session: dict[str, Any]


@router.post("/client_secrets", summary="Get a client secret", operation_id="client_secret")
async def client_secret(
    wanted: ClientSecretRequest,
    request: Request,
    services: ServicesDep,
    shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> ClientSecretBody:
    """Make a short-lived key for a browser's Realtime client, as OpenAI's own route does.

    The key works like one from /api/v1/join/realtime, and no longer than the key it was asked for
    with. Its connections begin with the settings in `session`; what an interview does not grant is
    answered by 422, or left out and listed where the server refuses quietly.
    """
    grant = await _grant(request, services, shown, wanted.consent)
    settings = SessionSettings()
    refused = settings.update(wanted.session)
    if refused and not services.settings.realtime_refuse_quietly:
        raise _not_granted(refused)
    value, expires_at = await services.store.tickets.issue_client_secret(
        grant, wanted.expires_after.seconds, settings.chosen()
    )
    expires_s = int(expires_at.timestamp())
    settings.session_id = f"sess_{grant.interview_id.hex}"
    session = settings.as_object() | {"expires_at": expires_s}
    if refused:
        session["viva"] = {"ignored": [_told(refusal) for refusal in refused]}
    return ClientSecretBody(value=value, expires_at=expires_s, session=session)


async def _grant(
    request: Request,
    services: Services,
    shown: HTTPAuthorizationCredentials | None,
    consent: bool | None,
) -> TicketGrant:
    """Return what the key or the join token that came with a request opens. Raises Problem."""
    bearer = "" if shown is None else shown.credentials.strip()
    if not bearer or len(bearer) > MAX_BEARER_CHARS:
        raise _key_refused("Show a key, or the token of the join link, as a bearer token.")
    if not bearer.startswith(KEY_PREFIX):
        interview = (await invitation_of(request, services, bearer)).interview
        if not consent:
            sentence = "With the token of a join link, the candidate's consent has to be true."
            raise Problem(
                422, "invalid", "The request is not valid", sentence, errors=[("consent", sentence)]
            )
        return TicketGrant(interview.organisation_id, interview.id, REALTIME_KEY)
    grant = await services.store.tickets.check(bearer, REALTIME_KEY)
    if grant is None:
        limit_unknown_token(request)
        raise _key_refused("This key is unknown, expired or revoked.")
    limit_interview(request, grant.interview_id)
    structlog.contextvars.bind_contextvars(interview_id=str(grant.interview_id))
    if grant.over:
        raise interview_over()
    return grant


def _key_refused(sentence: str) -> Problem:
    return Problem(
        401, "key-refused", "Key refused", sentence, headers={"WWW-Authenticate": "Bearer"}
    )


def _not_granted(refused: list[Refusal]) -> Problem:
    return Problem(
        422,
        "not-allowed-in-interview",
        "Not allowed in an interview",
        " ".join(f"{refusal.param}: {refusal.message}" for refusal in refused[:3]),
        errors=[(refusal.param, refusal.message) for refusal in refused],
    )


def _told(refusal: Refusal) -> dict[str, str | None]:
    return {
        "code": refusal.code,
        "message": refusal.message,
        "param": refusal.param,
        "event_id": None,
    }
