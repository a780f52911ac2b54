"""Plans: interview plans that are uploaded as JSON or YAML, checked, listed and read."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.access import MayInvite, MayWatch, ServicesDep
from server.http.problems import PROBLEM_RESPONSES, Problem, not_found
from server.http.rate_limits import limit_api
from server.languages import language_warnings
from server.services import Services
from server.store.records import StoredPlan
from sessions.plan.parser import PlanProblem
from sessions.plan.plan import Plan, PlanError, load_plan
from sessions.plan.sensitive import sensitive_questions

router = APIRouter(
    prefix="/api/v1/plans",
    tags=["plans"],
    dependencies=[Depends(limit_api)],
    responses=PROBLEM_RESPONSES,
)

JSON_TYPES = frozenset({"", "application/json"})
YAML_TYPES = frozenset({"application/yaml", "application/x-yaml", "text/yaml"})

_SUMMARY_EXAMPLE: dict[str, Any] = {
    "id": "9d2f4a52-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "title": "Software engineer, first interview",
    "created_at": "2026-01-15T09:30:00Z",
}


class PlanSummaryBody(BaseModel):
    """A plan in a list."""

    model_config = ConfigDict(json_schema_extra={"example": _SUMMARY_EXAMPLE})

    id: UUID
    title: str
    created_at: datetime


class PlanList(BaseModel):
    """The organisation's plans, newest first."""

    items: list[PlanSummaryBody]


class PlanBody(PlanSummaryBody):
    """A plan with its document."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_SUMMARY_EXAMPLE, "document": {"title": "...", "sections": []}}
        }
    )

    document: dict[str, Any] = Field(description="The plan; see docs/plan.schema.json.")
    warnings: list[str] = Field(
        default=[],
        description="What this server cannot do in the plan's language, and questions that a job"
        " interview may not ask in many places.",
    )


def _request_body() -> dict[str, Any]:
    """Return the description of the upload, whose body is read by hand: it has two forms."""
    described = {
        "type": "object",
        "title": "Interview plan",
        "description": "An interview plan; its JSON Schema is in docs/plan.schema.json.",
        "required": ["title", "role", "sections"],
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": described},
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    }


@router.post(
    "",
    status_code=201,
    summary="Upload a plan",
    operation_id="create_plan",
    openapi_extra=_request_body(),
)
async def create_plan(request: Request, account: MayInvite, services: ServicesDep) -> PlanBody:
    """Check a plan and keep it. A refusal tells everything that is wrong, each with its place."""
    plan = await _plan_of(request)
    stored = await services.store.plans.create(
        account.organisation_id, plan.title, plan.model_dump(mode="json"), account.id
    )
    return _body(stored, services)


@router.get("", summary="List plans", operation_id="list_plans")
async def list_plans(account: MayWatch, services: ServicesDep) -> PlanList:
    """Return the organisation's plans, newest first."""
    found = await services.store.plans.list_all(account.organisation_id)
    return PlanList(
        items=[PlanSummaryBody(id=p.id, title=p.title, created_at=p.created_at) for p in found]
    )


@router.get("/{plan_id}", summary="Read a plan", operation_id="read_plan")
async def read_plan(plan_id: UUID, account: MayWatch, services: ServicesDep) -> PlanBody:
    """Return one plan with its document."""
    stored = await services.store.plans.find(account.organisation_id, plan_id)
    if stored is None:
        raise not_found("plan")
    return _body(stored, services)


async def _plan_of(request: Request) -> Plan:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in JSON_TYPES | YAML_TYPES:
        raise Problem(
            415,
            "unsupported-type",
            "Unsupported type",
            "A plan is taken as application/json or application/yaml.",
        )
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("The plan is not UTF-8 text.", []) from error
    try:
        return await asyncio.to_thread(load_plan, text)
    except PlanError as error:
        told = [(p.place or "plan", _told(p)) for p in error.problems]
        if error.found > len(told):
            told.append(("plan", f"has {error.found - len(told):,} more problems"))
        raise _refused(str(error), told) from error


def _told(problem: PlanProblem) -> str:
    line = "" if problem.line is None else f" (line {problem.line})"
    return f"{problem.message}{line}"


def _refused(detail: str, errors: list[tuple[str, str]]) -> Problem:
    return Problem(422, "plan-refused", "The plan cannot be used", detail, errors=errors)


def _body(stored: StoredPlan, services: Services) -> PlanBody:
    return PlanBody(
        id=stored.id,
        title=stored.title,
        created_at=stored.created_at,
        document=stored.document,
        warnings=[
            *language_warnings(services.settings, str(stored.document.get("language", "en"))),
            *sensitive_questions(Plan.model_validate(stored.document)),
        ],
    )
