"""Calls in a real PostgreSQL: whose they are, their tickets, their ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.calls import MAX_STREAMS
from server.store.directory import Directory
from server.store.records import Call, Interview
from sessions.record.tables import InterviewRow
from tests.seeding import SeededInterview

Seed = Callable[..., Awaitable[SeededInterview]]
NUMBER = "+441632960961"
DAY = 86_400


@pytest.fixture
def directory(clean_database: AsyncEngine) -> Directory:
    return Directory(clean_database)


@pytest.fixture
async def seeded(seed_interview: Seed) -> SeededInterview:
    return await seed_interview(candidate_phone=NUMBER, pin_hash="a hash")


async def known(directory: Directory, seeded: SeededInterview) -> Interview:
    found = await directory.interview(seeded.organisation_id, seeded.interview_id)
    assert found is not None
    return found


async def a_call(directory: Directory) -> Call:
    return await directory.take_call("twilio", "CA1", NUMBER)


async def test_a_call_is_made_once_however_often_it_is_told_of(directory: Directory) -> None:
    first, *others = await asyncio.gather(*(a_call(directory) for _ in range(10)))
    assert {call.id for call in others} == {first.id}
    other_bridge = await directory.take_call("vonage", "CA1", NUMBER)
    assert other_bridge.id != first.id
    assert await directory.call("twilio", "CA2") is None


async def test_an_invitation_is_found_by_number_and_pin_while_it_may_be_entered(
    directory: Directory, clean_database: AsyncEngine, seeded: SeededInterview
) -> None:
    async def found() -> tuple[int, bool]:
        by_phone = await directory.interviews_of_phone(NUMBER, reentry_lifetime_s=DAY)
        by_pin = await directory.interview_of_pin("a hash", reentry_lifetime_s=DAY)
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
    assert await directory.interview_of_pin("another", reentry_lifetime_s=DAY) is None


async def test_a_call_is_bound_to_one_interview(
    directory: Directory, seeded: SeededInterview
) -> None:
    call = await a_call(directory)
    assert await directory.interview_of_call(call) is None
    await directory.bind_call(call.id, await known(directory, seeded))
    bound = await a_call(directory)
    interview = await directory.interview_of_call(bound)
    assert interview is not None
    assert interview.id == seeded.interview_id
    assert await directory.calls_of(seeded.organisation_id, seeded.interview_id) == [bound]
    assert await directory.calls_of(interview.plan_id, seeded.interview_id) == []


async def test_an_outbound_call_gets_its_name_once(
    directory: Directory, seeded: SeededInterview
) -> None:
    call = await directory.begin_call("twilio", await known(directory, seeded), NUMBER)
    assert (call.direction, call.ref) == ("outbound", None)
    named = await directory.name_call(call.id, "twilio", "CA7")
    assert named is not None
    assert await directory.name_call(call.id, "twilio", "CA7") == named
    assert await directory.name_call(call.id, "twilio", "CA8") is None
    assert await directory.name_call(call.id, "vonage", "CA7") is None
    assert await directory.name_call(seeded.interview_id, "twilio", "CA9") is None


async def test_a_ticket_is_for_its_call_and_used_by_one_of_many(directory: Directory) -> None:
    call = await a_call(directory)
    await directory.take_call("twilio", "CA2", NUMBER)
    ticket = await directory.issue_call_ticket(call.id, 0, 30)
    assert ticket is not None
    assert await directory.consume_call_ticket("twilio", "CA2", ticket) is None
    assert await directory.consume_call_ticket("vonage", "CA1", ticket) is None
    uses = await asyncio.gather(
        *(directory.consume_call_ticket("twilio", "CA1", ticket) for _ in range(10))
    )
    assert [use is not None for use in uses].count(True) == 1


async def test_a_newer_ticket_replaces_the_older_and_each_step_is_taken_once(
    directory: Directory,
) -> None:
    call = await a_call(directory)
    first = await directory.issue_call_ticket(call.id, 0, 30)
    again = await directory.issue_call_ticket(call.id, 0, 30)
    assert first is not None
    assert again is not None
    assert await directory.consume_call_ticket("twilio", "CA1", first) is None
    assert await directory.consume_call_ticket("twilio", "CA1", again) is not None
    assert await directory.issue_call_ticket(call.id, 0, 30) is None
    issued = await asyncio.gather(*(directory.issue_call_ticket(call.id, 1, 30) for _ in range(10)))
    assert [ticket is not None for ticket in issued].count(True) == 1
    assert await directory.issue_call_ticket(call.id, 1, 30) is None
    for step in range(2, MAX_STREAMS):
        assert await directory.issue_call_ticket(call.id, step, 30) is not None
    assert await directory.issue_call_ticket(call.id, MAX_STREAMS, 30) is None


async def test_what_comes_after_the_end_of_a_call_changes_nothing(directory: Directory) -> None:
    call = await a_call(directory)
    ticket = await directory.issue_call_ticket(call.id, 0, 30)
    assert ticket is not None
    await directory.note_call(call.id, "ended", end_reason="no_consent")
    await directory.note_call(call.id, "completed", end_reason="completed")
    ended = await a_call(directory)
    assert (ended.status, ended.end_reason) == ("ended", "no_consent")
    assert ended.ended_at is not None
    assert await directory.consume_call_ticket("twilio", "CA1", ticket) is None
    assert await directory.issue_call_ticket(call.id, 1, 30) is None
