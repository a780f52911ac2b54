"""The app: its description, the redirect of its root, the files of its pages, readable limits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.app import create_app
from tests.server.stage import Stage, make_services, make_settings, open_stage


@pytest.fixture
async def stage(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(engine, make_settings(tmp_path)) as opened:
        yield opened


OPERATIONS = {
    "get /api/v1/costs",
    "get /api/v1/interviews/{interview_id}/cost",
    "get /api/v1/plans/{plan_id}/cost",
    "get /api/v1/interviews",
    "get /api/v1/interviews/{interview_id}",
    "get /api/v1/interviews/{interview_id}/actions",
    "get /api/v1/interviews/{interview_id}/calls",
    "get /api/v1/interviews/{interview_id}/transcript",
    "delete /api/v1/interviews/{interview_id}",
    "post /api/v1/candidates/erase",
    "get /api/v1/live",
    "get /api/v1/me",
    "get /api/v1/members",
    "post /api/v1/members",
    "patch /api/v1/members/{member_id}",
    "delete /api/v1/members/{member_id}",
    "post /api/v1/members/{member_id}/password",
    "post /v1/realtime/client_secrets",
    "get /api/v1/organisation",
    "get /api/v1/plans",
    "get /api/v1/plans/{plan_id}",
    "get /healthz",
    "get /readyz",
    "post /api/v1/auth/sign-out",
    "post /api/v1/auth/token",
    "post /api/v1/interviews",
    "post /api/v1/interviews/{interview_id}/call",
    "post /api/v1/interviews/{interview_id}/end",
    "post /api/v1/interviews/{interview_id}/link",
    "post /api/v1/join",
    "post /api/v1/join/realtime",
    "post /api/v1/join/ticket",
    "post /api/v1/live/hint-check",
    "post /api/v1/live/{interview_id}/ticket",
    "post /api/v1/me/password",
    "post /api/v1/organisation",
    "post /api/v1/plans",
}


async def test_every_operation_is_described_and_says_how_it_fails(stage: Stage) -> None:
    description = (await stage.client.get("/openapi.json")).json()
    operations = {
        f"{method} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == OPERATIONS
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert "_" in operation["operationId"] or operation["operationId"].isalpha(), name
        if name != "get /healthz":
            problem = operation["responses"]["default"]["content"]
            assert list(problem) == ["application/problem+json"], name
            assert "422" not in operation["responses"], name
    plan = operations["post /api/v1/plans"]["requestBody"]["content"]
    assert set(plan) == {"application/json", "application/yaml"}


async def test_the_documentation_is_served_under_a_policy_that_lets_it_run(stage: Stage) -> None:
    response = await stage.client.get("/docs")
    assert response.status_code == 200
    assert "http" not in response.text.replace("http://www.w3.org", "")
    assert "https:" not in response.headers["content-security-policy"]
    script = await stage.client.get("/docs-assets/swagger-ui-bundle.js")
    assert script.status_code == 200


async def test_the_root_leads_to_the_recruiters_page(stage: Stage) -> None:
    response = await stage.client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/recruiter")


async def test_the_pages_files_are_served(stage: Stage) -> None:
    response = await stage.client.get("/static/api.js")
    assert response.status_code == 200
    assert "javascript" in response.headers["content-type"]
    missing = await stage.client.get("/static/none.js")
    assert missing.headers["content-type"] == "application/problem+json"


def test_a_limit_that_cannot_be_read_ends_the_start(engine: AsyncEngine, tmp_path: Path) -> None:
    services = make_services(engine, make_settings(tmp_path, rate_limit_api="often"))
    with pytest.raises(ValueError, match="VIVA_RATE_LIMIT_API"):
        create_app(services)
    services.passwords.close()
