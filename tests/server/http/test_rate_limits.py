"""Rate limits: the call after the last allowed one is told when to come back."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.http.rate_limits import RateLimits
from tests.server.stage import PASSWORD, Stage, make_settings, open_stage


async def refused_at(stage: Stage, method: str, path: str, body: object, calls: int) -> int:
    """The number of the first of `calls` that was refused for being one too many, else 0."""
    for number in range(1, calls + 1):
        response = await stage.client.request(method, path, json=body)
        if response.status_code == 429:
            problem = response.json()
            assert response.headers["content-type"] == "application/problem+json"
            assert problem["code"] == "too-many-requests"
            assert 1 <= int(response.headers["retry-after"]) <= 61
            assert f"again in {response.headers['retry-after']} s." in problem["detail"]
            return number
    return 0


@pytest.mark.parametrize(
    ("setting", "method", "path", "body"),
    [
        ("sign_in", "POST", "/api/v1/auth/token", {"email": "a@b.example", "password": PASSWORD}),
        ("join", "POST", "/api/v1/join", {"token": "unknown"}),
        ("api", "GET", "/api/v1/plans", None),
    ],
)
async def test_one_call_too_many_is_refused(
    clean_database: AsyncEngine,
    tmp_path: Path,
    setting: str,
    method: str,
    path: str,
    body: object,
) -> None:
    settings = make_settings(tmp_path, **{f"rate_limit_{setting}": "3/minute"})
    async with open_stage(clean_database, settings) as stage:
        assert await refused_at(stage, method, path, body, 5) == 4


async def test_calls_of_one_kind_share_a_limit_and_kinds_do_not(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, rate_limit_join="2/minute")
    async with open_stage(clean_database, settings) as stage:
        for path in ("/api/v1/join", "/api/v1/join/ticket"):
            response = await stage.client.post(path, json={"token": "unknown"})
            assert response.status_code == 404
        third = await stage.client.post("/api/v1/join", json={"token": "unknown"})
        assert third.status_code == 429
        assert (await stage.client.get("/api/v1/plans")).status_code == 401


async def test_every_app_counts_for_itself_and_health_is_not_counted(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, rate_limit_api="1/minute")
    for _ in range(2):
        async with open_stage(clean_database, settings) as stage:
            assert await refused_at(stage, "GET", "/api/v1/plans", None, 3) == 2
            assert await refused_at(stage, "GET", "/healthz", None, 5) == 0


@pytest.mark.parametrize("limit", ["many", "3/fortnight", "0.5/minute"])
def test_a_limit_that_cannot_be_read_names_its_setting(tmp_path: Path, limit: str) -> None:
    settings = make_settings(tmp_path, rate_limit_sign_in=limit)
    with pytest.raises(ValueError, match=r"VIVA_RATE_LIMIT_SIGN_IN=.*10/minute"):
        RateLimits(settings)
