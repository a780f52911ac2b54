"""Interviews that were left, on a real PostgreSQL: which are ended, as what, and which are not."""

import asyncio
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.expiry import Expiry
from server.store.left import LEFT_AT_ONCE, LeftStore
from server.store.monitors import LIVE_FOR_S
from server.store.records import Interview, NewInterview
from server.store.store import Store
from server.store.tickets import CANDIDATE_TICKET, MONITOR_TICKET, REALTIME_KEY
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import InterviewOver, SessionStore
from sessions.record.tables import InterviewRow, SessionRow
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Turn
from tests.sessions.interviewer.test_outcome import CLOSE, SEVEN, held

REENTRY_S = 600
LONG_AGO = func.now() - timedelta(seconds=REENTRY_S + 60)
JUST_NOW = func.now() - timedelta(seconds=60)


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


async def an_interview(store: Store) -> Interview:
    account = await store.accounts.create_organisation(
        "Acme", email=f"{uuid4().hex}@x.example", password_hash="h", user_name="R", role="admin"
    )
    document = SEVEN.model_dump(mode="json")
    plan = await store.plans.create(account.organisation_id, "Seven", document, account.id)
    new = NewInterview(plan, "Ada", None, "en", 900)
    interview, _ = await store.interviews.create(account.organisation_id, new, 3_600, account.id)
    return interview


async def change(store: Store, interview: Interview, **values: object) -> None:
    async with store.interviews.engine.begin() as connection:
        await connection.execute(
            update(InterviewRow).where(InterviewRow.id == interview.id).values(**values)
        )


async def hold(store: Store, interview: Interview, turns: list[Turn]) -> UUID:
    """The candidate comes, and so much is said."""
    sessions = SessionStore(store.interviews.engine)
    session_id = (await sessions.open_session(interview.id)).session_id
    for index, one in enumerate(turns):
        values = {name: getattr(one, name) for name in ("speaker", "text", "heard_text", "move")}
        turn = Turn(**values, index=index, started_ms=index * 1_000, ended_ms=index * 1_000 + 900)
        await sessions.append(session_id, turn)
    return session_id


async def now_of(store: Store, interview: Interview) -> Interview:
    found = await store.interviews.find(interview.organisation_id, interview.id)
    assert found is not None
    return found


async def leave(store: Store, interview: Interview) -> None:
    """Its link and the time to come back are over."""
    await change(store, interview, join_expires_at=JUST_NOW)
    if (await now_of(store, interview)).started_at is not None:
        await change(store, interview, started_at=LONG_AGO)


LEFT = {
    "nobody opened it": (None, "expired", EndReason.EXPIRED, 0),
    "opened, and nothing said": ([], "expired", EndReason.NOT_BEGUN, 0),
    "left at the third question": (held(SEVEN, 3), "ended", EndReason.INTERRUPTED, 3),
    "killed behind the last word": (
        [*held(SEVEN, 7), CLOSE],
        "completed",
        EndReason.COMPLETED,
        7,
    ),
}


@pytest.mark.parametrize("name", LEFT)
async def test_an_interview_that_was_left_is_ended_and_told_apart(store: Store, name: str) -> None:
    turns, status, reason, answered = LEFT[name]
    interview = await an_interview(store)
    if turns is not None:
        await hold(store, interview, turns)
    await leave(store, interview)
    assert await store.left.end_left(REENTRY_S, ()) == {interview.id: reason}
    ended = await now_of(store, interview)
    assert (ended.status, ended.end_reason, ended.over) == (status, reason, True)
    assert list((ended.coverage or {}).values()).count("answered") == answered
    async with store.interviews.engine.connect() as connection:
        open_ones = select(SessionRow.id).where(SessionRow.ended_at.is_(None))
        assert (await connection.execute(open_ones)).all() == []
    assert await store.left.end_left(REENTRY_S, ()) == {}
    with pytest.raises(InterviewOver):
        await SessionStore(store.interviews.engine).open_session(interview.id)


async def test_an_interview_that_can_still_be_taken_up_is_not_ended(store: Store) -> None:
    waiting = await an_interview(store)
    begun = await an_interview(store)
    await hold(store, begun, held(SEVEN, 2))
    await change(store, begun, join_expires_at=JUST_NOW)  # its time to come back still runs
    renewed = await an_interview(store)
    await hold(store, renewed, held(SEVEN, 2))
    await change(store, renewed, started_at=LONG_AGO)  # its link is valid
    assert await store.left.end_left(REENTRY_S, ()) == {}
    assert [(await now_of(store, one)).status for one in (waiting, begun, renewed)] == [
        "invited",
        "running",
        "running",
    ]


