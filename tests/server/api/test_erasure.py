"""Erasing over the API: one interview, or all of a candidate, by who may, and not while live."""

from uuid import uuid4

import pytest
from sqlalchemy import update

from sessions.record.tables import InterviewRow
from tests.server.stage import Stage


async def test_an_interview_is_erased_once_and_its_link_with_it(stage: Stage) -> None:
    rita = await stage.recruiter()
    interview, token = await stage.interview(rita)
    url, headers = f"/api/v1/interviews/{interview.id}", stage.headers(rita)
    stranger = stage.headers(await stage.recruiter("Rival"))
    assert (await stage.client.delete(url, headers=stranger)).status_code == 404
    assert (await stage.client.delete(url, headers=headers)).status_code == 204
    assert (await stage.client.get(url, headers=headers)).status_code == 404
    assert (await stage.client.delete(url, headers=headers)).status_code == 404
    joined = await stage.client.post("/api/v1/join", json={"token": token})
    assert joined.json()["code"] == "unknown-link"


@pytest.mark.parametrize("here", [True, False])
async def test_while_somebody_is_in_it_an_interview_is_not_erased(stage: Stage, here: bool) -> None:
    rita = await stage.recruiter()
    interview, _ = await stage.interview(rita)
    if here:
        stage.live.ids.add(interview.id)
    else:
        states = {interview.id: (rita.organisation_id, {"phase": "asking"})}
        await stage.store.monitors.set_live("another process", states)
    url, headers = f"/api/v1/interviews/{interview.id}", stage.headers(rita)
    refused = await stage.client.delete(url, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "still-live")
    assert (await stage.client.get(url, headers=headers)).status_code == 200


async def test_a_candidate_is_erased_by_address_in_the_own_organisation(stage: Stage) -> None:
    rita, other = await stage.recruiter(), await stage.recruiter("Other")
    for account in (rita, rita, other):
        await stage.interview(account)
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(InterviewRow).values(candidate_email="ada@example.com"))
    url, headers = "/api/v1/candidates/erase", stage.headers(rita)
    body = {"candidate_email": "ADA@example.com"}
    erased = await stage.client.post(url, json=body, headers=headers)
    assert (erased.status_code, erased.json()) == (200, {"interviews": 2})
    left = await stage.client.get("/api/v1/interviews", headers=stage.headers(other))
    assert len(left.json()["items"]) == 1


@pytest.mark.parametrize("body", [{}, {"candidate_email": "ada"}, {"candidate_phone": "12"}])
async def test_whose_data_is_erased_has_to_be_said(stage: Stage, body: dict[str, str]) -> None:
    headers = stage.headers(await stage.recruiter())
    response = await stage.client.post("/api/v1/candidates/erase", json=body, headers=headers)
    assert response.status_code == 422
    unknown = {"candidate_email": f"{uuid4().hex}@example.com"}
    nobody = await stage.client.post("/api/v1/candidates/erase", json=unknown, headers=headers)
    assert nobody.json() == {"interviews": 0}
