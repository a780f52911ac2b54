"""Rights: every route of the API asks the one table of roles, for every role and for none."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from server.store.records import Account
from sessions.monitor.rights import MONITOR_RIGHTS, RIGHTS_OF_ROLE, Right
from sessions.record.tables import User
from tests.server.stage import PASSWORD, Stage

OPEN = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("POST", "/api/v1/auth/token"),
        ("POST", "/api/v1/join"),
        ("POST", "/api/v1/join/ticket"),
        ("POST", "/api/v1/join/realtime"),
        ("POST", "/v1/realtime/client_secrets"),
    }
)
"""Routes that nobody signs in for: they ask for a password, a link, a key, or nothing."""

OWN_ACCOUNT = frozenset(
    {
        ("GET", "/api/v1/me"),
        ("POST", "/api/v1/me/password"),
        ("POST", "/api/v1/auth/sign-out"),
    }
)
"""Routes about the user's own account, whatever the role."""

NEEDED = {
    ("GET", "/api/v1/plans"): Right.WATCH,
    ("POST", "/api/v1/plans"): Right.INVITE,
    ("GET", "/api/v1/plans/{plan_id}"): Right.WATCH,
    ("GET", "/api/v1/interviews"): Right.WATCH,
    ("POST", "/api/v1/interviews"): Right.INVITE,
    ("GET", "/api/v1/interviews/{interview_id}"): Right.WATCH,
    ("GET", "/api/v1/interviews/{interview_id}/transcript"): Right.WATCH,
    ("POST", "/api/v1/interviews/{interview_id}/link"): Right.INVITE,
    ("POST", "/api/v1/interviews/{interview_id}/end"): Right.CONTROL,
    ("GET", "/api/v1/interviews/{interview_id}/calls"): Right.WATCH,
    ("POST", "/api/v1/interviews/{interview_id}/call"): Right.CALL,
    ("GET", "/api/v1/interviews/{interview_id}/actions"): Right.WATCH,
    ("DELETE", "/api/v1/interviews/{interview_id}"): Right.ERASE,
    ("GET", "/api/v1/interviews/{interview_id}/cost"): Right.WATCH,
    ("GET", "/api/v1/plans/{plan_id}/cost"): Right.WATCH,
    ("GET", "/api/v1/costs"): Right.WATCH,
    ("POST", "/api/v1/candidates/erase"): Right.ERASE,
    ("GET", "/api/v1/live"): Right.WATCH,
    ("POST", "/api/v1/live/{interview_id}/ticket"): Right.WATCH,
    ("POST", "/api/v1/live/hint-check"): Right.HINT,
    ("GET", "/api/v1/organisation"): Right.WATCH,
    ("POST", "/api/v1/organisation"): Right.SETTINGS,
    ("GET", "/api/v1/members"): Right.MEMBERS,
    ("POST", "/api/v1/members"): Right.MEMBERS,
    ("PATCH", "/api/v1/members/{member_id}"): Right.MEMBERS,
    ("POST", "/api/v1/members/{member_id}/password"): Right.MEMBERS,
    ("DELETE", "/api/v1/members/{member_id}"): Right.MEMBERS,
}

ROLES = [*RIGHTS_OF_ROLE, "guest", "", "Admin", "recruiter "]


def routes_of(stage: Stage) -> set[tuple[str, str]]:
    """Every route that the API describes."""
    return {
        (method.upper(), path)
        for path, methods in stage.app.openapi()["paths"].items()
        for method in methods
    }


async def with_role(stage: Stage, account: Account, role: str) -> dict[str, str]:
    """Give the account another role; the headers of its requests."""
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(User).where(User.id == account.id).values(role=role))
    return stage.headers(account)


async def test_no_route_is_left_out_of_the_table(stage: Stage) -> None:
    assert routes_of(stage) == OPEN | OWN_ACCOUNT | NEEDED.keys()


