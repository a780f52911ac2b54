"""Candidates: everything that is on record of one is erased at once."""

import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from server.api.access import MayErase, OptionalPhoneNumber, ServicesDep
from server.api.interviews import still_live
from server.http.problems import PROBLEM_RESPONSES
from server.http.rate_limits import limit_api
from server.store.erasure import StillLive

log = structlog.get_logger()

router = APIRouter(
    prefix="/api/v1/candidates",
    tags=["interviews"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)


class EraseRequest(BaseModel):
    """Whose interviews are erased: the e-mail address or telephone number of the invitations.

    Where both are given, both must fit.
    """

    model_config = ConfigDict(json_schema_extra={"example": {"candidate_email": "ada@example.com"}})

    candidate_email: EmailStr | None = None
    candidate_phone: OptionalPhoneNumber = None

    @model_validator(mode="after")
    def _names_somebody(self) -> "EraseRequest":
        if self.candidate_email is None and self.candidate_phone is None:
            raise ValueError("Give the candidate's e-mail address or telephone number")
        return self


class ErasedBody(BaseModel):
    """How much was erased."""

    interviews: int = Field(description="Interviews that were erased with all that belongs to them")


@router.post("/erase", summary="Erase a candidate", operation_id="erase_candidate")
async def erase_candidate(
    wanted: EraseRequest, account: MayErase, services: ServicesDep
) -> ErasedBody:
    """Erase all interviews of a candidate in this organisation, as `DELETE` does with one.

    Refused with 409 while somebody is in one of them; then nothing is erased.
    """
    try:
        erased = await services.store.erasure.erase_candidate(
            email=wanted.candidate_email,
            phone=wanted.candidate_phone,
            organisation_id=account.organisation_id,
        )
    except StillLive as error:
        raise still_live() from error
    log.info("candidate erased", interviews=erased)
    return ErasedBody(interviews=erased)
