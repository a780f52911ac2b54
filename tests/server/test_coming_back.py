"""Coming back: after a reload, a restart, a kill; to the same question, with nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.embedded import EmbeddedPostgres
from server.database.engine import create_engine
from sessions.record.store import SessionStore
from sessions.session_context import Providers
from sessions.turntaking.turns import Turn
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge, RunningServer, Tab, open_edge
from tests.server.process import Served, served
from tests.server.stage import make_settings

ANSWER = "I like the old oak."

Seed = Callable[..., Awaitable[SeededInterview]]


@pytest.fixture
async def interview(seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN)


async def turns_of(engine: AsyncEngine, interview: SeededInterview) -> list[Turn]:
    """What is on record."""
    return (await SessionStore(engine).open_session(interview.interview_id)).turns


async def answer_the_first(tab: Tab, speak: Speak) -> None:
    """Begin, hear the first question, answer it: two turns on record."""
    await tab.start()
    asked = await tab.expect("turn.committed", index=0)
    assert QUESTIONS[0] in asked["text"]
    await tab.say(await speak(ANSWER))
    said = await tab.expect("turn.committed", index=1)
    assert (said["speaker"], "oak" in said["text"].lower()) == ("candidate", True)


async def hear_the_second_again(server: RunningServer, join_token: str, known: int) -> Tab:
    """Open the link again: the transcript is there, and the interview goes on without a greeting
    at the second question."""
    ticket = await server.ticket(join_token)
    async with server.socket() as tab:
        ready = await tab.hello(ticket)
        assert ready["resumed"] is True
        lines = ready["transcript"]
        assert [line["index"] for line in lines] == list(range(known))
        assert QUESTIONS[0] in lines[0]["text"]
        assert "oak" in lines[1]["text"].lower()
        await tab.start()
        again = await tab.expect("turn.committed", index=known)
        assert again["speaker"] == "interviewer"
        assert QUESTIONS[1] in again["text"]
        assert "Welcome back" in again["text"]
        assert "Hello" not in again["text"]
        return tab


async def test_a_reloaded_page_is_at_the_same_question(
    edge: Edge, interview: SeededInterview, speak: Speak
) -> None:
    async with edge.tab(interview.join_token) as tab:
        await answer_the_first(tab, speak)
        await tab.expect("turn.committed", index=2)
        session_id = tab.of_type("session.ready")[0]["session_id"]
    again = await hear_the_second_again(edge, interview.join_token, known=3)
    assert again.of_type("session.ready")[0]["session_id"] == session_id
    turns = await turns_of(edge.viva.services.engine, interview)
    assert [turn.index for turn in turns] == [0, 1, 2, 3]


async def test_a_page_that_is_opened_in_a_second_tab_goes_on_there(
    edge: Edge, interview: SeededInterview, speak: Speak
) -> None:
    async with edge.tab(interview.join_token) as tab:
        await answer_the_first(tab, speak)
        await tab.expect("turn.committed", index=2)
        await hear_the_second_again(edge, interview.join_token, known=3)
        assert await tab.closed() == 4409


async def test_a_candidate_who_has_not_begun_is_greeted_whenever_it_is(
    edge: Edge, interview: SeededInterview
) -> None:
    for _ in range(2):  # looks in, and goes away
        async with edge.tab(interview.join_token) as tab:
            assert tab.of_type("session.ready")[0]["resumed"] is False
    async with edge.tab(interview.join_token) as tab:
        await tab.start()
        assert (await tab.expect("turn.committed"))["text"].startswith("Hello.")


async def test_a_restarted_server_goes_on_where_the_other_was(
    engine: AsyncEngine,
    database_url: str,
    interview: SeededInterview,
    local_providers: Providers,
    speak: Speak,
    tmp_path: Path,
) -> None:
    settings = make_settings(tmp_path)
    async with (
        open_edge(settings, database_url, local_providers) as first,
        first.tab(interview.join_token) as tab,
    ):
        await answer_the_first(tab, speak)
        await tab.expect("turn.committed", index=2)
        left_ms = tab.of_type("state")[-1]["time_left_ms"]
    async with open_edge(settings, database_url, local_providers) as second:
        again = await hear_the_second_again(second, interview.join_token, known=3)
        assert again.of_type("session.ready")[0]["time_left_ms"] < left_ms + 100
        async with second.tab(interview.join_token) as tab:
            await tab.start()
            await tab.expect("turn.committed", index=4)
            for number, answer in enumerate(("A small spade.", "I live near the sea.")):
                await tab.say(await speak(answer))
                await tab.expect("turn.committed", index=5 + 2 * number, speaker="candidate")
                await tab.expect("turn.committed", index=6 + 2 * number, speaker="interviewer")
            assert (await tab.expect("session.ended"))["reason"] == "completed"
            assert await tab.closed() == 1000


async def test_what_was_being_said_when_the_server_stops_is_on_record(
    engine: AsyncEngine,
    database_url: str,
    interview: SeededInterview,
    local_providers: Providers,
    speak: Speak,
    tmp_path: Path,
) -> None:
    pcm = (await speak(ANSWER)).tobytes()
    async with AsyncExitStack() as running:
        settings = make_settings(tmp_path)
        edge = await running.enter_async_context(open_edge(settings, database_url, local_providers))
        ticket = await edge.ticket(interview.join_token)
        async with edge.socket() as tab:
            await tab.hello(ticket)
            await tab.start()
            await tab.expect("turn.committed", index=0)
            for begin in range(0, len(pcm), 1_920):
                await tab.socket.send(pcm[begin : begin + 1_920])
            await tab.expect("state", candidate="speaking")
            closing = asyncio.create_task(tab.closed())
            await running.aclose()
            assert await closing == 1012
    turns = await turns_of(engine, interview)
    assert [turn.index for turn in turns] == [0, 1]
    assert "oak" in turns[1].text.lower()
    assert turns[1].was_cut


async def invite(server: Served) -> tuple[str, str]:
    """An interview on the short plan, made over the API: its id and its join token."""
    await server.sign_in()
    plan = await server.post("/api/v1/plans", json=SHORT_PLAN)
    made = await server.post(
        "/api/v1/interviews", json={"plan_id": plan["id"], "candidate_name": "Ada"}
    )
    return made["id"], made["join_url"].rsplit("/", 1)[1]


async def recorded_turns(data_dir: Path, interview_id: str) -> list[Turn]:
    """What the database of a server that has ended holds."""
    postgres = EmbeddedPostgres(data_dir)
    engine = create_engine(await asyncio.to_thread(postgres.start), 1)
    try:
        return (await SessionStore(engine).open_session(UUID(interview_id))).turns
    finally:
        await engine.dispose()
        await asyncio.to_thread(postgres.stop)


async def test_a_killed_server_has_kept_every_acknowledged_turn(
    reachable_path: Path, speak: Speak
) -> None:
    data_dir = reachable_path / "viva"
    async with served(data_dir) as server:
        interview_id, token = await invite(server)
        ticket = await server.ticket(token)
        async with server.socket() as tab:
            await tab.hello(ticket)
            await answer_the_first(tab, speak)
            await server.kill()
    async with served(data_dir) as server:
        await server.sign_in()
        turns = await server.transcript(interview_id)
        assert [(turn["index"], turn["speaker"]) for turn in turns] == [
            (0, "interviewer"),
            (1, "candidate"),
        ]
        assert "oak" in turns[1]["text"].lower()
        await hear_the_second_again(server, token, known=2)

        async with server.tab(token) as tab:
            await tab.start()
            await tab.expect("turn.committed", index=3)
            await tab.say(await speak("A small spade."))
            await tab.expect("caption", speaker="candidate")
            closing = asyncio.create_task(tab.closed())
            assert await server.stop() == 0
            assert await closing == 1012
        text = server.log.read_text(encoding="utf-8")
        assert ticket not in text
        assert token not in text
    kept = await recorded_turns(data_dir, interview_id)
    assert "spade" in kept[4].text.lower()