@pytest.mark.parametrize("role", ROLES)
async def test_on_every_route_a_role_can_do_what_the_table_says_and_nothing_else(
    stage: Stage, role: str
) -> None:
    account = await stage.recruiter()
    headers = await with_role(stage, account, role)
    for (method, path), right in sorted(NEEDED.items()):
        # what is asked for is not there: a request that is let in is then refused for that
        url = path.format(plan_id=uuid4(), interview_id=uuid4(), member_id=uuid4())
        response = await stage.client.request(method, url, headers=headers)
        allowed = right in RIGHTS_OF_ROLE.get(role, frozenset())
        refused = response.status_code == 403
        assert refused is not allowed, (role, method, path, response.text)
        if refused:
            assert response.json()["code"] == "right-missing"


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_sees_to_its_own_account(stage: Stage, role: str) -> None:
    account = await stage.recruiter()
    headers = await with_role(stage, account, role)
    assert (await stage.client.get("/api/v1/me", headers=headers)).json()["role"] == role
    signed_out = await stage.client.post("/api/v1/auth/sign-out", headers=headers)
    assert signed_out.status_code == 204


async def test_without_a_token_every_route_but_the_open_ones_is_refused(stage: Stage) -> None:
    for method, path in sorted(routes_of(stage) - OPEN):
        url = path.format(plan_id=uuid4(), interview_id=uuid4(), member_id=uuid4())
        assert (await stage.client.request(method, url)).status_code == 401, (method, path)


@pytest.mark.parametrize("role", ["viewer", "observer", "guest"])
async def test_what_is_refused_leaves_an_interview_as_it_was(stage: Stage, role: str) -> None:
    account = await stage.recruiter()
    interview, token = await stage.interview(account)
    stage.live.ids.add(interview.id)
    headers = await with_role(stage, account, role)
    for path in ("link", "end", "call"):
        url = f"/api/v1/interviews/{interview.id}/{path}"
        refused = await stage.client.post(url, headers=headers, json={"to": "+441632960961"})
        assert refused.status_code == 403
    assert stage.live.ended == []
    assert await stage.store.tickets.find_invitation(token) is not None
    left = await stage.store.interviews.find(account.organisation_id, interview.id)
    assert left == interview


@pytest.mark.parametrize("right", sorted(set(Right) - MONITOR_RIGHTS))
async def test_a_ticket_grants_rights_of_monitors_only(stage: Stage, right: Right) -> None:
    account = await stage.recruiter()
    interview, _ = await stage.interview(account)
    stage.live.ids.add(interview.id)
    url, headers = f"/api/v1/live/{interview.id}/ticket", stage.headers(account)
    asked = await stage.client.post(url, json={"rights": [right]}, headers=headers)
    assert asked.status_code == 422
    everything: dict[str, Any] = (await stage.client.post(url, headers=headers)).json()
    assert set(everything["rights"]) == MONITOR_RIGHTS


async def test_a_new_password_ends_every_token_and_every_ticket_of_before(stage: Stage) -> None:
    account = await stage.recruiter()
    headers = stage.headers(account)
    changed = await stage.client.post(
        "/api/v1/me/password", json={"old": PASSWORD, "new": "a new one 99"}, headers=headers
    )
    assert changed.status_code == 204
    refused = await stage.client.get("/api/v1/me", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token-refused")
    standing = (await stage.store.accounts.standings([account.id]))[account.id]
    assert standing.sign_outs == account.sign_outs + 1  # what each socket is checked against
    signed_in = await stage.client.post(
        "/api/v1/auth/token", json={"email": account.email, "password": "a new one 99"}
    )
    fresh = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await stage.client.get("/api/v1/me", headers=fresh)).status_code == 200


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/plans", "GET, POST"),
        ("/api/v1/organisation", "GET, POST"),
        (f"/api/v1/interviews/{UUID(int=7)}", "DELETE, GET"),
        ("/api/v1/me", "GET"),
    ],
)
async def test_an_address_names_every_method_that_it_takes(
    stage: Stage, path: str, methods: str
) -> None:
    refused = await stage.client.request("PATCH", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)


@pytest.mark.parametrize("wrong", [0, 1, "true", "no", None, 0.0])
async def test_whether_candidates_are_told_is_said_by_true_or_false(
    stage: Stage, wrong: object
) -> None:
    headers = stage.headers(await stage.recruiter())
    url = "/api/v1/organisation"
    refused = await stage.client.post(url, json={"tell_listening": wrong}, headers=headers)
    assert refused.status_code == 422
    assert (await stage.client.get(url, headers=headers)).json() == {"tell_listening": True}
