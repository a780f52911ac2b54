"""Signing in: the right pair gets a token, everything else gets the same refusal."""

import asyncio
from uuid import uuid4

import pytest
from pytest_mock import MockerFixture
from sqlalchemy import delete

from sessions.monitor.rights import Right
from sessions.record.tables import User
from tests.server.free_loop import QUICK_HASH, rounds_of_each_check
from tests.server.stage import PASSWORD, Stage


async def sign_in(stage: Stage, email: str, password: str) -> tuple[int, dict[str, object]]:
    response = await stage.client.post(
        "/api/v1/auth/token", json={"email": email, "password": password}
    )
    return response.status_code, response.json()


async def test_a_recruiter_signs_in_and_is_known(stage: Stage) -> None:
    account = await stage.recruiter("Acme")
    status, body = await sign_in(stage, account.email.upper(), PASSWORD)
    assert status == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 8 * 3600
    me = await stage.client.get(
        "/api/v1/me", headers={"Authorization": f"Bearer {body['access_token']}"}
    )
    assert me.json() == {
        "id": str(account.id),
        "email": account.email,
        "name": "Rita Recruiter",
        "role": "recruiter",
        "rights": [right.value for right in Right if right is not Right.MEMBERS],
        "organisation": {"id": str(account.organisation_id), "name": "Acme"},
    }


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(stage: Stage) -> None:
    account = await stage.recruiter()
    wrong = await sign_in(stage, account.email, "not the password")
    unknown = await sign_in(stage, "nobody@viva.example", PASSWORD)
    for status, body in (wrong, unknown):
        assert status == 401
        assert body["code"] == "sign-in-refused"
        assert body["detail"] == "The e-mail address or the password is wrong."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@b.example"},
        {"email": "a@b.example", "password": ""},
        {"email": "a\0@b.example", "password": "x"},
        {"email": "a@b.example", "password": "x" * 2000},
    ],
)
async def test_half_a_sign_in_is_a_problem(stage: Stage, body: dict[str, str]) -> None:
    response = await stage.client.post("/api/v1/auth/token", json=body)
    assert response.status_code == 422
    assert response.json()["errors"]
    assert "x" * 2000 not in response.text


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "not-signed-in"),
        ("Basic cml0YTpyaXRh", "not-signed-in"),
        ("Bearer", "not-signed-in"),
        ("Bearer nonsense", "token-refused"),
        ("Bearer a.b.c", "token-refused"),
    ],
)
async def test_without_a_good_token_nobody_is_let_in(
    stage: Stage, header: str | None, code: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await stage.client.get("/api/v1/me", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["code"] == code


async def test_a_user_who_is_gone_is_not_let_in(stage: Stage) -> None:
    account = await stage.recruiter()
    headers = stage.headers(account)
    async with stage.services.engine.begin() as connection:
        await connection.execute(delete(User).where(User.id == account.id))
    response = await stage.client.get("/api/v1/me", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "token-refused")


async def test_a_token_of_another_organisation_is_nobodys(stage: Stage) -> None:
    account = await stage.recruiter()
    token = stage.services.tokens.issue(account.id, uuid4(), "recruiter")
    response = await stage.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


async def test_a_password_is_changed_by_who_knows_the_old_one(stage: Stage) -> None:
    account = await stage.recruiter()
    headers = stage.headers(account)

    async def change(old: str, new: str) -> tuple[int, str]:
        response = await stage.client.post(
            "/api/v1/me/password", json={"old": old, "new": new}, headers=headers
        )
        return response.status_code, response.text

    assert (await change("not the password", "a new one 99"))[0] == 403
    status, text = await change(PASSWORD, "short")
    assert status == 422
    assert "8 to 128 characters" in text
    assert await change(PASSWORD, "a new one 99") == (204, "")
    assert (await sign_in(stage, account.email, PASSWORD))[0] == 401
    assert (await sign_in(stage, account.email, "a new one 99"))[0] == 200


async def test_32_sign_ins_at_once_leave_the_loop_free(stage: Stage, mocker: MockerFixture) -> None:
    account = await stage.recruiter()
    await stage.store.accounts.set_password(account.organisation_id, account.id, QUICK_HASH)
    sign_ins = asyncio.gather(*(sign_in(stage, account.email, PASSWORD) for _ in range(32)))
    answers, rounds = await rounds_of_each_check(sign_ins, mocker)
    assert [status for status, _ in answers] == [200] * 32
    assert rounds[16] > 10
