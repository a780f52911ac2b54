"""Members over the API: they come, change their role, and go; an admin is always left."""

from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from server.sockets.monitor_access import MonitorGuard
from server.store.records import Account, TicketUser
from sessions.monitor.rights import RIGHTS_OF_ROLE
from tests.server.stage import Stage

URL = "/api/v1/members"


async def admin_of(stage: Stage, organisation: str = "Acme") -> Account:
    """The first user of a new organisation, an admin."""
    account = await stage.recruiter(organisation)
    await stage.store.accounts.set_role(account.organisation_id, account.id, "admin")
    admin = await stage.store.accounts.find_user(account.organisation_id, account.id)
    assert admin is not None
    return admin


async def add(stage: Stage, admin: Account, email: str, role: str = "viewer") -> dict[str, Any]:
    """Add a member; the answer."""
    body = {"email": email, "name": "Olga", "role": role}
    added = await stage.client.post(URL, json=body, headers=stage.headers(admin))
    assert added.status_code == 201, added.text
    answer: dict[str, Any] = added.json()
    return answer


async def signed_in(stage: Stage, email: str, password: str) -> dict[str, str]:
    """The headers of a user who has signed in."""
    answer = await stage.client.post(
        "/api/v1/auth/token", json={"email": email, "password": password}
    )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def code(response: Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("role", RIGHTS_OF_ROLE)
async def test_a_member_is_added_signs_in_and_is_listed(stage: Stage, role: str) -> None:
    admin = await admin_of(stage)
    added = await add(stage, admin, "Olga@acme.example", role)
    headers = await signed_in(stage, "olga@acme.example", added["password"])
    me = (await stage.client.get("/api/v1/me", headers=headers)).json()
    assert (me["id"], me["role"], me["name"]) == (added["id"], role, "Olga")
    assert me["organisation"]["name"] == "Acme"
    listed = await stage.client.get(URL, headers=stage.headers(admin))
    assert {one["email"]: one["role"] for one in listed.json()["items"]} == {
        admin.email: "admin",
        "olga@acme.example": role,
    }
    assert "password" not in listed.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "olga@acme.example"},
        {"email": "olga@acme.example", "role": "owner"},
        {"email": "olga@acme.example", "role": "Admin"},
        {"email": "olga", "role": "viewer"},
        {"email": "ol ga@acme.example", "role": "viewer"},
        {"email": "olga\0@acme.example", "role": "viewer"},
        {"email": "o" * 250 + "@acme.example", "role": "viewer"},
        {"email": "olga@acme.example", "role": "viewer", "name": "Ol\0ga"},
        {"email": "olga@acme.example", "role": "viewer", "name": "x" * 201},
    ],
)
async def test_what_is_no_member_is_not_added(stage: Stage, body: dict[str, str]) -> None:
    admin = await admin_of(stage)
    refused = await stage.client.post(URL, json=body, headers=stage.headers(admin))
    assert refused.status_code == 422
    assert len(await stage.store.accounts.list_users()) == 1


async def test_an_address_signs_in_to_one_account(stage: Stage) -> None:
    admin, rival = await admin_of(stage), await admin_of(stage, "Rival")
    await add(stage, admin, "olga@acme.example")
    for one in (admin, rival):
        body = {"email": "OLGA@acme.example", "role": "viewer"}
        refused = await stage.client.post(URL, json=body, headers=stage.headers(one))
        assert code(refused) == (409, "email-taken")


@pytest.mark.parametrize("what", ["role", "password", "removal"])
async def test_what_is_changed_ends_the_members_tokens_and_sockets(stage: Stage, what: str) -> None:
    admin = await admin_of(stage)
    added = await add(stage, admin, "olga@acme.example", "recruiter")
    headers = await signed_in(stage, "olga@acme.example", added["password"])
    assert (await stage.client.get("/api/v1/me", headers=headers)).status_code == 200
    rights = frozenset(RIGHTS_OF_ROLE["viewer"])
    watching = TicketUser(UUID(added["id"]), frozenset(right.value for right in rights), 0)
    guard = MonitorGuard(stage.store.accounts)
    assert await guard.allows(watching)

    url, by = f"{URL}/{added['id']}", stage.headers(admin)
    if what == "role":
        changed = await stage.client.patch(url, json={"role": "admin"}, headers=by)
        assert changed.json()["role"] == "admin"
    elif what == "password":
        reset = await stage.client.post(f"{url}/password", headers=by)
        await signed_in(stage, "olga@acme.example", reset.json()["password"])
    else:
        assert (await stage.client.delete(url, headers=by)).status_code == 204

    refused = await stage.client.get("/api/v1/me", headers=headers)
    assert code(refused) == (401, "token-refused")
    assert not await guard.allows(watching)
    assert (await stage.client.get("/api/v1/me", headers=by)).status_code == 200


async def test_the_same_role_again_ends_nothing(stage: Stage) -> None:
    admin = await admin_of(stage)
    added = await add(stage, admin, "olga@acme.example")
    headers = await signed_in(stage, "olga@acme.example", added["password"])
    url = f"{URL}/{added['id']}"
    await stage.client.patch(url, json={"role": "viewer"}, headers=stage.headers(admin))
    assert (await stage.client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_the_last_admin_stays_one(stage: Stage) -> None:
    admin = await admin_of(stage)
    by = stage.headers(admin)
    added = await add(stage, admin, "olga@acme.example", "recruiter")
    url = f"{URL}/{admin.id}"
    for refused in (
        await stage.client.patch(url, json={"role": "recruiter"}, headers=by),
        await stage.client.delete(url, headers=by),
    ):
        assert code(refused) == (409, "last-admin")
        assert "only admin" in refused.json()["detail"]
    promoted = await stage.client.patch(f"{URL}/{added['id']}", json={"role": "admin"}, headers=by)
    assert promoted.status_code == 200
    assert (await stage.client.delete(url, headers=by)).status_code == 204
    assert (await stage.client.get(URL, headers=by)).status_code == 401


async def test_what_a_removed_member_made_stays(stage: Stage) -> None:
    admin = await admin_of(stage)
    added = await add(stage, admin, "olga@acme.example", "recruiter")
    olga = await stage.store.accounts.find_user(admin.organisation_id, UUID(added["id"]))
    assert olga is not None
    interview, _ = await stage.interview(olga)
    gone = await stage.client.delete(f"{URL}/{added['id']}", headers=stage.headers(admin))
    assert gone.status_code == 204
    assert await stage.store.interviews.find(admin.organisation_id, interview.id) == interview
    again = await stage.client.delete(f"{URL}/{added['id']}", headers=stage.headers(admin))
    assert code(again) == (404, "not-found")
