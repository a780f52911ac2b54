"""The interview's socket over a real server: who is let in, and who is sent away."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.sockets.admission import BrowserAdmission
from server.sockets.media_socket import MediaSocket
from sessions.record.store import SessionStore
from sessions.record.tables import TicketRow
from sessions.registry import SessionRegistry
from sessions.session_context import Providers
from sessions.turntaking.causes import EndReason
from sessions.turntaking.rules import Rules
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.edge import SHORT_PLAN, Closed, Edge, Tab, open_edge
from tests.server.logged import captured
from tests.server.stage import make_settings

Seed = Callable[..., Awaitable[SeededInterview]]
FRAME = bytes(640)


class Log:
    """The lines written so far."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return str(self._stream.getvalue())

    def named(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def log() -> Iterator[Log]:
    with captured() as stream:
        yield Log(stream)


@pytest.fixture
async def interview(seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN)


class TestAdmission:
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "not an address"])
    async def test_pages_of_other_origins_get_no_socket(
        self, log: Log, edge: Edge, origin: str | None
    ) -> None:
        wanted = None if origin is None else Origin(origin)
        with pytest.raises(InvalidStatus) as refused:
            async with edge.socket(origin=wanted):
                pass
        assert refused.value.response.status_code == 403
        assert [line["why"] for line in log.named("socket refused")] == ["origin_refused"]

    @pytest.mark.parametrize("offered", [None, ["viva.v0"], ["graphql-ws", "viva.v9"]])
    async def test_another_subprotocol_is_told_which_one_is_spoken(
        self, log: Log, edge: Edge, offered: list[Subprotocol] | None
    ) -> None:
        async with edge.socket(subprotocols=offered) as tab:
            assert await tab.closed() == 4406
        assert "viva.v1" in tab.close_reason
        assert [line["why"] for line in log.named("socket refused")] == ["wrong_subprotocol"]

    async def test_the_right_one_is_found_among_others_and_nothing_is_compressed(
        self, edge: Edge
    ) -> None:
        offered = [Subprotocol("viva.v0"), Subprotocol("viva.v1")]
        async with edge.socket(subprotocols=offered, compression="deflate") as tab:
            assert tab.socket.subprotocol == "viva.v1"
            assert tab.socket.response is not None
            assert "Sec-WebSocket-Extensions" not in tab.socket.response.headers

    async def test_who_says_nothing_is_sent_away(self, log: Log, edge: Edge) -> None:
        services = edge.viva.services
        admission = BrowserAdmission(services.settings, services.store.tickets, hello_within_s=0.05)
        hurried = MediaSocket(admission, edge.viva.registry)
        edge.viva.app.add_api_websocket_route("/ws/hurried", hurried.serve)
        async with edge.socket("/ws/hurried") as tab:
            assert await tab.closed() == 4408
        assert [line["why"] for line in log.named("socket refused")] == ["no_hello"]

    @pytest.mark.parametrize(
        "first",
        [
            "hello",
            "{}",
            '{"type": "start", "consent": true}',
            '{"type": "ping", "t": 1}',
            '{"type": "hello", "ticket": "short"}',
            '{"type": "hello", "ticket": "a ticket that nobody ever gave out"}',
            FRAME,
            "x" * 10_000,
        ],
    )
    async def test_without_a_ticket_nobody_comes_in(
        self, log: Log, edge: Edge, first: str | bytes
    ) -> None:
        async with edge.socket() as tab:
            await tab.socket.send(first)
            assert await tab.closed() == 4401
        assert tab.close_reason
        assert [line["why"] for line in log.named("socket refused")] == ["ticket_refused"]
        assert edge.viva.registry.count == 0

    async def test_a_ticket_works_once_and_never_late(
        self, log: Log, edge: Edge, interview: SeededInterview
    ) -> None:
        used = await edge.ticket(interview.join_token)
        async with edge.socket() as tab:
            await tab.hello(used)
        late = await edge.ticket(interview.join_token)
        async with edge.viva.services.engine.begin() as connection:
            past = datetime.now(UTC) - timedelta(seconds=1)
            await connection.execute(update(TicketRow).values(expires_at=past))
        for ticket in (used, late):
            async with edge.socket() as tab:
                await tab.send(type="hello", ticket=ticket)
                assert await tab.closed() == 4401
        assert len(log.named("socket refused")) == 2
        for secret in (used, late, interview.join_token):
            assert secret not in log.text

    async def test_of_fifty_tabs_with_one_ticket_one_is_let_in(
        self, edge: Edge, interview: SeededInterview
    ) -> None:
        ticket = await edge.ticket(interview.join_token)

        async def try_it() -> int:
            async with edge.socket() as tab:
                try:
                    await tab.hello(ticket)
                except Closed:
                    return tab.close_code
                return 0

        results = await asyncio.gather(*(try_it() for _ in range(50)))
        assert sorted(results) == [0] + [4401] * 49

    async def test_an_interview_that_is_over_stays_so(
        self, log: Log, edge: Edge, interview: SeededInterview
    ) -> None:
        ticket = await edge.ticket(interview.join_token)
        store = SessionStore(edge.viva.services.engine)
        context = await store.open_session(interview.interview_id)
        await store.end_session(context.session_id, "completed", completed=True)
        async with edge.socket() as tab:
            await tab.send(type="hello", ticket=ticket)
            assert await tab.closed() == 4410
        assert [line["why"] for line in log.named("socket refused")] == ["interview_over"]

    async def test_when_every_seat_is_taken_one_more_is_asked_to_wait(
        self, log: Log, edge: Edge, seed_interview: Seed
    ) -> None:
        viva = edge.viva
        store = SessionStore(viva.services.engine)
        small = SessionRegistry(store, viva.providers, lambda _: Rules(), max_sessions=1)
        admission = BrowserAdmission(viva.settings, viva.services.store.tickets)
        viva.app.add_api_websocket_route("/ws/small", MediaSocket(admission, small).serve)
        first, second = [await seed_interview(plan_document=SHORT_PLAN) for _ in range(2)]
        async with edge.tab(first.join_token, "/ws/small"):
            async with edge.socket("/ws/small") as tab:
                await tab.send(type="hello", ticket=await edge.ticket(second.join_token))
                assert await tab.closed() == 4503
            assert "seat" in tab.close_reason
            async with edge.tab(first.join_token, "/ws/small"):  # who has a seat keeps it
                pass
        assert [line["why"] for line in log.named("socket refused")] == ["no_room"]
        await small.close()


