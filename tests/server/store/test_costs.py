"""Costs in a real PostgreSQL: counted once however often written, and outliving erasure."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.metering import LOCAL, Consumption, Service
from server.store.store import Store
from sessions.cost.book import CostBook
from sessions.record.consumption import ConsumptionStore
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import SessionStore
from tests.seeding import SeededInterview

Seed = Callable[..., Awaitable[SeededInterview]]

MINUTE = Consumption(Service.HEARING, "api.openai.com", "gpt-transcribe", audio_ms=60_000)
MINUTE_USD = Decimal("0.0045")
STRANGE = Consumption(Service.SPEAKING, "voices.example", "a-voice", characters=90)
SPOKEN = Consumption(Service.SPEAKING, LOCAL, "heart", characters=40)


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


async def test_the_same_sums_twice_count_once_and_two_runs_count_both(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    seeded, log = await seed_interview(), ConsumptionStore(clean_database)
    book = CostBook(log)
    first = book.open(seeded.interview_id)
    first.add(MINUTE)
    await book.write()
    first.add(MINUTE)
    await asyncio.gather(log.put(first), log.put(first), book.write())
    (cost,) = await store.costs.of_interview(seeded.organisation_id, seeded.interview_id)
    assert (cost.used.audio_ms, cost.usd, cost.unpriced) == (120_000, 2 * MINUTE_USD, False)

    facts = await SessionStore(clean_database).open_session(seeded.interview_id)
    assert [used.audio_ms for used in facts.used] == [120_000]
    second = book.open(seeded.interview_id, facts.used)
    for used in (MINUTE, STRANGE, SPOKEN):
        second.add(used)
    await book.write()
    costs = await store.costs.of_plan(seeded.organisation_id, seeded.plan_id)
    assert {cost.used.model: (cost.usd, cost.unpriced) for cost in costs} == {
        "gpt-transcribe": (3 * MINUTE_USD, False),
        "a-voice": (None, True),
        "heart": (Decimal(0), False),
    }
    assert {used.model for used in second.interview} == {"gpt-transcribe", "a-voice", "heart"}
    assert await store.costs.month_usd(seeded.organisation_id) == 3 * MINUTE_USD


async def test_a_write_that_fails_is_made_up_for_by_the_next(seed_interview: Seed) -> None:
    seeded = await seed_interview()
    written: list[int] = []

    class Log:
        fails = True

        async def put(self, tally: object) -> None:
            if self.fails:
                raise StoreUnavailable("Away.")
            written.append(1)

    log = Log()
    book = CostBook(log)
    book.open(seeded.interview_id).add(MINUTE)
    with pytest.raises(StoreUnavailable):
        await book.write()
    log.fails = False
    await book.write()
    await book.write()
    assert written == [1]


async def test_sums_by_month_outlive_the_interviews_and_belong_to_their_organisation(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    ours, theirs = await seed_interview(), await seed_interview()
    book = CostBook(ConsumptionStore(clean_database))
    tallies = [book.open(one.interview_id) for one in (ours, theirs)]
    for tally in tallies:
        for used in (MINUTE, STRANGE):
            tally.add(used)
    await book.write()
    assert await store.erasure.erase(ours.interview_id)
    tallies[0].add(MINUTE)  # too late: nobody knows any more whose it is
    await book.write()

    (line,) = await store.costs.by_month(ours.organisation_id)
    assert [(cost.used.model, cost.usd, cost.unpriced) for cost in line.costs] == [
        ("gpt-transcribe", MINUTE_USD, False),
        ("a-voice", None, True),
    ]
    assert await store.costs.month_usd(ours.organisation_id) == MINUTE_USD
    assert await store.costs.of_interview(ours.organisation_id, ours.interview_id) == ()
    assert await store.costs.of_interview(ours.organisation_id, theirs.interview_id) == ()
    assert {line.name for line in await store.costs.by_interview()} == {str(theirs.interview_id)}
    assert len(await store.costs.by_organisation()) == 2
    standing = await store.costs.standing(theirs.interview_id)
    assert standing is not None
    assert (standing.begun, standing.interview_usd) == (False, MINUTE_USD)
    assert standing.idle_s is not None
    assert await store.costs.standing(ours.interview_id) is None

    assert await store.erasure.erase(theirs.interview_id)
    everything = [cost for line in await store.costs.by_month() for cost in line.costs]
    assert sum(cost.used.audio_ms for cost in everything) == 120_000
