"""Tenants: for another organisation nothing of ours exists, on any address of the API."""

import pytest
from fastapi.routing import APIRoute

from server import api
from tests.server.stage import Stage

BY_ID = [
    ("GET", "/api/v1/plans/{plan_id}"),
    ("GET", "/api/v1/plans/{plan_id}/cost"),
    ("GET", "/api/v1/interviews/{interview_id}/cost"),
    ("GET", "/api/v1/interviews/{interview_id}"),
    ("GET", "/api/v1/interviews/{interview_id}/transcript"),
    ("POST", "/api/v1/interviews/{interview_id}/link"),
    ("POST", "/api/v1/interviews/{interview_id}/end"),
    ("DELETE", "/api/v1/interviews/{interview_id}"),
]


MEMBERS_BY_ID = [
    ("PATCH", "/api/v1/members/{member_id}"),
    ("POST", "/api/v1/members/{member_id}/password"),
    ("DELETE", "/api/v1/members/{member_id}"),
]


@pytest.mark.parametrize(("method", "path"), MEMBERS_BY_ID)
async def test_admins_cannot_touch_members_of_another_organisation(
    stage: Stage, method: str, path: str
) -> None:
    accounts = stage.store.accounts
    owner, stranger = await stage.recruiter("Acme"), await stage.recruiter("Rival")
    for admin in (owner, stranger):
        await accounts.set_role(admin.organisation_id, admin.id, "admin")
    member_id = await accounts.create_user(
        owner.organisation_id, email="o@a.example", password_hash="", user_name="", role="viewer"
    )
    member = await accounts.find_user(owner.organisation_id, member_id)
    ours, theirs = [await accounts.find_user_by_email(one.email) for one in (owner, stranger)]
    assert ours is not None
    assert theirs is not None
    url = path.format(member_id=member_id)

    refused = await stage.client.request(
        method, url, headers=stage.headers(theirs), json={"role": "admin"}
    )
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert await accounts.find_user(owner.organisation_id, member_id) == member
    listed = await stage.client.get("/api/v1/members", headers=stage.headers(theirs))
    assert [one["email"] for one in listed.json()["items"]] == [stranger.email]

    done = await stage.client.request(
        method, url, headers=stage.headers(ours), json={"role": "admin"}
    )
    assert done.is_success


@pytest.mark.parametrize(("method", "path"), BY_ID)
async def test_by_its_id_nothing_of_another_organisation_is_found(
    stage: Stage, method: str, path: str
) -> None:
    owner, stranger = await stage.recruiter("Acme"), await stage.recruiter("Rival")
    interview, token = await stage.interview(owner)
    url = path.format(plan_id=interview.plan_id, interview_id=interview.id)

    theirs = await stage.client.request(method, url, headers=stage.headers(stranger))
    assert (theirs.status_code, theirs.json()["code"]) == (404, "not-found")
    assert interview.candidate_name not in theirs.text
    assert (await stage.client.request(method, url)).status_code == 401
    untouched = await stage.store.interviews.find(owner.organisation_id, interview.id)
    assert untouched == interview
    assert await stage.store.tickets.find_invitation(token) is not None

    ours = await stage.client.request(method, url, headers=stage.headers(owner))
    assert ours.is_success


async def test_lists_hold_nothing_of_another_organisation(stage: Stage) -> None:
    owner, stranger = await stage.recruiter("Acme"), await stage.recruiter("Rival")
    await stage.interview(owner)
    for path in ("/api/v1/plans", "/api/v1/interviews"):
        theirs = await stage.client.get(path, headers=stage.headers(stranger))
        ours = await stage.client.get(path, headers=stage.headers(owner))
        assert theirs.json()["items"] == []
        assert len(ours.json()["items"]) == 1


async def test_nobody_is_interviewed_on_another_organisations_plan(stage: Stage) -> None:
    owner, stranger = await stage.recruiter("Acme"), await stage.recruiter("Rival")
    interview, _ = await stage.interview(owner)
    response = await stage.client.post(
        "/api/v1/interviews",
        json={"plan_id": str(interview.plan_id), "candidate_name": "Eve"},
        headers=stage.headers(stranger),
    )
    assert response.status_code == 404


def test_no_address_with_an_id_is_left_out_of_this_matrix() -> None:
    routes = [
        (method, route.path)
        for resource in (
            api.auth,
            api.members,
            api.plans,
            api.interviews,
            api.costs,
            api.join,
            api.health,
        )
        for route in resource.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
        if "{" in route.path
    ]
    assert sorted(routes) == sorted(BY_ID + MEMBERS_BY_ID)
