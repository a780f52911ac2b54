"""Erasure in a real PostgreSQL: all of an interview goes, nothing else, and no action alone."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.metering import Consumption, Service
from server.retention import Retention
from server.store.calls import TooManyCalls
from server.store.erasure import ErasureStore, StillLive
from server.store.monitors import LIVE_FOR_S
from server.store.store import Store
from server.store.tickets import CANDIDATE_TICKET, REALTIME_KEY
from sessions.cost.tally import Tally
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.record.consumption import ConsumptionStore
from sessions.record.store import SessionStore
from sessions.record.tables import Base, CallRow, InterviewRow, LiveInterviewRow
from sessions.turntaking.turns import Speaker, Turn
from tests.seeding import SeededInterview

Seed = Callable[..., Awaitable[SeededInterview]]
STATE = {"phase": "asking"}


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


async def held(store: Store, engine: AsyncEngine, seeded: SeededInterview) -> None:
    """Put something of every kind on record of an interview."""
    sessions = SessionStore(engine)
    facts = await sessions.open_session(seeded.interview_id)
    await sessions.append(
        facts.session_id, Turn(0, Speaker.CANDIDATE, "I am Ada.", "I am Ada.", 0, 900)
    )
    for kind in (CANDIDATE_TICKET, REALTIME_KEY):
        await store.tickets.issue(seeded.organisation_id, seeded.interview_id, kind, 60)
    interview = await store.interviews.find(seeded.organisation_id, seeded.interview_id)
    assert interview is not None
    call = await store.calls.find_or_create("twilio", f"CA{seeded.interview_id}", "+441632960961")
    await store.calls.set_interview(call.id, interview)
    tally = Tally(seeded.interview_id)
    tally.add(Consumption(Service.HEARING, "ears.example", "heard-1", audio_ms=900))
    await ConsumptionStore(engine).put(tally)
    hint = Action(ActionKind.HINT, Actor(seeded.plan_id, "Rita"), "ask about it")
    await store.monitors.enter(seeded.interview_id, hint, Step.ASKED)
    await store.monitors.enter(seeded.interview_id, hint, Step.DONE)


async def live(store: Store, seeded: SeededInterview) -> None:
    """Some process holds the interview."""
    states = {seeded.interview_id: (seeded.organisation_id, STATE)}
    await store.monitors.set_live("another process", states)


def tables() -> list[Table]:
    """All tables that say of which interview a row is, and the interviews."""
    known = Base.metadata.sorted_tables
    return [table for table in known if "interview_id" in table.columns] + [
        Base.metadata.tables["interviews"]
    ]


async def rows_of(engine: AsyncEngine, interview_id: UUID) -> dict[str, int]:
    """How many rows each table has of an interview."""
    found = {}
    async with engine.connect() as connection:
        for table in tables():
            column = table.columns["id" if table.name == "interviews" else "interview_id"]
            query = select(func.count()).select_from(table).where(column == interview_id)
            found[table.name] = await connection.scalar(query) or 0
    return found


async def test_an_interview_goes_with_all_that_is_on_record_and_no_other_is_touched(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    ours, theirs = await seed_interview(), await seed_interview()
    for one in (ours, theirs):
        await held(store, clean_database, one)
    await live(store, ours)
    before = await rows_of(clean_database, ours.interview_id)
    assert min(before.values()) > 0, "a table that is not filled here is not tried either"
    async with clean_database.begin() as connection:
        stale = datetime.now(UTC) - timedelta(seconds=LIVE_FOR_S + 1)
        await connection.execute(update(LiveInterviewRow).values(seen_at=stale))
    others = await rows_of(clean_database, theirs.interview_id)

    assert await store.erasure.erase(ours.interview_id, ours.organisation_id)
    assert set((await rows_of(clean_database, ours.interview_id)).values()) == {0}
    assert await rows_of(clean_database, theirs.interview_id) == others
    assert not await store.erasure.erase(ours.interview_id)
    assert await store.tickets.find_invitation(ours.join_token) is None


async def test_nobody_erases_an_interview_of_another_organisation(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    ours, theirs = await seed_interview(), await seed_interview()
    before = await rows_of(clean_database, theirs.interview_id)
    assert not await store.erasure.erase(theirs.interview_id, ours.organisation_id)
    assert await rows_of(clean_database, theirs.interview_id) == before


async def test_what_is_live_in_any_process_is_not_erased(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    seeded = await seed_interview()
    await held(store, clean_database, seeded)
    await live(store, seeded)
    before = await rows_of(clean_database, seeded.interview_id)
    with pytest.raises(StillLive):
        await store.erasure.erase(seeded.interview_id)
    assert await rows_of(clean_database, seeded.interview_id) == before


async def test_a_candidate_is_erased_whole_or_not_at_all(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    number = "+441632960961"
    mine = [await seed_interview(candidate_phone=number) for _ in range(3)]
    other = await seed_interview(candidate_phone="+441632960962")
    async with clean_database.begin() as connection:
        await connection.execute(
            update(InterviewRow)
            .where(InterviewRow.id == mine[0].interview_id)
            .values(candidate_email="Ada@Example.com")
        )
    await live(store, mine[2])
    with pytest.raises(StillLive):
        await store.erasure.erase_candidate(phone=number)
    assert (await rows_of(clean_database, mine[0].interview_id))["interviews"] == 1
    own = mine[1].organisation_id
    assert await store.erasure.erase_candidate(phone=number, organisation_id=own) == 1
    assert await store.erasure.erase_candidate(email="ada@example.com") == 1
    assert await store.erasure.erase_candidate() == 0
    assert (await rows_of(clean_database, other.interview_id))["interviews"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "delete from monitor_actions",
        "delete from monitor_actions where step = 'asked'",
        "update monitor_actions set text = 'nothing'",
        "truncate monitor_actions",
        "truncate interviews cascade",
    ],
)
async def test_what_monitors_did_stays_as_long_as_its_interview(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed, statement: str
) -> None:
    seeded = await seed_interview()
    await held(store, clean_database, seeded)
    with pytest.raises(DBAPIError, match="monitor_actions is only ever added to"):
        async with clean_database.begin() as connection:
            await connection.execute(text(statement))
    assert (await rows_of(clean_database, seeded.interview_id))["monitor_actions"] == 2


class TestRetention:
    async def test_what_is_older_than_the_setting_is_erased_and_nothing_else(
        self, store: Store, clean_database: AsyncEngine, seed_interview: Seed
    ) -> None:
        now = datetime.now(UTC)
        old, new = now - timedelta(days=31), now - timedelta(days=29)
        cases: list[tuple[dict[str, object], bool]] = [
            ({"status": "completed", "ended_at": old, "join_expires_at": old}, True),
            ({"status": "ended", "ended_at": old, "join_expires_at": now}, True),
            ({"status": "invited", "join_expires_at": old}, True),
            ({"status": "running", "started_at": old, "join_expires_at": old}, True),
            ({"status": "completed", "ended_at": new, "join_expires_at": old}, False),
            ({"status": "invited", "join_expires_at": new}, False),
            ({"status": "running", "started_at": new, "join_expires_at": old}, False),
        ]
        kept = {}
        for values, goes in cases:
            seeded = await seed_interview()
            kept[seeded.interview_id] = not goes
            async with clean_database.begin() as connection:
                await connection.execute(
                    update(InterviewRow)
                    .where(InterviewRow.id == seeded.interview_id)
                    .values(**values)
                )
        stray = await store.calls.find_or_create("twilio", "CA-stray", "+441632960961")
        async with clean_database.begin() as connection:
            await connection.execute(text("update calls set created_at = now() - interval '31 d'"))
        await Retention(store.erasure, 30).sweep()
        for interview_id, stays in kept.items():
            rows = await rows_of(clean_database, interview_id)
            assert (rows["interviews"] == 1) is stays
        again = await store.calls.find_or_create("twilio", "CA-stray", "+441632960961")
        assert again.id != stray.id

    async def test_one_that_cannot_be_erased_does_not_keep_the_others(
        self,
        store: Store,
        clean_database: AsyncEngine,
        seed_interview: Seed,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        seeded = [await seed_interview() for _ in range(4)]
        async with clean_database.begin() as connection:
            old = datetime.now(UTC) - timedelta(days=400)
            await connection.execute(update(InterviewRow).values(join_expires_at=old))
        erase, stuck = ErasureStore.erase, seeded[1].interview_id

        async def failing(self: ErasureStore, interview_id: UUID) -> bool:
            if interview_id == stuck:
                raise RuntimeError("a row that nobody thought of")
            return await erase(self, interview_id)

        monkeypatch.setattr(ErasureStore, "erase", failing)
        await Retention(store.erasure, 365).sweep()
        left = [(await rows_of(clean_database, s.interview_id))["interviews"] for s in seeded]
        assert left == [0, 1, 0, 0]


NUMBER = "+441632960961"


async def test_erasing_an_interview_makes_no_room_for_more_calls(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    """What is kept of a call that was placed says that there was one, and nothing of anybody."""
    seeded = await seed_interview()
    interview = await store.interviews.find(seeded.organisation_id, seeded.interview_id)
    assert interview is not None
    for ref in ("CA1", "CA2"):
        call = await store.calls.create_outbound("twilio", interview, NUMBER, most_per_hour=2)
        await store.calls.set_ref(call.id, "twilio", ref)
    late = call.id
    assert await store.erasure.erase(seeded.interview_id)
    assert await store.calls.set_ref(late, "twilio", "CA2") is None
    assert await store.calls.find("twilio", "CA2") is None
    async with clean_database.connect() as connection:
        rows = (await connection.execute(select(CallRow.__table__))).mappings().all()
    assert len(rows) == 2
    for row in rows:
        kept = {name for name, value in row.items() if value not in (None, "", 0)}
        assert kept == {
            "id", "organisation_id", "bridge", "direction",
            "status", "created_at", "ended_at", "end_reason",
        }  # fmt: skip

    with pytest.raises(TooManyCalls):
        await store.calls.create_outbound("twilio", interview, NUMBER, most_per_hour=2)


async def test_what_is_kept_of_erased_calls_goes_when_it_counts_no_more(
    store: Store, clean_database: AsyncEngine, seed_interview: Seed
) -> None:
    for _ in range(2):
        seeded = await seed_interview()
        interview = await store.interviews.find(seeded.organisation_id, seeded.interview_id)
        assert interview is not None
        await store.calls.create_outbound("twilio", interview, NUMBER)
        assert await store.erasure.erase(seeded.interview_id)
        async with clean_database.begin() as connection:
            assert await connection.scalar(select(func.count()).select_from(CallRow)) == 1
            past = datetime.now(UTC) - timedelta(minutes=61)
            await connection.execute(update(CallRow).values(created_at=past))
