"""The official `openai` client, unmodified, holds interviews over a real server."""

from collections.abc import Awaitable, Callable

from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge
from tests.server.realtime_client import calling

Seed = Callable[..., Awaitable[SeededInterview]]


async def test_smoke(edge: Edge, seed_interview: Seed, speak: Speak) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    async with calling(edge, interview.join_token) as caller:
        await caller.until("session.created")
        await caller.connection.response.create()
        for text in ["I like the oak tree.", "I use a spade.", "I live in Leeds."]:
            done = await caller.heard_out()
            print(done["response"]["output"])
            await caller.say(await speak(text))
        print(await caller.heard_out())
        print(await caller.closed())
    for e in caller.events:
        if e["type"] != "response.output_audio.delta":
            print(e)
    assert 0
