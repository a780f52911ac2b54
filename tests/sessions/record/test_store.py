"""Interviews, sessions and turns in a real PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import TextClause, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.embedded import EmbeddedPostgres
from server.database.engine import create_engine, upgrade
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import (
    InterviewNotFound,
    InterviewOver,
    SessionStore,
    TurnConflict,
)
from sessions.record.tables import InterviewRow, SessionRow, TurnRow
from sessions.record.transaction import ValueRefused, transaction
from sessions.record.turn_log import CheckpointWriter, TurnLog
from sessions.turntaking.turns import Speaker, Turn
from tests import seeding
from tests.seeding import SeededInterview

Seed = Callable[..., Awaitable[SeededInterview]]

QUESTION = Turn(
    index=0,
    speaker=Speaker.INTERVIEWER,
    text="Tell me about yourself. And your work.",
    heard_text="Tell me about yourself.",
    started_ms=120,
    ended_ms=4_700,
    interrupted=True,
    move={"kind": "ask", "question": "q1"},
    latency={"first_audio_ms": 310.5},
    usage={"model": "scripted", "cost_usd": None},
)
ANSWER = Turn(1, Speaker.CANDIDATE, "I build bridges.", "I build bridges.", 5_000, 7_500, 0.93)


@pytest.fixture
def store(clean_database: AsyncEngine) -> SessionStore:
    return SessionStore(clean_database)


async def _row(engine: AsyncEngine, table: Any, key: UUID) -> Any:
    async with engine.connect() as connection:
        found = await connection.execute(
            select(*table.__table__.columns).where(table.__table__.c.id == key)
        )
        return found.one()


async def test_a_turn_is_read_back_as_it_was_written(
    store: SessionStore, seed_interview: Seed
) -> None:
    log: TurnLog = store
    session = (await store.open_session((await seed_interview()).interview_id)).session_id
    await log.append(session, ANSWER)
    await log.append(session, QUESTION)

    assert await log.read(session) == [QUESTION, ANSWER]


async def test_a_turn_carries_its_interview_and_organisation(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine
) -> None:
    seeded = await seed_interview()
    session = (await store.open_session(seeded.interview_id)).session_id
    await store.append(session, QUESTION)

    async with engine.connect() as connection:
        owners = (
            await connection.execute(select(TurnRow.interview_id, TurnRow.organisation_id))
        ).one()
    assert tuple(owners) == (seeded.interview_id, seeded.organisation_id)


async def test_the_same_turn_again_changes_nothing(
    store: SessionStore, seed_interview: Seed
) -> None:
    session = (await store.open_session((await seed_interview()).interview_id)).session_id
    await asyncio.gather(*(store.append(session, QUESTION) for _ in range(8)))

    assert await store.read(session) == [QUESTION]


async def test_another_turn_at_the_same_index_is_a_conflict_and_changes_nothing(
    store: SessionStore, seed_interview: Seed
) -> None:
    session = (await store.open_session((await seed_interview()).interview_id)).session_id
    await store.append(session, QUESTION)

    with pytest.raises(TurnConflict, match="written from two places"):
        await store.append(session, replace(QUESTION, heard_text=""))
    assert await store.read(session) == [QUESTION]


async def test_a_reopened_answer_takes_the_place_of_its_earlier_form_and_never_the_other_way(
    store: SessionStore, seed_interview: Seed
) -> None:
    session_id = (await store.open_session((await seed_interview()).interview_id)).session_id
    whole = replace(
        ANSWER,
        text="I build bridges. And roads.",
        heard_text="I build bridges. And roads.",
        ended_ms=9_100,
        revision=1,
    )
    await store.append(session_id, ANSWER)
    await store.append(session_id, whole)
    assert await store.read(session_id) == [whole]
    await store.append(session_id, ANSWER)  # repeated late, after a lost acknowledgement
    await store.append(session_id, whole)
    assert await store.read(session_id) == [whole]


async def test_a_turn_of_no_session_is_never_taken_for_committed(store: SessionStore) -> None:
    with pytest.raises(InterviewNotFound):
        await store.append(uuid4(), QUESTION)


async def test_a_turn_against_the_rules_of_the_table_is_a_fault_not_an_outage(
    store: SessionStore, seed_interview: Seed
) -> None:
    session = (await store.open_session((await seed_interview()).interview_id)).session_id

    with pytest.raises(IntegrityError):
        await store.append(session, replace(QUESTION, index=-1))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.text(), detail=st.dictionaries(st.text(), st.text(), max_size=3))
async def test_any_text_can_be_stored(
    engine: AsyncEngine, said: str, detail: dict[str, str]
) -> None:
    store = SessionStore(engine)
    seeded = await seeding.seed_interview(engine)
    session = (await store.open_session(seeded.interview_id)).session_id
    turn = replace(ANSWER, text=said, heard_text=said, move=detail)
    await store.append(session, turn)
    await store.append(session, turn)

    (stored,) = await store.read(session)
    assert stored.text == said.replace("\0", "\ufffd")


async def test_odd_characters_are_replaced_and_lose_no_turn(
    store: SessionStore, seed_interview: Seed
) -> None:
    session = (await store.open_session((await seed_interview()).interview_id)).session_id
    odd = "a\0b\ud800c"
    await store.append(session, replace(ANSWER, text=odd, move={"said": [odd, {odd: 1}]}))

    (stored,) = await store.read(session)
    assert stored.text == "a\ufffdb?c"
    assert stored.move == {"said": ["a\ufffdb?c", {"a\ufffdb?c": 1}]}


async def test_opening_starts_the_interview_and_tells_what_a_session_needs(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine
) -> None:
    seeded = await seed_interview(
        plan_document={"title": "Bridges", "sections": []}, candidate_name="Ada", time_limit_s=600
    )
    context = await store.open_session(seeded.interview_id)

    assert context.interview_id == seeded.interview_id
    assert context.organisation_id == seeded.organisation_id
    assert context.plan_document == {"title": "Bridges", "sections": []}
    assert (context.candidate_name, context.language, context.time_limit_s) == ("Ada", "en", 600)
    assert (context.turns, context.begun) == ([], False)
    interview = await _row(engine, InterviewRow, seeded.interview_id)
    assert interview.status == "running"
    assert interview.started_at is not None


async def test_coming_back_enters_the_same_session_with_its_turns(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine
) -> None:
    seeded = await seed_interview()
    first = await store.open_session(seeded.interview_id)
    started_at = (await _row(engine, InterviewRow, seeded.interview_id)).started_at
    await store.consent(seeded.interview_id)
    await store.append(first.session_id, QUESTION)
    again = await store.open_session(seeded.interview_id)

    assert again.session_id == first.session_id
    assert (again.turns, again.begun) == ([QUESTION], True)
    assert (await _row(engine, InterviewRow, seeded.interview_id)).started_at == started_at


async def test_all_who_open_at_once_get_the_same_session(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine
) -> None:
    seeded = await seed_interview()
    opened = await asyncio.gather(*(store.open_session(seeded.interview_id) for _ in range(20)))

    assert len({context.session_id for context in opened}) == 1
    async with engine.connect() as connection:
        assert len((await connection.execute(select(SessionRow.id))).all()) == 1


async def test_an_unknown_interview_is_not_found(store: SessionStore) -> None:
    for call in (store.open_session, store.consent):
        with pytest.raises(InterviewNotFound, match="no such interview"):
            await call(uuid4())
    with pytest.raises(InterviewNotFound, match="no such session"):
        await store.end_session(uuid4(), "none", completed=False)


@pytest.mark.parametrize(("completed", "status"), [(True, "completed"), (False, "ended")])
async def test_an_end_is_final_and_the_first_one_counts(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine, completed: bool, status: str
) -> None:
    seeded = await seed_interview()
    session = (await store.open_session(seeded.interview_id)).session_id
    await store.end_session(session, "plan_done", completed=completed)
    first = await _row(engine, InterviewRow, seeded.interview_id)
    await store.end_session(session, "again", completed=not completed)

    assert await _row(engine, InterviewRow, seeded.interview_id) == first
    assert (first.status, first.end_reason) == (status, "plan_done")
    held = await _row(engine, SessionRow, session)
    assert held.end_reason == "plan_done"
    assert held.ended_at == first.ended_at is not None
    with pytest.raises(InterviewOver, match="over"):
        await store.open_session(seeded.interview_id)


async def test_opening_and_ending_at_once_never_wait_for_each_other(
    store: SessionStore, seed_interview: Seed
) -> None:
    seeded = await seed_interview()
    session = (await store.open_session(seeded.interview_id)).session_id
    outcomes = await asyncio.gather(
        *(store.open_session(seeded.interview_id) for _ in range(8)),
        *(store.end_session(session, "done", completed=True) for _ in range(8)),
        return_exceptions=True,
    )

    assert not [one for one in outcomes if isinstance(one, StoreUnavailable)]


async def test_consent_is_kept_from_the_first_time(
    store: SessionStore, seed_interview: Seed, engine: AsyncEngine
) -> None:
    seeded = await seed_interview()
    await store.consent(seeded.interview_id)
    first = (await _row(engine, InterviewRow, seeded.interview_id)).consent_at
    await store.consent(seeded.interview_id)

    assert (await _row(engine, InterviewRow, seeded.interview_id)).consent_at == first is not None


async def test_a_full_pool_and_a_killed_connection_pass(
    database_url: str, seed_interview: Seed
) -> None:
    seeded = await seed_interview()
    engine = create_engine(database_url, pool_size=1)
    engine.pool._timeout = 0.01  # type: ignore[attr-defined] # no public way to shorten it later
    store = SessionStore(engine)
    async with engine.connect() as connection:
        with pytest.raises(StoreUnavailable):
            await store.open_session(seeded.interview_id)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        # Outside of a transaction: it begins to hold with the next one.
        await connection.execute(text("set idle_in_transaction_session_timeout = '1ms'"))
    with pytest.raises(StoreUnavailable):
        async with transaction(engine) as connection:
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    assert (await store.open_session(seeded.interview_id)).turns == []
    await engine.dispose()


async def test_turns_wait_for_a_database_that_is_stopped_and_are_there_when_it_is_back(
    reachable_path: Path,
) -> None:
    database = EmbeddedPostgres(reachable_path)
    url = await asyncio.to_thread(database.start)
    await asyncio.to_thread(upgrade, url)
    engine = create_engine(url)
    store = SessionStore(engine)
    seeded = await seeding.seed_interview(engine)
    session = (await store.open_session(seeded.interview_id)).session_id
    await asyncio.to_thread(database.stop)

    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await store.read(session)

    troubles: list[str] = []
    committed: list[Turn] = []

    async def start_the_database_instead_of_waiting(_: float) -> None:
        await asyncio.to_thread(database.start)

    writer = CheckpointWriter(
        store,
        session,
        committed.append,
        troubles.append,
        sleep=start_the_database_instead_of_waiting,
    )
    writer.put(QUESTION)
    writer.put(ANSWER)
    assert await writer.drain(30)

    assert committed == await store.read(session) == [QUESTION, ANSWER]
    assert len(troubles) == 1
    await engine.dispose()
    await asyncio.to_thread(database.stop)


UNKEPT = [
    (text("select cast(:v as text)"), {"v": "a\0b"}),
    (text("select cast(:v as text)"), {"v": "\ud800"}),
    (text("select cast(:v as integer)"), {"v": 2**63}),
    (text("select cast(cast(:v as text) as timestamptz)"), {"v": "294277-01-01"}),
    (
        text("select cast(:v as timestamptz)"),
        {"v": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
    ),
    (text("select cast(cast(:v as text) as jsonb)"), {"v": '"\\u0000"'}),
]


@pytest.mark.parametrize(("statement", "values"), UNKEPT)
async def test_a_value_that_the_database_cannot_keep_is_told_from_errors_of_the_program(
    clean_database: AsyncEngine, statement: TextClause, values: dict[str, object]
) -> None:
    with pytest.raises(ValueRefused):
        async with transaction(clean_database) as connection:
            await connection.execute(statement, values)
