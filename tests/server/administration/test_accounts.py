"""Accounts on the command line: members come, change their role, and go."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.administration.accounts import (
    add_account,
    change_role,
    list_accounts,
    remove_account,
    reset_password,
)
from server.administration.database import CommandRefused
from server.auth.passwords import Passwords
from server.store.store import Store
from sessions.monitor.rights import RIGHTS_OF_ROLE
from tests.server.stage import Stage

OLGA = "Olga@acme.example"


@pytest.fixture
def store(stage: Stage) -> Store:
    return stage.store


async def add(store: Store, email: str, role: str = "viewer", **more: str | bool | None) -> str:
    """Add a member; the first password."""
    values = {"name": "", "organisation": None, "founding": False} | more
    said = await add_account(
        store,
        email,
        role=role,
        name=str(values["name"]),
        organisation=None if values["organisation"] is None else str(values["organisation"]),
        founding=bool(values["founding"]),
    )
    return said.rsplit(" ", 1)[1]


async def right(store: Store, email: str, password: str) -> bool:
    """Whether the password is that of the account."""
    account = await store.accounts.find_user_by_email(email)
    passwords = Passwords(1)
    try:
        return await passwords.verify(password, account.password_hash if account else None)
    finally:
        passwords.close()


@pytest.mark.parametrize("role", RIGHTS_OF_ROLE)
async def test_a_member_is_added_with_a_role_and_signs_in(stage: Stage, role: str) -> None:
    await stage.recruiter()
    password = await add(stage.store, OLGA, role, name="Olga")
    signed_in = await stage.client.post(
        "/api/v1/auth/token", json={"email": OLGA, "password": password}
    )
    token = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    me = (await stage.client.get("/api/v1/me", headers=token)).json()
    assert (me["role"], me["name"], me["organisation"]["name"]) == (role, "Olga", "Acme")
    assert set(me["rights"]) == RIGHTS_OF_ROLE[role]


async def test_a_new_role_holds_at_once(stage: Stage) -> None:
    await stage.recruiter()
    await add(stage.store, OLGA, "recruiter")
    olga = await stage.store.accounts.find_user_by_email(OLGA)
    assert olga is not None
    url, headers = "/api/v1/organisation", stage.headers(olga)
    body = {"tell_listening": True}
    assert (await stage.client.post(url, json=body, headers=headers)).status_code == 200
    assert await change_role(stage.store, OLGA, "viewer") == "olga@acme.example is viewer now."
    ended = await stage.client.post(url, json=body, headers=headers)
    assert (ended.status_code, ended.json()["code"]) == (401, "token-refused")
    olga = await stage.store.accounts.find_user_by_email(OLGA)
    assert olga is not None
    fresh = stage.headers(olga)
    assert (await stage.client.post(url, json=body, headers=fresh)).status_code == 403
    assert "olga@acme.example  viewer  Acme" in await list_accounts(stage.store)


async def test_a_member_who_is_removed_is_out_and_what_was_made_stays(stage: Stage) -> None:
    await stage.recruiter()
    await add(stage.store, OLGA, "recruiter")
    olga = await stage.store.accounts.find_user_by_email(OLGA)
    assert olga is not None
    interview, _ = await stage.interview(olga)
    await remove_account(stage.store, OLGA)
    assert (await stage.client.get("/api/v1/me", headers=stage.headers(olga))).status_code == 401
    assert await stage.store.interviews.find(olga.organisation_id, interview.id) == interview
    with pytest.raises(CommandRefused, match="Nobody signs in"):
        await remove_account(stage.store, OLGA)


async def test_the_last_account_of_an_organisation_stays(stage: Stage) -> None:
    rita = await stage.recruiter()
    await add(stage.store, OLGA, organisation="Other", founding=True)
    with pytest.raises(CommandRefused, match="only account"):
        await remove_account(stage.store, rita.email)


async def test_a_new_password_replaces_the_old_one(store: Store, stage: Stage) -> None:
    rita = await stage.recruiter()
    first = await add(store, OLGA)
    second = (await reset_password(store, OLGA)).rsplit(" ", 1)[1]
    assert (await right(store, OLGA, first), await right(store, OLGA, second)) == (False, True)
    standing = (await store.accounts.standings([rita.id]))[rita.id]
    assert standing.sign_outs == 0, "nobody else's sign-ins end"


async def test_which_organisation_is_asked_where_there_are_several(stage: Stage) -> None:
    with pytest.raises(CommandRefused, match="--new"):
        await add(stage.store, OLGA)
    await add(stage.store, OLGA, organisation="Acme", founding=True)
    await add(stage.store, "max@acme.example")
    await add(stage.store, "eve@rival.example", organisation="Rival", founding=True)
    with pytest.raises(CommandRefused, match="Acme, Rival"):
        await add(stage.store, "ida@acme.example")
    await add(stage.store, "ida@acme.example", organisation="Acme")
    listed = (await list_accounts(stage.store)).splitlines()
    assert [line.split("  ")[2] for line in listed] == ["Acme"] * 3 + ["Rival"]


@pytest.mark.parametrize(
    ("email", "role"),
    [
        (OLGA, "owner"),
        (OLGA, ""),
        (OLGA, "Admin"),
        ("olga", "viewer"),
        ("@acme.example", "viewer"),
        ("olga@", "viewer"),
        ("ol ga@acme.example", "viewer"),
        ("olga\0@acme.example", "viewer"),
        ("o" * 250 + "@acme.example", "viewer"),
    ],
)
async def test_what_is_no_account_is_not_made(stage: Stage, email: str, role: str) -> None:
    await stage.recruiter()
    with pytest.raises(CommandRefused):
        await add(stage.store, email, role)
    assert len((await list_accounts(stage.store)).splitlines()) == 1


async def test_an_address_signs_in_to_one_account(stage: Stage) -> None:
    await stage.recruiter()
    await add(stage.store, OLGA)
    with pytest.raises(CommandRefused, match="already"):
        await add(stage.store, OLGA.lower())
    with pytest.raises(CommandRefused, match="already"):
        await add(stage.store, OLGA.lower(), organisation="Other", founding=True)
    with pytest.raises(CommandRefused, match="Name the new organisation"):
        await add(stage.store, "new@acme.example", founding=True)


async def test_where_there_is_none_it_says_so(clean_database: AsyncEngine) -> None:
    assert await list_accounts(Store.on(clean_database)) == "There is no account yet."
