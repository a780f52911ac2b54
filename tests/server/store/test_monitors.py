"""What monitors did, who is live, and what of it outlives a restart: on the real database."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.monitors import LIVE_FOR_S
from server.store.records import TicketUser
from server.store.store import Store
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.record.store import SessionStore
from sessions.record.tables import LiveInterviewRow, MonitorActionRow, Organisation
from sessions.turntaking.turns import Speaker, Turn
from tests.seeding import SeededInterview, seed_interview

RITA = Actor(uuid4(), "Rita")


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


@pytest.fixture
async def interview(clean_database: AsyncEngine) -> SeededInterview:
    return await seed_interview(clean_database)


def hint_of(words: str) -> Action:
    return Action(ActionKind.HINT, RITA, words)


async def test_an_action_is_listed_once_with_what_became_of_it(
    store: Store, interview: SeededInterview
) -> None:
    hint, pause = hint_of("ask about it"), Action(ActionKind.PAUSE, RITA, detail={"force": True})
    for action, step in (
        (hint, Step.ASKED),
        (pause, Step.ASKED),
        (hint, Step.DONE),
        (hint, Step.DONE),
        (pause, Step.DROPPED),
    ):
        await store.monitors.enter(interview.interview_id, action, step)
    listed = await store.monitors.list_actions(interview.organisation_id, interview.interview_id)
    assert [(e.action, e.outcome, e.text, e.detail) for e in listed] == [
        ("hint", "done", "ask about it", {}),
        ("pause", "dropped", None, {"force": True}),
    ]
    assert listed[0].outcome_at > listed[0].at
    assert {entry.user_name for entry in listed} == {"Rita"}
    assert await store.monitors.list_actions(uuid4(), interview.interview_id) == []


async def test_the_audit_is_only_ever_added_to(
    store: Store, interview: SeededInterview, clean_database: AsyncEngine
) -> None:
    await store.monitors.enter(interview.interview_id, hint_of("ask about it"), Step.ASKED)
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with clean_database.begin() as connection:
            await connection.execute(update(MonitorActionRow).values(text="something else"))


async def test_hints_that_were_not_used_and_time_that_was_given_outlive_a_restart(
    store: Store, interview: SeededInterview, clean_database: AsyncEngine
) -> None:
    used, dropped, unnoted = hint_of("one"), hint_of("two"), hint_of("three")
    waiting, later = hint_of("four"), hint_of("five")
    for action in (used, dropped, unnoted, waiting, later):
        await store.monitors.enter(interview.interview_id, action, Step.ASKED)
    await store.monitors.enter(interview.interview_id, used, Step.DONE)
    await store.monitors.enter(interview.interview_id, dropped, Step.DROPPED)
    resume = Action(ActionKind.RESUME, RITA)
    for action, step in (
        (Action(ActionKind.EXTEND, RITA, detail={"ms": 300_000}), Step.DONE),
        (resume, Step.ASKED),
        (replace(resume, detail={"ms": 61_500}), Step.DONE),
        (replace(resume, detail={"ms": 61_500}), Step.DONE),
    ):
        await store.monitors.enter(interview.interview_id, action, step)
    sessions = SessionStore(clean_database)
    session_id = (await sessions.open_session(interview.interview_id)).session_id
    turn = Turn(0, Speaker.INTERVIEWER, "Three?", "Three?", 0, 1, move={"hint": str(unnoted.id)})
    await sessions.append(session_id, turn)
    kept = (await sessions.open_session(interview.interview_id)).carried_over
    assert kept.hints == (waiting, later)
    assert kept.extra_ms == 361_500


async def test_a_row_of_a_live_interview_is_worth_something_while_it_is_renewed(
    store: Store, interview: SeededInterview, clean_database: AsyncEngine
) -> None:
    mine = {interview.interview_id: (interview.organisation_id, {"phase": "answering"})}
    await store.monitors.set_live("here", mine)
    await store.monitors.set_live("here", mine)
    (entry,) = await store.monitors.list_live(interview.organisation_id)
    assert (entry.interview_id, entry.replica) == (interview.interview_id, "here")
    assert (entry.state, entry.candidate_name) == ({"phase": "answering"}, "Ada")
    assert await store.monitors.list_live(uuid4()) == []

    await store.monitors.set_live("there", {})
    assert len(await store.monitors.list_live(interview.organisation_id)) == 1
    async with clean_database.begin() as connection:
        await connection.execute(
            update(LiveInterviewRow).values(
                seen_at=text(f"now() - interval '{LIVE_FOR_S + 1} seconds'")
            )
        )
    assert await store.monitors.list_live(interview.organisation_id) == []
    await store.monitors.set_live("here", {})
    async with clean_database.connect() as connection:
        assert (await connection.execute(text("select 1 from live_interviews"))).all() == []


async def test_an_interview_that_was_erased_takes_no_other_out_of_the_overview(
    store: Store, interview: SeededInterview
) -> None:
    mine = {
        interview.interview_id: (interview.organisation_id, {"phase": "answering"}),
        uuid4(): (uuid4(), {"phase": "answering"}),
    }
    for _ in range(2):
        await store.monitors.set_live("here", mine)
        (entry,) = await store.monitors.list_live(interview.organisation_id)
        assert entry.interview_id == interview.interview_id


async def test_a_monitors_ticket_names_its_user_and_rights(
    store: Store, interview: SeededInterview
) -> None:
    user = TicketUser(RITA.user_id, frozenset({"watch", "listen"}), 3)
    owner: tuple[UUID, UUID] = (interview.organisation_id, interview.interview_id)
    ticket = await store.tickets.issue(*owner, "monitor", 30, user)
    assert await store.tickets.consume(ticket, "candidate") is None
    grant = await store.tickets.consume(ticket, "monitor")
    assert grant is not None
    assert grant.user == user
    plain = await store.tickets.consume(
        await store.tickets.issue(*owner, "candidate", 30), "candidate"
    )
    assert plain is not None
    assert plain.user is None


async def test_candidates_are_told_of_listeners_unless_the_organisation_says_no(
    store: Store, interview: SeededInterview, clean_database: AsyncEngine
) -> None:
    assert await store.accounts.tell_listening(interview.organisation_id)
    assert not await store.accounts.tell_listening(interview.organisation_id, False)
    found = await store.tickets.find_invitation(interview.join_token)
    assert found is not None
    assert not found.tell_listening
    async with clean_database.begin() as connection:
        await connection.execute(update(Organisation).values(tell_listening=True))
    assert await store.accounts.tell_listening(interview.organisation_id)
