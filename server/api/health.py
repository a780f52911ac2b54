"""Health checks: whether the process is up, and whether candidates may come."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import ServicesDep
from server.http.problems import PROBLEM_RESPONSES, Problem
from sessions.record.retrying import StoreUnavailable
from sessions.record.transaction import ping

router = APIRouter(tags=["operation"])


class HealthBody(BaseModel):
    """The process is up."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: str = "ok"


class ReadinessBody(BaseModel):
    """Candidates may come."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ready", "live": 3}})

    status: str = "ready"
    live: int = Field(description="Interviews that are held by this process.")


@router.get("/healthz", summary="Is the process up", operation_id="health")
async def health() -> HealthBody:
    """Answer as long as the process runs, whatever else is down."""
    return HealthBody()


@router.get(
    "/readyz",
    summary="May candidates come",
    operation_id="readiness",
    responses=PROBLEM_RESPONSES,
)
async def readiness(services: ServicesDep) -> ReadinessBody:
    """Check that the database answers and every part is loaded; 503 says what is missing."""
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
    return ReadinessBody(live=services.live.count)
