"""Two questions an operator's machinery asks: is the process up, and may candidates come."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from server.api.access import ServicesDep
from server.http.problems import PROBLEM_RESPONSES, Problem
from sessions.record.retrying import StoreUnavailable
from sessions.record.transaction import ping

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """All is well."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: str = "ok"


class Ready(BaseModel):
    """Candidates may come; `live` interviews are being held here."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ready", "live": 3}})

    status: str = "ready"
    live: int


@router.get("/healthz", summary="Is the process up", operation_id="health")
async def health() -> Health:
    """Answers as long as the process runs, whatever else is down."""
    return Health()


@router.get(
    "/readyz",
    summary="May candidates come",
    operation_id="readiness",
    responses=PROBLEM_RESPONSES,
)
async def readiness(services: ServicesDep) -> Ready:
    """Whether the database answers and every part is warm; 503 says what is missing."""
    missing = services.readiness.missing()
    try:
        await ping(services.engine)
    except StoreUnavailable:
        missing["database"] = "cannot be reached"
    if missing:
        raise Problem(
            503,
            "not-ready",
            "Not ready",
            "Not ready yet: " + "; ".join(f"{part}: {why}" for part, why in missing.items()) + ".",
            errors=list(missing.items()),
            headers={"Retry-After": "1"},
        )
    return Ready(live=services.live.count)
