"""Costs: what an interview, a plan and the organisation used at providers, and what it came to."""

from collections.abc import Awaitable, Iterable
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import MayWatch, ServicesDep
from server.cost_caps import CostCapReached, CostCaps
from server.http.problems import PROBLEM_RESPONSES, Problem, not_found
from server.http.rate_limits import limit_api
from server.store.costs import Cost, CostLine

router = APIRouter(
    prefix="/api/v1",
    tags=["costs"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)

_EXAMPLE: dict[str, Any] = {
    "cost_usd": 0.0123,
    "unpriced": [],
    "used": [
        {
            "service": "hearing",
            "provider": "api.openai.com",
            "model": "gpt-transcribe",
            "audio_ms": 164000,
            "characters": 0,
            "input_tokens": 0,
            "cached_tokens": 0,
            "output_tokens": 0,
            "audio_input_tokens": 0,
            "audio_output_tokens": 0,
            "cost_usd": 0.0123,
        }
    ],
}


class UsedBody(BaseModel):
    """What was used of one model."""

    service: Literal["hearing", "speaking", "language"]
    provider: str = Field(description='Host of the provider; "local" for what runs here.')
    model: str
    audio_ms: int
    characters: int
    input_tokens: int = Field(description="Those in `cached_tokens` included.")
    cached_tokens: int
    output_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    cost_usd: float | None = Field(description="US dollars; null where the price is not known.")


class CostBody(BaseModel):
    """Costs so far."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    cost_usd: float | None = Field(
        description="US dollars for all whose price is known; null where no price is."
    )
    unpriced: list[str] = Field(description="Models whose price is not known, and left out.")
    used: list[UsedBody]


class MonthCostBody(CostBody):
    """Costs of a month."""

    month: str = Field(description="As 2026-11, in UTC.")


class CostsBody(BaseModel):
    """Costs of an organisation by month, newest first, erased interviews included."""

    months: list[MonthCostBody]
    month_cap_usd: float | None = Field(
        description="What a month may cost before no new interview begins; null for any amount."
    )
    interview_cap_usd: float | None = Field(
        description="What an interview may cost before it spares what it can; null for any amount."
    )


@router.get(
    "/interviews/{interview_id}/cost",
    summary="Read an interview's cost",
    operation_id="read_interview_cost",
)
async def read_interview_cost(
    interview_id: UUID, account: MayWatch, services: ServicesDep
) -> CostBody:
    """Return what an interview has cost so far; a running one is a few seconds behind."""
    if await services.store.interviews.find(account.organisation_id, interview_id) is None:
        raise not_found("interview")
    costs = await services.store.costs.of_interview(account.organisation_id, interview_id)
    return CostBody.model_validate(cost_record(costs))


@router.get("/plans/{plan_id}/cost", summary="Read a plan's cost", operation_id="read_plan_cost")
async def read_plan_cost(plan_id: UUID, account: MayWatch, services: ServicesDep) -> CostBody:
    """Return what all interviews of a plan have cost, those that are erased left out."""
    if await services.store.plans.find(account.organisation_id, plan_id) is None:
        raise not_found("plan")
    costs = await services.store.costs.of_plan(account.organisation_id, plan_id)
    return CostBody.model_validate(cost_record(costs))


@router.get("/costs", summary="Read the organisation's costs", operation_id="read_costs")
async def read_costs(account: MayWatch, services: ServicesDep) -> CostsBody:
    """Return what the organisation's interviews have cost by month, and the caps."""
    settings = services.settings
    lines = await services.store.costs.by_month(account.organisation_id)
    return CostsBody.model_validate(
        {
            "months": [{"month": line.name, **cost_record(line.costs)} for line in lines],
            "month_cap_usd": settings.cost_cap_month_usd,
            "interview_cap_usd": settings.cost_cap_interview_usd,
        }
    )


def cost_record(costs: Iterable[Cost]) -> dict[str, Any]:
    """Return costs as JSON has them. What has no known price is no 0."""
    found = list(costs)
    usd = sum((cost.usd for cost in found if cost.usd is not None), Decimal(0))
    unpriced = sorted({cost.used.model for cost in found if cost.unpriced})
    return {
        "cost_usd": None if unpriced and not usd else float(usd),
        "unpriced": unpriced,
        "used": [_used(cost) for cost in found],
    }


def line_record(line: CostLine) -> dict[str, Any]:
    """Return a line of a list as JSON has it."""
    return {"name": line.name, **cost_record(line.costs)}


async def refuse_beyond_cap(check: Awaitable[None]) -> None:
    """Wait for a check of a cap. Raises Problem, in words for the organisation's members."""
    try:
        await check
    except CostCapReached as error:
        raise Problem(402, "cost-cap", "The cost cap is reached", str(error)) from None


async def admit_within_cap(caps: CostCaps, interview_id: UUID) -> None:
    """Let a candidate in where no cap forbids it. Raises Problem, in words for candidates."""
    try:
        await caps.check_entry(interview_id)
    except CostCapReached:
        raise Problem(
            402,
            "cost-cap",
            "No interview can begin",
            "No interview can begin just now. Please ask whoever invited you for another time;"
            " your link stays good.",
        ) from None


def _used(cost: Cost) -> dict[str, Any]:
    used = cost.used
    return {
        "service": used.service.value,
        "provider": used.provider,
        "model": used.model,
        **used.quantities,
        "cost_usd": None if cost.usd is None else float(cost.usd),
    }
