"""Admission of Asterisk, Vonage, Telnyx and jambonz: who is let in, and what does not fit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from server.simulator.call import WIRES
from server.simulator.wire import BridgeWire, CallDetails
from sessions.record.tables import CallRow
from sessions.session_context import Providers
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.edge import SHORT_PLAN, Edge, open_edge
from tests.server.stage import make_settings
from tests.server.telephony.calls import consented

Seed = Callable[..., Awaitable[SeededInterview]]

TOKEN = "the bridges' shared token, for tests"
NUMBER = "+441632960961"
LINES = ["asterisk", "vonage", "telnyx", "l16"]


@pytest.fixture(scope="module")
async def lines(
    database_url: str, local_providers: Providers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Edge]:
    settings = make_settings(tmp_path_factory.mktemp("lines"), bridge_token=TOKEN)
    providers = replace(local_providers, ahead_ms=60_000.0)
    async with open_edge(settings, database_url, providers) as opened:
        yield opened


@pytest.fixture
async def interview(lines: Edge, seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN, candidate_phone=NUMBER)


@asynccontextmanager
async def calling(
    lines: Edge, name: str, *, secret: str = "", subprotocol: str | None = "", **given: str
) -> AsyncIterator[tuple[ClientConnection, BridgeWire]]:
    """A call on this line, its first messages sent."""
    wire = WIRES[name](CallDetails(f"call-on-{name}", NUMBER, given, secret))
    offered = wire.subprotocol if subprotocol == "" else subprotocol
    url = wire.address(f"{lines.base_url.replace('http', 'ws', 1)}/bridges/{name}/stream")
    async with connect(
        url,
        additional_headers=wire.headers(url),
        subprotocols=[Subprotocol(offered)] if offered else None,
        proxy=None,
        close_timeout=1,
    ) as socket:
        for message in wire.hello():
            await socket.send(message)
        yield socket, wire


async def close_code(socket: ClientConnection) -> int:
    """What the server closes with."""
    async with asyncio.timeout(PATIENCE_S):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code


@pytest.mark.parametrize("name", LINES)
class TestEveryDoor:
    async def test_who_shows_nothing_is_sent_away(
        self, lines: Edge, interview: SeededInterview, name: str
    ) -> None:
        async with calling(lines, name) as (socket, _):
            assert await close_code(socket) == 4401

    async def test_a_wrong_token_in_the_call_is_refused(
        self, lines: Edge, interview: SeededInterview, name: str
    ) -> None:
        async with calling(lines, name, token="one that is wrong") as (socket, _):
            assert await close_code(socket) == 4401

    async def test_a_ticket_lets_in_once(
        self, lines: Edge, interview: SeededInterview, name: str
    ) -> None:
        ticket = await lines.ticket(interview.join_token)
        async with calling(lines, name, ticket=ticket) as (socket, wire):
            await spoken_to(socket, wire)
        await forget_calls(lines)
        async with calling(lines, name, ticket=ticket) as (socket, _):
            assert await close_code(socket) == 4401

    async def test_a_ticket_of_another_call_opens_nothing(
        self, lines: Edge, interview: SeededInterview, name: str
    ) -> None:
        store = lines.viva.services.store
        other = await store.calls.find_or_create(name, "another-call", NUMBER)
        ticket = await store.calls.issue_ticket(other.id, 0, 30)
        assert ticket is not None
        async with calling(lines, name, call_ticket=ticket) as (socket, _):
            assert await close_code(socket) == 4401

    async def test_a_ticket_takes_over_no_call_of_another_interview(
        self, lines: Edge, interview: SeededInterview, seed_interview: Seed, name: str
    ) -> None:
        await forget_calls(lines)
        calls = lines.viva.services.store.calls
        theirs = await calls.find_or_create(name, f"call-on-{name}", "+441632960777")
        found = await lines.viva.services.store.interviews.find(
            interview.organisation_id, interview.interview_id
        )
        assert found is not None
        assert await calls.set_interview(theirs.id, found)
        before = await calls.find(name, f"call-on-{name}")
        # whoever calls says the name of that call, and the number of that candidate
        own = await seed_interview(plan_document=SHORT_PLAN)
        ticket = await lines.ticket(own.join_token)
        async with calling(lines, name, ticket=ticket) as (socket, wire):
            await spoken_to(socket, wire)
            mine = await calls.list_for(own.organisation_id, own.interview_id)
            assert [call.id for call in mine] != [theirs.id]
            assert len(mine) == 1
        assert await calls.find(name, f"call-on-{name}") == before
        trusted = await lines.ticket(own.join_token)
        async with calling(lines, name, ticket=trusted, token=TOKEN) as (socket, _):
            assert await close_code(socket) == 4401
        assert await calls.find(name, f"call-on-{name}") == before

    async def test_three_mistakes_end_the_call_and_consent_was_not_given(
        self, lines: Edge, interview: SeededInterview, name: str
    ) -> None:
        async with calling(lines, name, token=TOKEN) as (socket, _):
            for _ in range(3):
                await socket.send("{no message")
            assert await close_code(socket) == 4400
        assert not await consented(lines, interview)


async def spoken_to(socket: ClientConnection, wire: BridgeWire) -> None:
    """The server speaks."""
    async with asyncio.timeout(PATIENCE_S):
        while not wire.receive(await socket.recv()):
            pass


async def forget_calls(lines: Edge) -> None:
    async with lines.viva.services.engine.begin() as connection:
        await connection.execute(delete(CallRow))


async def test_callers_who_are_spoken_to_fill_the_house_and_strangers_do_not(
    lines: Edge, interview: SeededInterview, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forget_calls(lines)
    monkeypatch.setattr(lines.viva.registry, "_max", 1)
    async with (
        calling(lines, "vonage"),  # who shows nothing has no seat
        calling(lines, "l16", token=TOKEN) as (socket, wire),
    ):
        await spoken_to(socket, wire)
        async with calling(lines, "asterisk", token=TOKEN) as (other, _):
            with suppress(ConnectionClosed):
                async with asyncio.timeout(PATIENCE_S):
                    while True:
                        await other.recv()
            assert other.close_code == 4503
    assert lines.viva.registry.count == 0


class TestParticulars:
    @pytest.mark.parametrize("name", ["asterisk", "l16"])
    async def test_a_wrong_password_gets_no_socket(self, lines: Edge, name: str) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with calling(lines, name, secret="not the token"):
                pass
        assert refused.value.response.status_code == 403

    async def test_asterisk_must_speak_its_subprotocol(self, lines: Edge) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with calling(lines, "asterisk", secret=TOKEN, subprotocol=None):
                pass
        assert refused.value.response.status_code == 403

    @pytest.mark.parametrize("said", [NUMBER[1:], f"sip:{NUMBER}@203.0.113.9:5060;user=phone"])
    @pytest.mark.parametrize("name", LINES)
    async def test_the_caller_is_known_however_the_number_is_written(
        self, lines: Edge, interview: SeededInterview, name: str, said: str
    ) -> None:
        await forget_calls(lines)
        parameter = "from" if name == "l16" else "caller"
        async with calling(lines, name, token=TOKEN, **{parameter: said}) as (socket, wire):
            await spoken_to(socket, wire)
        async with lines.viva.services.engine.connect() as connection:
            (call,) = (await connection.execute(select(CallRow.number, CallRow.interview_id))).all()
        assert tuple(call) == (NUMBER, interview.interview_id)

    @pytest.mark.parametrize("subprotocol", [None, "audio.jambonz.org"])
    async def test_a_bridge_of_ones_own_may_do_without(
        self, lines: Edge, interview: SeededInterview, subprotocol: str | None
    ) -> None:
        await forget_calls(lines)
        opened = calling(lines, "l16", secret=TOKEN, subprotocol=subprotocol)
        async with opened as (socket, wire):
            assert socket.subprotocol == subprotocol
            await spoken_to(socket, wire)

    @pytest.mark.parametrize(
        ("name", "start"),
        [
            ("asterisk", '{"event": "MEDIA_START", "format": "opus", "optimal_frame_size": 0}'),
            ("vonage", '{"event": "websocket:connected", "content-type": "audio/l16;rate=1"}'),
            ("l16", '{"sampleRate": 11025}'),
        ],
    )
    async def test_sound_in_another_format_ends_the_call(
        self, lines: Edge, name: str, start: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(WIRES[name], "hello", lambda _: [start])
        async with calling(lines, name, token=TOKEN) as (socket, _):
            assert await close_code(socket) == 4415
