"""The store on a real PostgreSQL: tenants kept apart, secrets hashed, tickets used once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.engine import create_engine
from server.store.accounts import EmailTaken
from server.store.records import Account, Interview, NewInterview, Page, StoredPlan
from server.store.store import Store
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import SessionStore
from sessions.record.tables import InterviewRow, SessionRow, TicketRow
from sessions.record.transaction import ping
from sessions.turntaking.turns import Speaker, Turn


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


async def an_account(store: Store, name: str = "Acme") -> Account:
    return await store.accounts.create_organisation(
        name,
        email=f"{uuid4().hex[:12]}@viva.example",
        password_hash="$hash",
        user_name="Rita",
        role="recruiter",
    )


async def an_interview(
    store: Store, account: Account, lifetime_s: int = 3600
) -> tuple[Interview, str]:
    plan = await store.plans.create(
        account.organisation_id, "First talk", {"title": "First talk"}, account.id
    )
    new = NewInterview(plan, "Ada", "ada@example.com", "en", 900)
    return await store.interviews.create(account.organisation_id, new, lifetime_s, account.id)


async def set_interview(engine: AsyncEngine, interview_id: UUID, **values: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(InterviewRow).where(InterviewRow.id == interview_id).values(**values)
        )


async def test_an_email_is_found_in_any_case_and_is_taken_once(store: Store) -> None:
    made = await store.accounts.create_organisation(
        "Acme", email="Rita@Viva.Example", password_hash="h", user_name="Rita", role="recruiter"
    )
    assert made.email == "rita@viva.example"
    assert await store.accounts.find_user_by_email("RITA@viva.example") == made
    with pytest.raises(EmailTaken, match="already"):
        await store.accounts.create_organisation(
            "Other", email="rita@viva.example", password_hash="h", user_name="", role="recruiter"
        )


async def test_an_empty_database_has_no_user(store: Store) -> None:
    assert not await store.accounts.has_users()
    await an_account(store)
    assert await store.accounts.has_users()


async def test_a_user_is_only_found_in_the_own_organisation(store: Store) -> None:
    one, other = await an_account(store), await an_account(store)
    assert await store.accounts.find_user(one.organisation_id, one.id) == one
    assert await store.accounts.find_user(other.organisation_id, one.id) is None


async def test_a_password_is_only_set_in_the_own_organisation(store: Store) -> None:
    one, other = await an_account(store), await an_account(store)
    await store.accounts.set_password(other.organisation_id, one.id, "stolen")
    await store.accounts.set_password(one.organisation_id, one.id, "fresh")
    found = await store.accounts.find_user(one.organisation_id, one.id)
    assert found is not None
    assert found.password_hash == "fresh"


async def test_plans_are_listed_newest_first_and_apart(store: Store) -> None:
    one, other = await an_account(store), await an_account(store)
    made = [
        await store.plans.create(one.organisation_id, title, {"title": title}, one.id)
        for title in ("first", "second")
    ]
    assert [plan.title for plan in await store.plans.list_all(one.organisation_id)] == [
        "second",
        "first",
    ]
    assert await store.plans.find(one.organisation_id, made[0].id) == made[0]
    assert await store.plans.list_all(other.organisation_id) == []
    assert await store.plans.find(other.organisation_id, made[0].id) is None


async def test_the_join_token_is_stored_hashed_alone(
    store: Store, clean_database: AsyncEngine
) -> None:
    _, token = await an_interview(store, await an_account(store))
    assert len(token) == 43
    async with clean_database.connect() as connection:
        row = (await connection.execute(select(InterviewRow.__table__))).one()
    assert token not in str(tuple(row))
    assert len(row.join_token_hash) == 64


async def test_a_join_token_leads_to_its_interview_as_often_as_asked(
    store: Store,
) -> None:
    account = await an_account(store, "Acme")
    interview, token = await an_interview(store, account)
    for _ in range(2):
        found = await store.tickets.find_invitation(token)
        assert found is not None
        assert found.interview == interview
        assert (found.organisation_name, found.expired) == ("Acme", False)
    assert await store.tickets.find_invitation(token[:-1]) is None
    assert await store.tickets.find_invitation("\ud800") is None


async def test_a_link_expires_but_a_begun_interview_can_be_entered_again(
    store: Store, clean_database: AsyncEngine
) -> None:
    account = await an_account(store)
    interview, token = await an_interview(store, account)
    past = datetime.now(UTC) - timedelta(minutes=1)
    await set_interview(clean_database, interview.id, join_expires_at=past)
    expired = await store.tickets.find_invitation(token, reentry_lifetime_s=600)
    assert expired is not None
    assert expired.expired

    await set_interview(clean_database, interview.id, status="running", started_at=past)
    again = await store.tickets.find_invitation(token, reentry_lifetime_s=600)
    assert again is not None
    assert not again.expired
    too_late = await store.tickets.find_invitation(token, reentry_lifetime_s=30)
    assert too_late is not None
    assert too_late.expired


async def test_a_new_link_kills_the_old_one_and_none_is_made_for_what_is_over(
    store: Store,
) -> None:
    account, other = await an_account(store), await an_account(store)
    interview, old = await an_interview(store, account)
    assert await store.interviews.renew_link(other.organisation_id, interview.id, 60) is None
    new = await store.interviews.renew_link(account.organisation_id, interview.id, 60)
    assert new is not None
    assert await store.tickets.find_invitation(old) is None
    assert await store.tickets.find_invitation(new) is not None
    await store.interviews.end(account.organisation_id, interview.id, "recruiter")
    assert await store.interviews.renew_link(account.organisation_id, interview.id, 60) is None


async def test_ending_ends_the_open_session_once_and_only_for_its_owner(
    store: Store, clean_database: AsyncEngine
) -> None:
    account, other = await an_account(store), await an_account(store)
    interview, _ = await an_interview(store, account)
    await SessionStore(clean_database).open_session(interview.id)
    assert not await store.interviews.end(other.organisation_id, interview.id, "stolen")
    assert await store.interviews.end(account.organisation_id, interview.id, "recruiter")
    assert not await store.interviews.end(account.organisation_id, interview.id, "again")
    ended = await store.interviews.find(account.organisation_id, interview.id)
    assert ended is not None
    assert (ended.status, ended.end_reason, ended.over) == ("ended", "recruiter", True)
    async with clean_database.connect() as connection:
        session = (await connection.execute(select(SessionRow.__table__))).one()
    assert session.ended_at is not None
    assert session.end_reason == "recruiter"


async def test_the_list_is_walked_page_by_page_without_loss(store: Store) -> None:
    account, other = await an_account(store), await an_account(store)
    made = [(await an_interview(store, account))[0] for _ in range(5)]
    await an_interview(store, other)
    seen: list[Interview] = []
    after = None
    while page := await store.interviews.list_page(account.organisation_id, limit=2, after=after):
        seen += page
        after = Page(page[-1].created_at, page[-1].id)
    assert seen == made[::-1]
    await store.interviews.end(account.organisation_id, made[1].id, "x")
    only = await store.interviews.list_page(account.organisation_id, status="ended")
    assert [interview.id for interview in only] == [made[1].id]


async def test_a_transcript_is_whole_in_order_and_of_the_own_organisation(
    store: Store, clean_database: AsyncEngine
) -> None:
    account, other = await an_account(store), await an_account(store)
    interview, _ = await an_interview(store, account)
    sessions = SessionStore(clean_database)
    session_id = (await sessions.open_session(interview.id)).session_id
    turns = [
        Turn(0, Speaker.INTERVIEWER, "Hello there", "Hello", 0, 900, interrupted=True),
        Turn(1, Speaker.CANDIDATE, "Hi", "Hi", 1000, 1400, 0.93, latency={"stt_ms": 120}),
    ]
    for turn in reversed(turns):
        await sessions.append(session_id, turn)
    found = await store.interviews.transcript(account.organisation_id, interview.id)
    assert [recorded.turn for recorded in found] == turns
    assert {recorded.session_id for recorded in found} == {session_id}
    assert await store.interviews.transcript(other.organisation_id, interview.id) == []


async def test_of_50_uses_of_one_ticket_at_once_one_wins(store: Store, database_url: str) -> None:
    account = await an_account(store)
    interview, _ = await an_interview(store, account)
    ticket = await store.tickets.issue(account.organisation_id, interview.id, "candidate", 30)
    wide = create_engine(database_url, pool_size=25)
    try:
        users = Store.on(wide)
        grants = await asyncio.gather(
            *(users.tickets.consume(ticket, "candidate") for _ in range(50))
        )
    finally:
        await wide.dispose()
    [won] = [grant for grant in grants if grant is not None]
    assert (won.organisation_id, won.interview_id, won.kind) == (
        account.organisation_id,
        interview.id,
        "candidate",
    )


async def test_a_ticket_of_another_kind_or_time_or_nobodys_is_refused(
    store: Store, clean_database: AsyncEngine
) -> None:
    account = await an_account(store)
    interview, _ = await an_interview(store, account)
    ticket = await store.tickets.issue(account.organisation_id, interview.id, "candidate", 30)
    assert await store.tickets.consume(ticket, "monitor") is None
    assert await store.tickets.consume("made up", "candidate") is None
    async with clean_database.begin() as connection:
        await connection.execute(
            update(TicketRow).values(expires_at=func.now() - timedelta(seconds=1))
        )
    assert await store.tickets.consume(ticket, "candidate") is None


async def test_expired_tickets_are_swept_out_with_the_next_one(
    store: Store, clean_database: AsyncEngine
) -> None:
    account = await an_account(store)
    interview, _ = await an_interview(store, account)
    owner = (account.organisation_id, interview.id, "candidate")
    for _ in range(3):
        await store.tickets.issue(*owner, 30)
    async with clean_database.begin() as connection:
        await connection.execute(
            update(TicketRow).values(expires_at=func.now() - timedelta(seconds=1))
        )
    await asyncio.gather(*(store.tickets.issue(*owner, 30) for _ in range(10)))
    async with clean_database.connect() as connection:
        left = await connection.scalar(select(func.count()).select_from(TicketRow))
    assert left == 10


async def test_a_database_out_of_reach_is_one_typed_error(tmp_path: Path, closed_port: int) -> None:
    engine = create_engine(f"postgresql://postgres@127.0.0.1:{closed_port}/nothing")
    away = Store.on(engine)
    plan = StoredPlan(uuid4(), uuid4(), "t", {}, datetime.now(UTC))
    new = NewInterview(plan, "Ada", None, "en", 60)
    for call in (
        ping(engine),
        away.accounts.find_user_by_email("rita@viva.example"),
        away.plans.list_all(uuid4()),
        away.interviews.create(uuid4(), new, 60, None),
        away.tickets.find_invitation("token"),
        away.tickets.consume("ticket", "candidate"),
    ):
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await call
    await engine.dispose()