async def test_an_interview_that_some_process_holds_is_not_ended(store: Store) -> None:
    here, elsewhere, gone = [await an_interview(store) for _ in range(3)]
    for one in (here, elsewhere, gone):
        await hold(store, one, held(SEVEN, 1))
        await leave(store, one)
    for replica, one in (("alive", elsewhere), ("killed", gone)):
        await store.monitors.set_live(replica, {one.id: (one.organisation_id, {})})
    assert await store.left.end_left(REENTRY_S, (here.id,)) == {}
    async with store.interviews.engine.begin() as connection:
        await connection.exec_driver_sql(
            "update live_interviews set seen_at = now() - interval "
            f"'{LIVE_FOR_S + 1} seconds' where replica = 'killed'"
        )
    assert await store.left.end_left(REENTRY_S, (here.id,)) == {gone.id: EndReason.INTERRUPTED}


@pytest.mark.parametrize(
    ("kind", "waits"), [(CANDIDATE_TICKET, True), (REALTIME_KEY, True), (MONITOR_TICKET, False)]
)
async def test_who_holds_a_ticket_may_still_come(store: Store, kind: str, waits: bool) -> None:
    interview = await an_interview(store)
    await store.tickets.issue(interview.organisation_id, interview.id, kind, 30)
    await leave(store, interview)
    assert (await store.left.end_left(REENTRY_S, ()) == {}) is waits


@pytest.mark.parametrize(
    ("turns", "status"), [(None, "invited"), ([], "running"), (held(SEVEN, 2), "running")]
)
async def test_a_new_link_opens_it_again_with_all_that_was_said(
    store: Store, turns: list[Turn] | None, status: str
) -> None:
    interview = await an_interview(store)
    if turns is not None:
        await hold(store, interview, turns)
    await leave(store, interview)
    await store.left.end_left(REENTRY_S, ())
    token = await store.interviews.renew_link(interview.organisation_id, interview.id, 3_600)
    assert token is not None
    again = await now_of(store, interview)
    assert (again.status, again.ended_at, again.end_reason) == (status, None, None)
    opened = await SessionStore(store.interviews.engine).open_session(interview.id)
    assert len(opened.turns) == len(turns or ())


async def test_of_many_who_look_at_once_each_interview_is_ended_by_one(store: Store) -> None:
    interviews = [await an_interview(store) for _ in range(6)]
    for one in interviews:
        await leave(store, one)
    looks = await asyncio.gather(*(store.left.end_left(REENTRY_S, ()) for _ in range(4)))
    ended = [interview_id for look in looks for interview_id in look]
    assert sorted(ended) == sorted(one.id for one in interviews)
    assert len(set(ended)) == len(ended)


async def test_what_a_recruiter_ends_without_a_session_keeps_its_coverage(store: Store) -> None:
    interview = await an_interview(store)
    await hold(store, interview, held(SEVEN, 2))
    assert await store.interviews.end(interview.organisation_id, interview.id, "recruiter")
    coverage = (await now_of(store, interview)).coverage or {}
    assert coverage["q2"] == "answered"
    assert coverage["q3"] == "not_asked"


async def test_an_interview_whose_plan_cannot_be_read_is_ended_all_the_same(store: Store) -> None:
    interview, other = await an_interview(store), await an_interview(store)
    for one in (interview, other):
        await hold(store, one, held(SEVEN, 2))
        await leave(store, one)
    await change(store, interview, plan_document={"title": "Of old"})
    reason = EndReason.INTERRUPTED
    assert await store.left.end_left(REENTRY_S, ()) == {interview.id: reason, other.id: reason}
    assert (await now_of(store, interview)).coverage is None


class LeftByHand:
    """Ends so many interviews a call, or fails."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)

    async def end_left(self, _reentry_lifetime_s: int, _live: object) -> dict[UUID, EndReason]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {uuid4(): EndReason.EXPIRED for _ in range(answer)}


@pytest.mark.parametrize(
    "answers", [(LEFT_AT_ONCE, LEFT_AT_ONCE, 3), (0,), (LEFT_AT_ONCE, StoreUnavailable("away"))]
)
async def test_one_look_ends_all_there_are_and_outlives_a_database_that_is_away(
    answers: tuple[int | Exception, ...],
) -> None:
    left = LeftByHand(*answers)
    await Expiry(cast(LeftStore, left), frozenset, 60).look()
    assert left.answers == []
