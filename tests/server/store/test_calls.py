"""Calls in a real PostgreSQL: whose they are, their tickets, their ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.calls import MAX_STREAMS, TooManyCalls
from server.store.records import Call, Interview
from server.store.store import Store
from sessions.record.tables import CallRow, InterviewRow
from tests.seeding import SeededInterview

Seed = Callable[..., Awaitable[SeededInterview]]
NUMBER = "+441632960961"
DAY = 86_400


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


@pytest.fixture
async def seeded(seed_interview: Seed) -> SeededInterview:
    return await seed_interview(candidate_phone=NUMBER, pin_hash="a hash")


async def known(store: Store, seeded: SeededInterview) -> Interview:
    found = await store.interviews.find(seeded.organisation_id, seeded.interview_id)
    assert found is not None
    return found


async def a_call(store: Store) -> Call:
    return await store.calls.find_or_create("twilio", "CA1", NUMBER)


async def test_a_call_is_made_once_however_often_it_is_told_of(store: Store) -> None:
    first, *others = await asyncio.gather(*(a_call(store) for _ in range(10)))
    assert {call.id for call in others} == {first.id}
    other_bridge = await store.calls.find_or_create("vonage", "CA1", NUMBER)
    assert other_bridge.id != first.id
    assert await store.calls.find("twilio", "CA2") is None


async def test_an_invitation_is_found_by_number_and_pin_while_it_may_be_entered(
    store: Store, clean_database: AsyncEngine, seeded: SeededInterview
) -> None:
    async def found() -> tuple[int, bool]:
        by_phone = await store.calls.interviews_of_phone(NUMBER, reentry_lifetime_s=DAY)
        by_pin = await store.calls.interview_of_pin("a hash", reentry_lifetime_s=DAY)
        return len(by_phone), by_pin is not None

    async def now_it_is(**values: object) -> None:
        async with clean_database.begin() as connection:
            await connection.execute(update(InterviewRow).values(**values))

    past = datetime.now(UTC) - timedelta(minutes=1)
    assert await found() == (1, True)
    await now_it_is(join_expires_at=past)
    assert await found() == (0, False)
    await now_it_is(status="running", started_at=past)
    assert await found() == (1, True)
    await now_it_is(started_at=past - timedelta(days=2))
    assert await found() == (0, False)
    await now_it_is(status="completed", join_expires_at=datetime.now(UTC) + timedelta(days=1))
    assert await found() == (0, False)
    assert await store.calls.interview_of_pin("another", reentry_lifetime_s=DAY) is None


async def test_a_call_is_bound_to_one_interview(store: Store, seeded: SeededInterview) -> None:
    call = await a_call(store)
    assert await store.calls.interview_of_call(call) is None
    await store.calls.set_interview(call.id, await known(store, seeded))
    bound = await a_call(store)
    interview = await store.calls.interview_of_call(bound)
    assert interview is not None
    assert interview.id == seeded.interview_id
    assert await store.calls.list_for(seeded.organisation_id, seeded.interview_id) == [bound]
    assert await store.calls.list_for(interview.plan_id, seeded.interview_id) == []


async def test_a_bound_call_is_bound_to_no_other_interview(
    store: Store, seeded: SeededInterview, seed_interview: Seed
) -> None:
    call = await a_call(store)
    ours, theirs = await known(store, seeded), await known(store, await seed_interview())
    bound = await asyncio.gather(
        *(store.calls.set_interview(call.id, one) for one in [ours, theirs] * 5)
    )
    (winner,) = {one.id for one, done in zip([ours, theirs] * 5, bound, strict=True) if done}
    assert bound.count(True) == 5
    assert (await a_call(store)).interview_id == winner
    await store.calls.set_status(call.id, "completed", end_reason="hung up")
    assert not await store.calls.set_interview(call.id, ours)
    assert not await store.calls.set_interview(seeded.interview_id, ours)


async def test_an_organisation_has_so_many_calls_placed_within_an_hour(
    store: Store, seeded: SeededInterview, seed_interview: Seed, clean_database: AsyncEngine
) -> None:
    ours, theirs = await known(store, seeded), await known(store, await seed_interview())

    async def place(interview: Interview) -> bool:
        try:
            await store.calls.create_outbound("twilio", interview, NUMBER, most_per_hour=3)
        except TooManyCalls:
            return False
        return True

    await store.calls.find_or_create("twilio", "CA-inbound", NUMBER)
    at_once = await asyncio.gather(*(place(ours) for _ in range(8)))
    assert at_once.count(True) == 3
    assert await place(theirs), "another organisation has its own"
    hour_ago = datetime.now(UTC) - timedelta(minutes=61)
    async with clean_database.begin() as connection:
        await connection.execute(update(CallRow).values(created_at=hour_ago))
    assert await place(ours)


async def test_an_outbound_call_gets_its_name_once(store: Store, seeded: SeededInterview) -> None:
    call = await store.calls.create_outbound("twilio", await known(store, seeded), NUMBER)
    assert (call.direction, call.ref) == ("outbound", None)
    named = await store.calls.set_ref(call.id, "twilio", "CA7")
    assert named is not None
    assert await store.calls.set_ref(call.id, "twilio", "CA7") == named
    assert await store.calls.set_ref(call.id, "twilio", "CA8") is None
    assert await store.calls.set_ref(call.id, "vonage", "CA7") is None
    assert await store.calls.set_ref(seeded.interview_id, "twilio", "CA9") is None


async def test_a_ticket_is_for_its_call_and_used_by_one_of_many(store: Store) -> None:
    call = await a_call(store)
    await store.calls.find_or_create("twilio", "CA2", NUMBER)
    ticket = await store.calls.issue_ticket(call.id, 0, 30)
    assert ticket is not None
    assert await store.calls.consume_ticket("twilio", "CA2", ticket) is None
    assert await store.calls.consume_ticket("vonage", "CA1", ticket) is None
    uses = await asyncio.gather(
        *(store.calls.consume_ticket("twilio", "CA1", ticket) for _ in range(10))
    )
    assert [use is not None for use in uses].count(True) == 1


async def test_a_newer_ticket_replaces_the_older_and_each_step_is_taken_once(
    store: Store,
) -> None:
    call = await a_call(store)
    first = await store.calls.issue_ticket(call.id, 0, 30)
    again = await store.calls.issue_ticket(call.id, 0, 30)
    assert first is not None
    assert again is not None
    assert await store.calls.consume_ticket("twilio", "CA1", first) is None
    assert await store.calls.consume_ticket("twilio", "CA1", again) is not None
    assert await store.calls.issue_ticket(call.id, 0, 30) is None
    issued = await asyncio.gather(*(store.calls.issue_ticket(call.id, 1, 30) for _ in range(10)))
    assert [ticket is not None for ticket in issued].count(True) == 1
    assert await store.calls.issue_ticket(call.id, 1, 30) is None
    for step in range(2, MAX_STREAMS):
        assert await store.calls.issue_ticket(call.id, step, 30) is not None
    assert await store.calls.issue_ticket(call.id, MAX_STREAMS, 30) is None


async def test_what_comes_after_the_end_of_a_call_changes_nothing(store: Store) -> None:
    call = await a_call(store)
    ticket = await store.calls.issue_ticket(call.id, 0, 30)
    assert ticket is not None
    await store.calls.set_status(call.id, "ended", end_reason="no_consent")
    await store.calls.set_status(call.id, "completed", end_reason="completed")
    ended = await a_call(store)
    assert (ended.status, ended.end_reason) == ("ended", "no_consent")
    assert ended.ended_at is not None
    assert await store.calls.consume_ticket("twilio", "CA1", ticket) is None
    assert await store.calls.issue_ticket(call.id, 1, 30) is None
