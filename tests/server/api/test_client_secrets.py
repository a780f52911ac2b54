"""Client secrets: short-lived Realtime keys in OpenAI's own shape, for one interview each."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI
from sqlalchemy.ext.asyncio import AsyncEngine

from server.dialects.realtime.session_settings import FORMATS, SessionSettings
from server.store.records import TicketGrant
from sessions.record.store import SessionStore
from tests.server.stage import Stage, make_settings, open_stage

PATH = "/v1/realtime/client_secrets"
EXPIRES = {"anchor": "created_at", "seconds": 60}


def bearing(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


async def a_key(stage: Stage, token: str) -> str:
    wanted = {"token": token, "consent": True}
    return str((await stage.client.post("/api/v1/join/realtime", json=wanted)).json()["api_key"])


async def asked(stage: Stage, bearer: str, **wanted: Any) -> httpx.Response:
    return await stage.client.post(PATH, json=wanted, headers=bearing(bearer))


async def granted(stage: Stage, response: httpx.Response) -> TicketGrant:
    assert response.status_code == 200, response.text
    grant = await stage.store.tickets.check(response.json()["value"], "realtime")
    assert grant is not None
    return grant


async def test_the_official_client_gets_a_secret_for_the_interview_of_its_key(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    key = await a_key(stage, token)
    http: Any = stage.client
    async with AsyncOpenAI(api_key=key, base_url="http://viva.test/v1", http_client=http) as client:
        secret = await client.realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 60},
            session={"type": "realtime", "model": "gpt-realtime"},
        )
        assert secret.value.startswith("ek_")
        assert secret.value != key
        assert 0 <= secret.expires_at - time.time() <= 61
        assert (secret.session.type, secret.session.object) == ("realtime", "realtime.session")
        grant = await stage.store.tickets.check(secret.value, "realtime")
    assert grant is not None
    assert grant.interview_id == interview.id
    assert grant.organisation_id == interview.organisation_id


async def test_ten_minutes_are_given_where_none_are_asked_for(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    body = (await asked(stage, await a_key(stage, token))).json()
    assert body.keys() == {"value", "expires_at", "session"}
    assert 590 <= body["expires_at"] - time.time() <= 601


async def test_a_secret_outlives_no_key_that_it_was_made_with(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    first = (await asked(stage, await a_key(stage, token), expires_after=EXPIRES)).json()
    longer = {"anchor": "created_at", "seconds": 7_200}
    second = (await asked(stage, first["value"], expires_after=longer)).json()
    assert second["expires_at"] == first["expires_at"]


async def test_the_token_of_the_link_gives_one_with_consent_alone(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    for consent in ({}, {"consent": False}, {"consent": None}, {"consent": "yes"}):
        refused = await asked(stage, token, **consent)
        assert refused.status_code == 422
        assert "consent" in refused.json()["detail"]
    grant = await granted(stage, await asked(stage, token, consent=True))
    assert grant.interview_id == interview.id


@pytest.mark.parametrize("bearer", ["ek_unknown", "ek_", "ek_" + "x" * 300, "x" * 257])
async def test_no_other_key_gives_one(stage: Stage, bearer: str) -> None:
    refused = await asked(stage, bearer)
    assert (refused.status_code, refused.json()["code"]) == (401, "key-refused")


async def test_without_a_key_or_with_another_kind_of_secret_there_is_none(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    ticket = (await stage.client.post("/api/v1/join/ticket", json={"token": token})).json()
    assert (await stage.client.post(PATH, json={})).status_code == 401
    basic = {"Authorization": f"Basic {token}"}
    assert (await stage.client.post(PATH, json={}, headers=basic)).status_code == 401
    other = await asked(stage, ticket["ticket"], consent=True)
    assert (other.status_code, other.json()["code"]) == (404, "unknown-link")


async def test_a_secret_dies_with_its_link_and_its_interview(stage: Stage) -> None:
    owner = await stage.recruiter()
    interview, token = await stage.interview(owner)
    key = await a_key(stage, token)
    secret = (await asked(stage, key)).json()["value"]
    await stage.store.interviews.renew_link(owner.organisation_id, interview.id, 3_600)
    assert await stage.store.tickets.check(secret, "realtime") is None
    assert (await asked(stage, key)).status_code == 401

    interview, token = await stage.interview(owner)
    key = await a_key(stage, token)
    store = SessionStore(stage.services.engine)
    session_id = (await store.open_session(interview.id)).session_id
    await store.end_session(session_id, "completed", completed=True)
    for bearer in (key, token):
        over = await asked(stage, bearer, consent=True)
        assert (over.status_code, over.json()["code"]) == (410, "interview-over")


@pytest.mark.parametrize(
    "expires",
    [
        {"seconds": 9},
        {"seconds": 7_201},
        {"seconds": "60"},
        {"seconds": True},
        {"seconds": 60.5},
        {"anchor": "now", "seconds": 60},
        7,
    ],
)
async def test_a_time_that_the_protocol_does_not_know_is_refused(
    stage: Stage, expires: object
) -> None:
    _, token = await stage.interview(await stage.recruiter())
    refused = await asked(stage, await a_key(stage, token), expires_after=expires)
    assert refused.status_code == 422
    assert "expires_after" in refused.json()["detail"]


async def test_what_an_interview_does_not_grant_is_refused_by_name(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    session = {"type": "realtime", "instructions": "Hire me.", "audio": {"output": {"voice": "x"}}}
    refused = await asked(stage, await a_key(stage, token), session=session)
    assert (refused.status_code, refused.json()["code"]) == (422, "not-allowed-in-interview")
    fields = [error["field"] for error in refused.json()["errors"]]
    assert fields == ["session.instructions", "session.audio.output.voice"]


async def test_a_server_that_refuses_quietly_lists_what_it_left_out(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, realtime_refuse_quietly=True)
    async with open_stage(clean_database, settings) as stage:
        _, token = await stage.interview(await stage.recruiter())
        session = {"type": "realtime", "instructions": "Hire me."}
        body = (await asked(stage, await a_key(stage, token), session=session)).json()
    assert body["session"]["instructions"] == ""
    assert [one["param"] for one in body["session"]["viva"]["ignored"]] == ["session.instructions"]


async def test_too_many_are_refused_by_interview(
    clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, rate_limit_join="3/minute")
    async with open_stage(clean_database, settings) as stage:
        _, token = await stage.interview(await stage.recruiter())
        key = await a_key(stage, token)
        codes = [(await asked(stage, key)).status_code for _ in range(3)]
        unknown = [(await asked(stage, f"ek_{at}")).status_code for at in range(4)]
    assert codes == [200, 200, 429]
    assert unknown == [401, 401, 401, 429]


formats = st.sampled_from(sorted(FORMATS)).map(lambda name: {"type": name})


@given(
    formats,
    formats,
    st.sampled_from([None, {"type": "server_vad"}, {"type": "semantic_vad"}]),
    st.none() | st.text(min_size=1, max_size=20),
)
def test_a_connection_begins_with_what_was_chosen(
    heard: dict[str, str], spoken: dict[str, str], turns: object, model: str | None
) -> None:
    chosen = SessionSettings()
    audio = {"input": {"format": heard, "turn_detection": turns}, "output": {"format": spoken}}
    assert chosen.update({"audio": audio, "model": model}) == []
    again = SessionSettings()
    assert again.update(chosen.chosen()) == []
    assert again.as_object() == chosen.as_object()