async def error_of(tab: Tab, message: str | bytes) -> str:
    """The code of the error that answers a message."""
    await tab.socket.send(message)
    error = await tab.expect("error")
    assert error["message"].endswith(".")
    return str(error["code"])


class TestManners:
    async def test_a_ping_is_answered(self, edge: Edge, interview: SeededInterview) -> None:
        async with edge.tab(interview.join_token) as tab:
            await tab.send(type="ping", t=12.5)
            assert (await tab.expect("pong"))["t"] == 12.5
            async with asyncio.timeout(PATIENCE_S):
                await (await tab.socket.ping())

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ("no JSON", "bad_message"),
            ('{"type": "sing"}', "bad_message"),
            ('{"type": "hello", "ticket": "once more, with feeling"}', "already_in"),
            ("x" * 5_000, "message_too_long"),
            (bytes(641), "odd_audio"),
            (bytes(2_000), "frame_too_big"),
            (np.zeros(7_000, np.int16).tobytes(), "frame_too_big"),
        ],
    )
    async def test_the_third_mistake_is_the_last(
        self, log: Log, edge: Edge, interview: SeededInterview, message: str | bytes, code: str
    ) -> None:
        async with edge.tab(interview.join_token) as tab:
            for _ in range(2):
                assert await error_of(tab, message) == code
            await tab.socket.send(FRAME)  # what is right is still taken
            await tab.send(type="ping", t=1)
            await tab.expect("pong")
            assert await error_of(tab, message) == code
            assert await tab.closed() == 4400
        errors = tab.of_type("error")
        assert [error["fatal"] for error in errors] == [False, False, True]
        assert errors[-1]["close_code"] == 4400
        assert [line["count"] for line in log.named("invalid message")] == [1, 2, 3]
        (refused,) = log.named("socket refused")
        assert refused["why"] == "protocol_error"
        assert refused["interview_id"] == str(interview.interview_id)

    async def test_a_huge_frame_is_the_last_at_once(
        self, edge: Edge, interview: SeededInterview
    ) -> None:
        async with edge.tab(interview.join_token) as tab:
            assert await error_of(tab, bytes(20_000)) == "frame_too_big"
            assert await tab.closed() == 4413

    async def test_beyond_a_messages_limit_the_layer_below_closes(
        self, edge: Edge, interview: SeededInterview
    ) -> None:
        async with edge.tab(interview.join_token) as tab:
            await tab.socket.send(bytes(70_000))
            assert await tab.closed() == 1009

    async def test_the_newest_tab_has_the_interview(
        self, log: Log, edge: Edge, interview: SeededInterview
    ) -> None:
        async with edge.tab(interview.join_token) as old, edge.tab(interview.join_token) as new:
            assert await old.closed() == 4409
            await new.send(type="ping", t=2)
            await new.expect("pong")
        assert len(log.named("leg connected")) == 2
        assert edge.viva.registry.count == 1
        assert interview.join_token not in log.text

    async def test_tabs_that_race_end_with_one(
        self, edge: Edge, interview: SeededInterview
    ) -> None:
        async def race() -> int:
            async with edge.tab(interview.join_token) as tab:
                return await tab.closed()

        racing = [asyncio.create_task(race()) for _ in range(20)]
        for _ in range(19):
            done, _rest = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
            racing = [task for task in racing if task not in done]
            assert {task.result() for task in done} == {4409}
            if len(racing) == 1:
                break
        await edge.viva.registry.end(interview.interview_id, EndReason.RECRUITER)
        assert await racing[0] == 1000

    async def test_a_tab_that_was_closed_leaves_nothing_that_holds_up_a_stop(
        self,
        seed_interview: Seed,
        database_url: str,
        local_providers: Providers,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        interview = await seed_interview(plan_document=SHORT_PLAN)
        async with (
            open_edge(make_settings(tmp_path), database_url, local_providers) as edge,
            edge.tab(interview.join_token) as tab,
        ):
            await tab.start()
        assert "Waiting for application shutdown" in caplog.text
        assert "graceful shutdown exceeded" not in caplog.text
