"""Rate limits: the call after the last allowed one is told when to come back."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.http.problems import Problem
from server.http.rate_limits import KNOWN_ADDRESSES, AccountLimit, RateLimits
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


async def test_candidates_behind_one_address_all_get_in_and_guessing_is_stopped(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, rate_limit_join="10/minute")
    async with open_stage(clean_database, settings) as stage:
        account = await stage.recruiter()
        links = [(await stage.interview(account))[1] for _ in range(40)]
        guesses = [
            (await stage.client.post("/api/v1/join", json={"token": f"guess {number}"})).status_code
            for number in range(15)
        ]
        assert guesses == [404] * 10 + [429] * 5
        for path in ("/api/v1/join", "/api/v1/join/ticket"):
            for token in links:
                response = await stage.client.post(path, json={"token": token})
                assert response.status_code == 200
        again = [
            (await stage.client.post("/api/v1/join", json={"token": links[0]})).status_code
            for _ in range(10)
        ]
        assert again == [200] * 8 + [429] * 2
        response = await stage.client.post("/api/v1/join", json={"token": links[1]})
        assert response.status_code == 200, "a link that is used too often shuts no other out"


@pytest.mark.parametrize("limit", ["many", "3/fortnight", "0.5/minute"])
def test_a_limit_that_cannot_be_read_names_its_setting(tmp_path: Path, limit: str) -> None:
    settings = make_settings(tmp_path, rate_limit_sign_in=limit)
    with pytest.raises(ValueError, match=r"VIVA_RATE_LIMIT_SIGN_IN=.*10/minute"):
        RateLimits(settings)


def tries(limit: AccountLimit, email: str, address: str) -> bool:
    """Whether one more password may be tried."""
    try:
        limit.take(email, address)
    except Problem:
        return False
    return True


class TestAccountLimit:
    def test_one_account_is_tried_so_often_from_however_many_addresses(self) -> None:
        limit = AccountLimit("3/hour")
        spellings = ["rita@viva.example", "Rita@Viva.example", "RITA@VIVA.EXAMPLE"] * 2
        assert [tries(limit, email, f"192.0.2.{n}") for n, email in enumerate(spellings)] == (
            [True] * 3 + [False] * 3
        )
        assert tries(limit, "olga@viva.example", "192.0.2.1"), "another account is not concerned"

    def test_a_right_password_does_not_count(self) -> None:
        limit = AccountLimit("3/hour")
        for _ in range(20):
            assert tries(limit, "rita@viva.example", "192.0.2.1")
            limit.succeeded("rita@viva.example", "192.0.2.1")

    def test_whoever_guesses_does_not_shut_the_owner_out(self) -> None:
        limit = AccountLimit("3/hour")
        assert tries(limit, "rita@viva.example", "192.0.2.1")
        limit.succeeded("rita@viva.example", "192.0.2.1")
        for number in range(50):
            tries(limit, "rita@viva.example", f"198.51.100.{number}")
        assert not tries(limit, "rita@viva.example", "203.0.113.1")
        assert tries(limit, "Rita@viva.example", "192.0.2.1")
        assert [tries(limit, "rita@viva.example", "192.0.2.1") for _ in range(3)][-1] is False

    def test_what_is_remembered_is_bounded(self) -> None:
        limit = AccountLimit("3/hour")
        for number in range(KNOWN_ADDRESSES + 10):
            limit.succeeded("rita@viva.example", str(number))
        assert len(limit._known) == KNOWN_ADDRESSES


async def test_wrong_passwords_of_one_account_are_counted_at_both_doors(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, rate_limit_account="3/hour")
    async with open_stage(clean_database, settings) as stage:
        rita = await stage.recruiter()
        change = {"old": "a guess", "new": "a new one 99"}
        headers = stage.headers(rita)
        for _ in range(2):
            wrong = await stage.client.post("/api/v1/me/password", json=change, headers=headers)
            assert wrong.status_code == 403
        body = {"email": rita.email, "password": "a guess"}
        statuses = [
            (await stage.client.post("/api/v1/auth/token", json=body)).status_code for _ in range(3)
        ]
        assert statuses == [401, 429, 429]
        right = {"email": rita.email, "password": PASSWORD}
        late = await stage.client.post("/api/v1/auth/token", json=right)
        assert (late.status_code, late.json()["code"]) == (429, "too-many-requests")
        assert int(late.headers["retry-after"]) > 0
