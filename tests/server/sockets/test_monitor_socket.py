"""The monitor's socket over a real server: who is let in, what is told, what is refused."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.sockets.monitor_access import CHECK_EVERY_S
from server.store.records import Account
from sessions.record.tables import User
from sessions.session_context import Providers
from tests.seeding import SeededInterview, empty, seed_interview
from tests.server.edge import SHORT_PLAN, Edge, Tab, open_edge
from tests.server.sockets.monitors import admit, cockpit, headers, make_user, ticket
from tests.server.stage import make_settings

MICROPHONE = bytes(640)


class Room:
    """An interview that has begun, and a recruiter who may watch it."""

    def __init__(self, edge: Edge, interview: SeededInterview, rita: Account, tab: Tab) -> None:
        self.edge = edge
        self.interview = interview
        self.rita = rita
        self.tab = tab

    async def user(self, role: str) -> Account:
        return await make_user(self.edge, self.interview.organisation_id, role)


@pytest.fixture(scope="module")
async def house(
    engine: AsyncEngine,
    database_url: str,
    local_providers: Providers,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Edge]:
    """One server for all tests here, which is patient: nobody is prompted, or sent home."""
    await empty(engine)
    settings = make_settings(tmp_path_factory.mktemp("monitors"), accommodation=5.0)
    async with open_edge(settings, database_url, local_providers) as opened:
        yield opened


@asynccontextmanager
async def begun(house: Edge) -> AsyncIterator[Room]:
    """An interview that has just been opened, and a recruiter."""
    interview = await seed_interview(house.viva.services.engine, plan_document=SHORT_PLAN)
    rita = await make_user(house, interview.organisation_id)
    async with house.tab(interview.join_token) as tab:
        await tab.start()
        await tab.expect("turn.committed", index=0)
        yield Room(house, interview, rita, tab)


@pytest.fixture(scope="module")
async def room(house: Edge) -> AsyncIterator[Room]:
    """One interview for all tests that leave it as it is."""
    async with begun(house) as opened:
        yield opened


@pytest.fixture
async def own_room(house: Edge) -> AsyncIterator[Room]:
    """One that a test may end."""
    async with begun(house) as opened:
        yield opened


class TestAdmission:
    async def test_a_foreign_origin_gets_no_socket(self, house: Edge) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with admit(house, origin=Origin("http://evil.example")):
                pass
        assert refused.value.response.status_code == 403

    async def test_another_subprotocol_and_a_strange_first_message_are_sent_away(
        self, house: Edge
    ) -> None:
        async with admit(house, subprotocols=[Subprotocol("viva.v1")]) as monitor:
            assert await monitor.closed() == 4406
        for first in ({"type": "pause", "ref": "1"}, {"type": "hello", "ticket": "x" * 43}):
            async with admit(house) as monitor:
                await monitor.send(**first)
                assert await monitor.closed() == 4401

    async def test_a_ticket_opens_one_socket_and_a_candidates_ticket_none(self, room: Room) -> None:
        shown = await ticket(room.edge, room.rita, room.interview.interview_id)
        for expected in ("snapshot", 4401):
            async with admit(room.edge) as monitor:
                await monitor.send(type="hello", ticket=shown)
                if isinstance(expected, int):
                    assert await monitor.closed() == expected
                else:
                    assert (await monitor.next())["type"] == expected
        async with admit(room.edge) as monitor:
            candidates = await room.edge.ticket(room.interview.join_token)
            await monitor.send(type="hello", ticket=candidates)
            assert await monitor.closed() == 4401

    async def test_who_was_removed_or_signed_out_in_between_is_not_let_in(self, room: Room) -> None:
        vera = await room.user("recruiter")
        shown = await ticket(room.edge, vera, room.interview.interview_id)
        signed_out = await room.edge.client.post(
            "/api/v1/auth/sign-out", headers=headers(room.edge, vera)
        )
        assert signed_out.status_code == 204
        async with admit(room.edge) as monitor:
            await monitor.send(type="hello", ticket=shown)
            assert await monitor.closed() == 4403
        old = await room.edge.client.get("/api/v1/me", headers=headers(room.edge, vera))
        assert old.status_code == 401


async def test_the_snapshot_tells_everything_and_events_follow_without_a_gap(
    own_room: Room,
) -> None:
    async with cockpit(own_room.edge, own_room.rita, own_room.interview.interview_id) as monitor:
        snapshot = monitor.messages[0]
        assert snapshot["type"] == "snapshot"
        assert snapshot["candidate_name"] == "Ada"
        assert [line["text"] for line in snapshot["transcript"]] == [
            "Hello. Which tree do you like?"
        ]
        assert snapshot["coverage"]["current"] == "tree"
        assert [q["id"] for q in snapshot["plan"][0]["questions"]] == ["tree", "tool", "town"]
        assert snapshot["rights"] == ["watch", "listen", "hint", "control", "take_over"]
        await monitor.send(type="extend", ref="more", minutes=5)
        action = await monitor.expect("action")
        assert (action["minutes"], action["state"]) == (5, "done")
        assert monitor.numbers == list(
            range(snapshot["seq"] + 1, snapshot["seq"] + 1 + len(monitor.numbers))
        )


async def test_who_comes_back_with_its_last_number_gets_the_rest(room: Room) -> None:
    interview = room.interview.interview_id
    async with cockpit(room.edge, room.rita, interview) as monitor:
        await monitor.expect("listeners")
        stream, last = monitor.messages[0]["stream"], monitor.messages[-1]["seq"]
    async with cockpit(room.edge, room.rita, interview, stream=stream, last=last) as again:
        assert again.messages[0] == {
            "type": "resumed",
            "stream": stream,
            "last": last,
            "rights": ["watch", "listen", "hint", "control", "take_over"],
        }
        assert (await again.expect("listeners", people=[]))["seq"] == last + 1
    async with cockpit(room.edge, room.rita, interview, stream="other", last=last) as strange:
        assert strange.messages[0]["type"] == "snapshot"


async def test_listening_brings_stereo_frames_and_the_candidate_is_told(room: Room) -> None:
    async with cockpit(room.edge, room.rita, room.interview.interview_id) as monitor:
        assert (await monitor.do("listen", on=True))["type"] == "accepted"
        await room.tab.expect("notice", code="listened")
        await monitor.expect("levels")
        while len(monitor.frames) < 5:
            await monitor.next()
        assert {len(frame) for frame in monitor.frames} == {8 + 1_280 * 4}
        numbers = [int.from_bytes(frame[:4], "little") for frame in monitor.frames]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert (await monitor.do("listen", on=False))["type"] == "accepted"
        await room.tab.expect("notice", code="listened_no_more")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", set()), ("observer", {"listen"}), ("recruiter", {"listen", "hint", "pause"})],
)
async def test_a_role_grants_what_the_table_says_and_no_more(
    own_room: Room, role: str, allowed: set[str]
) -> None:
    user = await own_room.user(role)
    async with cockpit(own_room.edge, user, own_room.interview.interview_id) as monitor:
        for kind, fields in (
            ("listen", {"on": True}),
            ("hint", {"text": "ask about the migration"}),
            ("pause", {}),
        ):
            answer = await monitor.do(kind, **fields)
            assert answer["type"] == ("accepted" if kind in allowed else "refused"), kind
            if kind not in allowed:
                assert answer["code"] == "not_allowed"


async def test_rights_that_are_taken_away_end_the_socket_within_five_seconds(room: Room) -> None:
    vera, olga = await room.user("recruiter"), await room.user("recruiter")
    paul, nina = await room.user("recruiter"), await room.user("recruiter")
    interview = room.interview.interview_id
    async with AsyncExitStack() as stack:
        cockpits = [
            await stack.enter_async_context(cockpit(room.edge, user, interview))
            for user in (vera, olga, paul, nina)
        ]
        staying = await stack.enter_async_context(cockpit(room.edge, room.rita, interview))
        async with room.edge.viva.services.engine.begin() as connection:
            await connection.execute(update(User).where(User.id == vera.id).values(role="viewer"))
            await connection.execute(delete(User).where(User.id == olga.id))
        await room.edge.client.post("/api/v1/auth/sign-out", headers=headers(room.edge, paul))
        accounts = room.edge.viva.services.store.accounts
        await accounts.set_password(nina.organisation_id, nina.id, "another hash")
        assert [await monitor.closed() for monitor in cockpits] == [4403] * 4
        assert 2 * CHECK_EVERY_S < 5, "the next check finds it, or, if that is under way, the next"
        assert (await staying.do("listen", on=True))["type"] == "accepted"


class TestBadInput:
    async def test_sound_without_the_floor_is_refused_once_a_second_and_reaches_nobody(
        self, room: Room
    ) -> None:
        async with cockpit(room.edge, room.rita, room.interview.interview_id) as monitor:
            for _ in range(20):
                await monitor.socket.send(MICROPHONE)
            assert (await monitor.expect("refused"))["code"] == "no_floor"
            assert (await monitor.do("hand_back"))["code"] == "no_floor"
            assert len([m for m in monitor.of_type("refused") if m["ref"] is None]) == 1

    async def test_three_mistakes_end_the_socket_and_nothing_reaches_the_candidate(
        self, room: Room
    ) -> None:
        await room.tab.send(type="ping", t=0.5)
        await room.tab.expect("pong", t=0.5)
        heard = len(room.tab.messages)
        strange: list[tuple[list[str | bytes], list[str]]] = [
            (
                ["{", '{"type":"dance"}', json.dumps({"type": "hello", "ticket": "t" * 43})],
                ["bad_message", "bad_message", "already_in"],
            ),
            (
                ["x" * 5_000, bytes(3), bytes(2_000)],
                ["message_too_long", "odd_audio", "frame_too_big"],
            ),
        ]
        for messages, codes in strange:
            async with cockpit(room.edge, room.rita, room.interview.interview_id) as monitor:
                for message in messages:
                    await monitor.socket.send(message)
                assert await monitor.closed() == 4400
                refused = monitor.of_type("refused")
                assert [one["code"] for one in refused] == codes
                assert [one["fatal"] for one in refused] == [False, False, True]
        async with cockpit(room.edge, room.rita, room.interview.interview_id) as monitor:
            await monitor.socket.send(bytes(40_000))
            assert await monitor.closed() == 4413
        await room.tab.send(type="ping", t=1.0)
        await room.tab.expect("pong", t=1.0)
        assert {m["type"] for m in room.tab.messages[heard:]} <= {
            "pong",
            "state",
            "caption",
            "audio.begin",
            "audio.mark",
            "turn.committed",
        }

    async def test_a_flood_of_commands_is_refused_and_then_sent_away(self, room: Room) -> None:
        async with cockpit(room.edge, room.rita, room.interview.interview_id) as monitor:
            for number in range(60):
                await monitor.send(type="hand_back", ref=str(number))
            codes = {(await monitor.expect("refused"))["code"] for _ in range(60)}
            assert codes == {"no_floor", "too_many"}
            for number in range(60):
                await monitor.send(type="hand_back", ref=str(number))
            assert await monitor.closed() == 4429

    async def test_a_ticket_for_another_tenant_or_interview_is_not_found(self, room: Room) -> None:
        stranger = await room.edge.viva.services.store.accounts.create_organisation(
            "Other", email="o@other.example", password_hash="x", user_name="O", role="admin"
        )
        for user, interview_id in (
            (stranger, room.interview.interview_id),
            (room.rita, uuid4()),
        ):
            response = await room.edge.client.post(
                f"/api/v1/live/{interview_id}/ticket", headers=headers(room.edge, user)
            )
            assert response.status_code == 404
        actions = await room.edge.client.get(
            f"/api/v1/interviews/{room.interview.interview_id}/actions",
            headers=headers(room.edge, stranger),
        )
        assert actions.status_code == 404

    async def test_an_interview_that_is_over_or_not_begun_has_no_socket(
        self, own_room: Room
    ) -> None:
        shown = await ticket(own_room.edge, own_room.rita, own_room.interview.interview_id)
        async with cockpit(
            own_room.edge, own_room.rita, own_room.interview.interview_id
        ) as monitor:
            await own_room.tab.send(type="end")
            await monitor.expect("ended", reason="ended_by_candidate")
            assert await monitor.closed() == 1000
        await own_room.tab.closed()
        async with admit(own_room.edge) as late:
            await late.send(type="hello", ticket=shown)
            assert await late.closed() == 4410
        response = await own_room.edge.client.post(
            f"/api/v1/live/{own_room.interview.interview_id}/ticket",
            headers=headers(own_room.edge, own_room.rita),
        )
        assert (response.status_code, response.json()["type"].split(":")[-1]) == (
            410,
            "interview-over",
        )


async def test_the_overview_shows_who_is_live_and_the_audit_what_was_done(own_room: Room) -> None:
    rita = headers(own_room.edge, own_room.rita)
    await own_room.edge.viva.presence.write()
    (entry,) = (await own_room.edge.client.get("/api/v1/live", headers=rita)).json()["items"]
    assert entry["interview_id"] == str(own_room.interview.interview_id)
    assert (entry["here"], entry["connected"], entry["phase"]) == (True, True, "answering")
    assert entry["question"]["id"] == "tree"
    assert entry["levels"]["interviewer"] == -100
    async with cockpit(own_room.edge, own_room.rita, own_room.interview.interview_id) as monitor:
        await monitor.do("hint", text="ask about the migration")
    await own_room.tab.send(type="end")
    await own_room.tab.closed()
    await own_room.edge.viva.presence.write()
    assert (await own_room.edge.client.get("/api/v1/live", headers=rita)).json()["items"] == []
    listed = await own_room.edge.client.get(
        f"/api/v1/interviews/{own_room.interview.interview_id}/actions", headers=rita
    )
    entries = [(e["action"], e["outcome"], e["text"]) for e in listed.json()["items"]]
    assert sorted(entries) == [
        ("hint", "dropped", "ask about the migration"),
        ("unwatch", "done", None),
        ("watch", "done", None),
    ]
