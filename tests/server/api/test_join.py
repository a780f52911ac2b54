"""The candidate's way in: a link looked up again and again, a ticket for each socket."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from sessions.record.store import SessionStore
from sessions.record.tables import InterviewRow
from tests.server.stage import Stage, make_settings, open_stage


async def test_a_link_says_what_awaits_the_candidate(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter("Acme"), "Ada")
    for _ in range(3):  # looking uses nothing up
        body = (await stage.client.post("/api/v1/join", json={"token": token})).json()
    assert body["interview_id"] == str(interview.id)
    assert body["candidate_name"] == "Ada"
    assert body["title"] == interview.plan_title
    assert body["persona_name"] == interview.plan_document["persona"]["name"]
    assert (body["language"], body["time_limit_s"]) == ("en", 900)
    assert (body["status"], body["begun"]) == ("invited", False)
    assert body["organisation"] in body["consent_text"]
    assert "email" not in str(body)


async def test_a_plan_that_names_no_organisation_leaves_it_to_the_recruiters(
    stage: Stage,
) -> None:
    interview, token = await stage.interview(await stage.recruiter("Acme"))
    async with stage.services.engine.begin() as connection:
        document = interview.plan_document | {"organisation": None}
        await connection.execute(update(InterviewRow).values(plan_document=document))
    body = (await stage.client.post("/api/v1/join", json={"token": token})).json()
    assert body["organisation"] == "Acme"


async def test_the_pages_address_uses_nothing_up(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    for method in ("GET", "HEAD"):
        await stage.client.request(method, f"/join/{token}")
    assert (await stage.client.post("/api/v1/join", json={"token": token})).status_code == 200


async def test_each_ticket_opens_one_socket_and_the_link_gives_another(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    tickets = []
    for _ in range(2):
        body = (await stage.client.post("/api/v1/join/ticket", json={"token": token})).json()
        assert body["socket_url"] == "ws://viva.test/ws/interview"
        assert body["expires_in"] == 30
        tickets.append(body["ticket"])
    for ticket in tickets:
        grant = await stage.store.tickets.consume(ticket, "candidate")
        assert grant is not None
        assert grant.interview_id == interview.id
        assert await stage.store.tickets.consume(ticket, "candidate") is None


async def test_behind_tls_the_socket_is_secure(clean_database: AsyncEngine, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, public_url="https://viva.example.com/")
    async with open_stage(clean_database, settings) as stage:
        _, token = await stage.interview(await stage.recruiter())
        body = (await stage.client.post("/api/v1/join/ticket", json={"token": token})).json()
    assert body["socket_url"] == "wss://viva.example.com/ws/interview"


@pytest.mark.parametrize("path", ["/api/v1/join", "/api/v1/join/ticket"])
@pytest.mark.parametrize("token", ["unknown", "x" * 43, "ü", "'; drop table tickets; --"])
async def test_an_unknown_link_is_told_in_a_sentence(stage: Stage, path: str, token: str) -> None:
    response = await stage.client.post(path, json={"token": token})
    assert (response.status_code, response.json()["code"]) == (404, "unknown-link")


@pytest.mark.parametrize("token", ["", "x" * 257, "a\0b", 7, None])
async def test_what_is_no_token_is_a_problem(stage: Stage, token: object) -> None:
    response = await stage.client.post("/api/v1/join", json={"token": token})
    assert response.status_code == 422


@pytest.mark.parametrize("path", ["/api/v1/join", "/api/v1/join/ticket"])
async def test_an_expired_link_is_told_apart_from_an_unknown_one(stage: Stage, path: str) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    past = datetime.now(UTC) - timedelta(hours=1)
    async with stage.services.engine.begin() as connection:
        await connection.execute(
            update(InterviewRow).where(InterviewRow.id == interview.id).values(join_expires_at=past)
        )
    response = await stage.client.post(path, json={"token": token})
    assert (response.status_code, response.json()["code"]) == (410, "link-expired")


async def test_a_begun_interview_can_be_entered_again_until_it_is_over(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    store = SessionStore(stage.services.engine)
    session_id = (await store.open_session(interview.id)).session_id
    await store.consent(interview.id)
    body = (await stage.client.post("/api/v1/join", json={"token": token})).json()
    assert (body["status"], body["begun"]) == ("running", True)
    ticket = await stage.client.post("/api/v1/join/ticket", json={"token": token})
    assert ticket.status_code == 200
    await store.end_session(session_id, "done", completed=True)
    for path in ("/api/v1/join", "/api/v1/join/ticket"):
        over = await stage.client.post(path, json={"token": token})
        assert (over.status_code, over.json()["code"]) == (410, "interview-over")


async def test_a_key_for_realtime_clients_comes_with_its_address(stage: Stage) -> None:
    interview, token = await stage.interview(await stage.recruiter())
    wanted = {"token": token, "consent": True}
    body = (await stage.client.post("/api/v1/join/realtime", json=wanted)).json()
    assert (body["base_url"], body["expires_in"]) == ("http://viva.test/v1", 7_200)
    for _ in range(2):  # as often as it is shown
        grant = await stage.store.tickets.check(body["api_key"], "realtime")
        assert grant is not None
        assert grant.interview_id == interview.id
    assert await stage.store.tickets.check(body["api_key"], "candidate") is None
    assert await stage.store.tickets.consume(body["api_key"], "candidate") is None


async def test_without_consent_or_link_there_is_no_key(stage: Stage) -> None:
    _, token = await stage.interview(await stage.recruiter())
    refused = await stage.client.post(
        "/api/v1/join/realtime", json={"token": token, "consent": False}
    )
    assert refused.status_code == 422
    unknown = {"token": "unknown", "consent": True}
    assert (await stage.client.post("/api/v1/join/realtime", json=unknown)).status_code == 404
