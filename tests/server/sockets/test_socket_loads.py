"""What one client may do to the server: too much, too little, or in the middle of an outage."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed

from server.database.embedded import EmbeddedPostgres
from server.database.engine import create_engine, upgrade
from server.dialects.browser.dialect import BrowserDialect
from server.dialects.dialect import Dialect
from server.sockets.audio_budget import BACKLOG_S, MIN_FRAME_S, THROTTLE_ABOVE, WINDOW_S
from server.sockets.uvicorn_protocol import MediaProtocol
from server.sockets.websocket_leg import MAX_QUEUED_BYTES, Part, SocketLeg
from sessions.session_context import Providers
from sessions.turntaking.causes import EndReason
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview, seed_interview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge, Tab, open_edge
from tests.server.logged import captured
from tests.server.stage import make_settings

Seed = Callable[..., Awaitable[SeededInterview]]
FRAME = bytes(1_920)


async def flood(tab: Tab, message: str | bytes) -> int:
    """Send as fast as the server takes it, until it has enough; the close code."""

    async def pour() -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await tab.socket.send(message)
                await asyncio.sleep(0)  # sending alone would keep the loop, which is the server's

    pouring = asyncio.create_task(pour())
    try:
        return await tab.closed()
    finally:
        await pouring


class TestTooMuch:
    async def test_a_flood_of_sound_is_closed_and_no_other_session_is_harmed(
        self, edge: Edge, seed_interview: Seed, speak: Speak
    ) -> None:
        first, second = [await seed_interview(plan_document=SHORT_PLAN) for _ in range(2)]
        answer = await speak("I like the old oak.")
        async with edge.tab(first.join_token) as flooder, edge.tab(second.join_token) as tab:
            await flooder.start()
            flooding = asyncio.create_task(flood(flooder, FRAME))
            await tab.start()
            await tab.expect("turn.committed", speaker="interviewer")
            await tab.say(answer)
            said = await tab.expect("turn.committed", speaker="candidate")
            assert "oak" in said["text"].lower()
            asked = await tab.expect("turn.committed", speaker="interviewer")
            assert QUESTIONS[1] in asked["text"]
            assert await flooding == 4429

    async def test_tiny_frames_are_a_flood_too(
        self, edge: Edge, seed_interview: Seed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("server.sockets.audio_budget.WINDOW_S", 1.0)
        interview = await seed_interview(plan_document=SHORT_PLAN)
        async with edge.tab(interview.join_token) as tab:
            assert await flood(tab, b"") == 4429

    async def test_what_waited_during_an_outage_is_taken(
        self, edge: Edge, seed_interview: Seed
    ) -> None:
        interview = await seed_interview(plan_document=SHORT_PLAN)
        async with edge.tab(interview.join_token) as tab:
            for _ in range(200):  # 12 s at once
                await tab.socket.send(FRAME)
            await tab.send(type="ping", t=1)
            await tab.expect("pong")

    async def test_a_flood_of_messages_has_to_wait_for_the_others(
        self, edge: Edge, seed_interview: Seed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        played = json.dumps({"type": "audio.played", "generation": 9, "samples": 1})
        receive_text, taken = BrowserDialect.receive_text, 0

        def counting(dialect: BrowserDialect, text: str) -> Any:
            nonlocal taken
            taken += text == played
            return receive_text(dialect, text)

        monkeypatch.setattr(BrowserDialect, "receive_text", counting)
        first, second = [await seed_interview(plan_document=SHORT_PLAN) for _ in range(2)]
        async with edge.tab(first.join_token) as flooder, edge.tab(second.join_token) as tab:
            began = time.monotonic()
            flooding = asyncio.create_task(flood(flooder, played))
            at_once_s = BACKLOG_S + (THROTTLE_ABOVE - 1) * WINDOW_S
            while taken * MIN_FRAME_S < 1.1 * at_once_s:
                await tab.send(type="ping", t=1)
                await tab.expect("pong")
            # However slow all of this is: no more is taken than there was time for.
            assert taken * MIN_FRAME_S < at_once_s + time.monotonic() - began + 0.1
            await edge.viva.registry.end(first.interview_id, EndReason.RECRUITER)
            assert await flooding == 1000


class TestTooLittle:
    async def test_a_client_that_reads_nothing_is_let_go(
        self, edge: Edge, seed_interview: Seed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        legs: list[SocketLeg] = []
        let_go, cut_off = asyncio.Event(), asyncio.Event()

        class WatchedLeg(SocketLeg):
            def __init__(self, websocket: WebSocket, dialect: Dialect, *, part: Part) -> None:
                super().__init__(websocket, dialect, part=part, take_within_s=0.3)
                legs.append(self)

            async def run(self) -> None:
                await super().run()
                let_go.set()

        def lost(wire: MediaProtocol, exc: Exception | None) -> None:
            connection_lost(wire, exc)
            cut_off.set()

        connection_lost = MediaProtocol.connection_lost
        monkeypatch.setattr(MediaProtocol, "connection_lost", lost)
        monkeypatch.setattr(MediaProtocol, "cut_off_after_s", 0.1)
        monkeypatch.setattr("server.sockets.media_socket.SocketLeg", WatchedLeg)
        interview = await seed_interview(plan_document=SHORT_PLAN)
        async with edge.socket(ping_interval=None) as tab:
            await tab.hello(await edge.ticket(interview.join_token))
            tab.socket.transport.pause_reading()
            async with asyncio.timeout(PATIENCE_S):
                while not let_go.is_set():
                    legs[0].play(bytes(48_000))
                    assert legs[0].queued_bytes <= MAX_QUEUED_BYTES
                    await asyncio.sleep(0)
                await cut_off.wait()
            tab.socket.transport.abort()
        async with edge.tab(interview.join_token):  # and may come back
            pass


class TestAnOutage:
    async def test_the_interview_outlives_its_database(
        self, reachable_path: Path, tmp_path: Path, local_providers: Providers, speak: Speak
    ) -> None:
        postgres = EmbeddedPostgres(reachable_path)
        url = await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(upgrade, url)
        engine = create_engine(url, 1)
        interview = await seed_interview(engine, plan_document=SHORT_PLAN)
        await engine.dispose()
        settings = make_settings(tmp_path, ticket_lifetime_s=300)
        async with open_edge(settings, url, local_providers) as edge:
            ticket = await edge.ticket(interview.join_token)
            await asyncio.to_thread(postgres.stop)
            with captured() as lines:
                async with edge.socket() as tab:
                    await tab.send(type="hello", ticket=ticket)
                    assert await tab.closed() == 4503
                    assert "database" in tab.close_reason
            assert lines.getvalue().count("database unavailable") == 1

            assert await asyncio.to_thread(postgres.start) == url
            async with edge.socket() as tab:
                await tab.hello(ticket)
                await tab.start()
                await tab.expect("turn.committed", index=0)
                await asyncio.to_thread(postgres.stop)
                await tab.say(await speak("I like the old oak."))
                await tab.expect("notice", code="database")
                await tab.expect("audio.mark", generation=2)  # the talk goes on
                committed = [message["index"] for message in tab.of_type("turn.committed")]
                assert committed == [0]

                async with edge.socket() as other:
                    await other.send(type="hello", ticket=ticket)
                    assert await other.closed() == 4503

                await asyncio.to_thread(postgres.start)
                said = await tab.expect("turn.committed", index=1)
                assert "oak" in said["text"].lower()
                asked = await tab.expect("turn.committed", index=2)
                assert QUESTIONS[1] in asked["text"]
        await asyncio.to_thread(postgres.stop)
