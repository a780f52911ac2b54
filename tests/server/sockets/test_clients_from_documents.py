"""Clients that know the documents alone hold an interview, and watch one."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge
from tests.server.sockets import documented
from tests.server.sockets.documented import CandidateClient, Client, Protocol, opened, request_of
from tests.server.sockets.monitors import headers, make_user

Seed = Callable[..., Awaitable[SeededInterview]]
BROWSER = Protocol("protocol.md", "asyncapi.yaml")
MONITOR = Protocol("monitor.md", "asyncapi-monitor.yaml")
ANSWERS = ["I like the oak tree.", "I mostly use a spade.", "I live in a small town in Wales."]


@pytest.fixture
async def interview(seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN)


@asynccontextmanager
async def a_candidate(
    edge: Edge, interview: SeededInterview, **hello: object
) -> AsyncIterator[CandidateClient]:
    """A client that was let in, `session.ready` being its first message."""
    method, path, body = request_of(BROWSER)
    assert body.keys() == {"token"}
    got = await edge.client.request(method, path, json={"token": interview.join_token})
    async with (
        asyncio.timeout(PATIENCE_S),
        opened(BROWSER, got.json()["socket_url"], edge.base_url, PATIENCE_S) as socket,
    ):
        client = CandidateClient(BROWSER, socket)
        await client.send("hello", ticket=got.json()["ticket"], **hello)
        assert (await client.next())["type"] == "session.ready"
        yield client


@asynccontextmanager
async def a_monitor(edge: Edge, interview: SeededInterview) -> AsyncIterator[Client]:
    """A recruiter's client that was let in, `snapshot` being its first message."""
    rita = await make_user(edge, interview.organisation_id)
    path = re.findall(r"`POST (/api/v1/live/\S+)`", MONITOR.text)[0]
    got = await edge.client.post(
        path.format(interview_id=interview.interview_id), headers=headers(edge, rita)
    )
    async with opened(MONITOR, got.json()["socket_url"], edge.base_url, PATIENCE_S) as socket:
        client = Client(MONITOR, socket)
        # Whoever comes for the first time has seen no stream and no event of it.
        await client.send("hello", ticket=got.json()["ticket"], stream=None, last=None)
        assert (await client.next())["type"] == "snapshot"
        yield client


def microphone(sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> bytes:
    """Sound, and a second of a quiet room after it."""
    room = np.random.default_rng(1).normal(0, 8, BROWSER.rate("audio.up"))
    return np.concatenate([sound, room.astype(np.int16)]).astype("<i2").tobytes()


def test_a_client_that_knows_the_documents_alone_knows_nothing_of_the_server() -> None:
    text = Path(documented.__file__).read_text(encoding="utf-8")
    assert re.findall(r"^(?:from|import) (server|sessions|audio)\b", text, re.MULTILINE) == []


@pytest.mark.parametrize("protocol", [BROWSER, MONITOR], ids=["browser", "monitor"])
def test_every_message_but_sound_has_an_example_that_is_as_its_schema_says(
    protocol: Protocol,
) -> None:
    messages = protocol.sent | protocol.received
    without = messages.keys() - protocol.examples.keys()
    assert without <= {"audio.up", "audio.down", "snapshot"}
    assert protocol.examples.keys() <= messages.keys()
    for example in protocol.examples.values():
        protocol.check(example, messages)


async def test_a_whole_interview_is_held_from_the_documents(
    edge: Edge, interview: SeededInterview, speak: Speak
) -> None:
    async with a_candidate(edge, interview) as client:
        ready = client.messages[0]
        assert (ready["up_rate"], ready["down_rate"]) == (
            BROWSER.rate("audio.up"),
            BROWSER.rate("audio.down"),
        )
        await client.send("ping")
        assert await client.until("pong") == BROWSER.examples["pong"]
        await client.send("start")
        for answer in ANSWERS:
            await client.until("turn.committed", speaker="interviewer")
            await client.say(microphone(await speak(answer)))
            said = await client.until("turn.committed", speaker="candidate")
            assert answer.split()[-1].strip(".").lower() in said["text"].lower()
        ended = await client.until("session.ended")
        assert ended["reason"] == "completed"
        assert await client.closed() == 1000

    assert client.sound
    expected = {"session.ready", "audio.begin", "audio.mark", "caption", "state", "turn.committed"}
    assert expected <= client.seen()
    assert "error" not in client.seen()


async def test_what_the_documents_say_of_coming_back_errors_and_the_end_is_so(
    edge: Edge, interview: SeededInterview
) -> None:
    async with a_candidate(edge, interview) as first:
        await first.send("start")
        question = await first.until("turn.committed", speaker="interviewer")
        opened_ms = first.messages[0]["opened_ms"]
    async with a_candidate(edge, interview, opened_ms=opened_ms) as client:
        ready = client.messages[0]
        assert ready["resumed"]
        assert [line["text"] for line in ready["transcript"]] == [question["text"]]
        await client.socket.send("no JSON")
        error = await client.until("error", fatal=False)
        assert error["code"] in BROWSER.sentence("An `error` has one of these codes:")
        await client.send("start")
        await client.send("end")
        ended = await client.until("session.ended")
        assert ended["reason"] in BROWSER.sentence(
            "`session.ended` has the reason that is on record,"
        )
        code = str(await client.closed())
        assert code in BROWSER.codes("Close codes")


async def test_an_interview_is_watched_and_led_from_the_documents(
    edge: Edge, interview: SeededInterview
) -> None:
    async with a_candidate(edge, interview) as candidate:
        await candidate.send("start")
        await candidate.until("turn.committed", speaker="interviewer")
        living = asyncio.create_task(candidate.closed())
        async with a_monitor(edge, interview) as monitor:
            await monitor.send("ping")
            assert await monitor.until("pong") == MONITOR.examples["pong"]
            for kind in ("listen", "hint", "extend"):
                await monitor.send(kind)
                await monitor.until("accepted", ref=MONITOR.examples[kind]["ref"])
            await monitor.until("levels")
            await monitor.send("hand_back")
            refused = await monitor.until("refused", ref=MONITOR.examples["hand_back"]["ref"])
            assert refused["code"] in MONITOR.codes("Refusals")
            await monitor.send("take_over")
            await monitor.until("floor", holder="recruiter", state="held")
            await monitor.socket.send(bytes(640))
            await monitor.send("hand_back")
            await monitor.until("floor", holder="interviewer", state="held")
            await monitor.send("pause", force=True)
            await monitor.until("action", action="pause", state="done")
            await monitor.send("resume")
            await monitor.until("action", action="resume", state="done")
            await monitor.send("end", force=True)
            await monitor.until("ended")
            assert await monitor.closed() == 1000
        assert await living == 1000

    heard = [struct.unpack("<II", sound[:8]) for sound in monitor.sound]
    assert {len(sound) for sound in monitor.sound} == {5_128}
    assert [number for number, _ in heard] == sorted({number for number, _ in heard})
    assert {"action", "floor", "levels", "state", "listeners", "accepted"} <= monitor.seen()
