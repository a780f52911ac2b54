"""The API around watching: the overview, tickets, the audit, the settings, signing out."""

import pytest
from sqlalchemy import update

from server.store.records import Account
from sessions.monitor.overview import LiveOverview
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.record.tables import User
from tests.server.stage import Stage

STATE = {
    "phase": "asking",
    "holder": "interviewer",
    "connected": True,
    "question": None,
    "time_limit_ms": 900_000,
    "time_left_ms": 800_000,
    "monitors": 0,
    "listeners": 0,
}


async def with_role(stage: Stage, account: Account, role: str) -> dict[str, str]:
    """Give the account another role; the headers of its requests."""
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(User).where(User.id == account.id).values(role=role))
    return stage.headers(account)


async def test_the_overview_shows_what_this_process_knows_and_others_said(stage: Stage) -> None:
    rita = await stage.recruiter()
    here, _ = await stage.interview(rita, "Ada")
    there, _ = await stage.interview(rita, "Grace")
    organisation = rita.organisation_id
    await stage.store.monitors.set_live(
        "some", {here.id: (organisation, STATE), there.id: (organisation, STATE)}
    )
    stage.live.overviews[here.id] = LiveOverview({**STATE, "phase": "paused"}, -30, -100)
    items = (await stage.client.get("/api/v1/live", headers=stage.headers(rita))).json()["items"]
    shown = {item["candidate_name"]: item for item in items}
    assert shown["Ada"]["phase"] == "paused"
    assert shown["Ada"]["levels"] == {"candidate": -30, "interviewer": -100}
    assert (shown["Grace"]["phase"], shown["Grace"]["levels"]) == ("asking", None)
    assert (shown["Ada"]["here"], shown["Grace"]["here"]) == (True, False)
    stranger = stage.headers(await stage.recruiter("Other"))
    assert (await stage.client.get("/api/v1/live", headers=stranger)).json() == {"items": []}


@pytest.mark.parametrize(
    ("role", "asked", "status"),
    [
        ("viewer", ["watch"], 200),
        ("viewer", ["watch", "listen"], 403),
        ("observer", ["listen"], 200),
        ("observer", ["take_over"], 403),
        ("recruiter", ["hint", "control", "take_over"], 200),
        ("nobody", None, 403),
    ],
)
async def test_a_ticket_grants_what_the_role_allows(
    stage: Stage, role: str, asked: list[str] | None, status: int
) -> None:
    rita = await stage.recruiter()
    headers = await with_role(stage, rita, role)
    interview, _ = await stage.interview(rita)
    stage.live.ids.add(interview.id)
    response = await stage.client.post(
        f"/api/v1/live/{interview.id}/ticket",
        json=None if asked is None else {"rights": asked},
        headers=headers,
    )
    assert response.status_code == status
    body = response.json()
    if status == 200:
        assert asked is not None
        assert set(body["rights"]) == {"watch", *asked}
        assert body["socket_url"].endswith("/ws/monitor")
        grant = await stage.store.tickets.consume(body["ticket"], "monitor")
        assert grant is not None
        assert grant.user is not None
        assert grant.user.rights == {"watch", *asked}
    else:
        assert body["type"].endswith("right-missing")


async def test_no_ticket_for_an_interview_that_nobody_is_in(stage: Stage) -> None:
    rita = await stage.recruiter()
    interview, _ = await stage.interview(rita)
    headers = stage.headers(rita)
    url = f"/api/v1/live/{interview.id}/ticket"
    refused = await stage.client.post(url, headers=headers)
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (409, "not-live")
    bad = await stage.client.post(url, json={"rights": ["fly"]}, headers=headers)
    assert bad.status_code == 422
    assert (await stage.client.post(url)).status_code == 401


async def test_the_audit_lists_what_was_done(stage: Stage) -> None:
    rita = await stage.recruiter()
    interview, _ = await stage.interview(rita)
    hint = Action(ActionKind.HINT, Actor(rita.id, rita.name), "ask about it")
    await stage.store.monitors.enter(interview.id, hint, Step.ASKED)
    url = f"/api/v1/interviews/{interview.id}/actions"
    (item,) = (await stage.client.get(url, headers=stage.headers(rita))).json()["items"]
    assert (item["action"], item["text"], item["outcome"]) == ("hint", "ask about it", "asked")
    assert item["user_name"] == "Rita Recruiter"


async def test_the_consent_says_whether_one_is_told_of_listeners(stage: Stage) -> None:
    rita = await stage.recruiter()
    _, token = await stage.interview(rita)
    headers, url = stage.headers(rita), "/api/v1/organisation"
    assert (await stage.client.get(url, headers=headers)).json() == {"tell_listening": True}
    told = (await stage.client.post("/api/v1/join", json={"token": token})).json()["consent_text"]
    assert "may listen to the interview" in told
    assert "you are told when they do" in told
    changed = await stage.client.post(url, json={"tell_listening": False}, headers=headers)
    assert changed.json() == {"tell_listening": False}
    quiet = (await stage.client.post("/api/v1/join", json={"token": token})).json()["consent_text"]
    assert "may listen to the interview" in quiet
    assert "you are told" not in quiet
    viewer = await with_role(stage, rita, "viewer")
    refused = await stage.client.post(url, json={"tell_listening": True}, headers=viewer)
    assert refused.status_code == 403


async def test_signing_out_ends_every_token_of_the_account_and_a_new_one_works(
    stage: Stage,
) -> None:
    rita, other = await stage.recruiter(), await stage.recruiter("Other")
    headers = stage.headers(rita)
    assert (await stage.client.post("/api/v1/auth/sign-out", headers=headers)).status_code == 204
    refused = await stage.client.get("/api/v1/me", headers=headers)
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (401, "token-refused")
    assert (await stage.client.get("/api/v1/me", headers=stage.headers(other))).status_code == 200
    signed_in = await stage.client.post(
        "/api/v1/auth/token", json={"email": rita.email, "password": "open sesame 7"}
    )
    fresh = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await stage.client.get("/api/v1/me", headers=fresh)).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("observer", 403), ("recruiter", 200)])
async def test_a_hint_is_looked_at_before_it_is_sent(stage: Stage, role: str, status: int) -> None:
    headers = await with_role(stage, await stage.recruiter(), role)
    answers = [
        await stage.client.post("/api/v1/live/hint-check", json={"text": text}, headers=headers)
        for text in ("ask about the migration", "ask whether she has children")
    ]
    assert [answer.status_code for answer in answers] == [status, status]
    if status == 200:
        assert answers[0].json() == {"warnings": []}
        assert "about family" in answers[1].json()["warnings"][0]
