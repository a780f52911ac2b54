"""An interview with two who watch, over real sockets and with real speech: a hint that becomes
the next question, a takeover by voice, and the words of everybody on record."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import numpy as np

from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge, Tab
from tests.server.sockets.monitors import Cockpit, cockpit, make_user

Seed = Callable[..., Awaitable[SeededInterview]]
SECOND = np.zeros(16_000, np.int16)


class Follower:
    """Reads a monitor's socket all the time. An event comes soon if, however slow the machine is,
    nothing that follows from it comes to the candidate first."""

    def __init__(self, monitor: Cockpit) -> None:
        self.monitor = monitor
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            await self.monitor.next()

    async def stop(self) -> None:
        """Read no more; every event has come once, in order."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        numbers = self.monitor.numbers
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    def turns(self) -> list[dict[str, Any]]:
        """Those on record, as this monitor was told."""
        return [message["turn"] for message in self.monitor.of_type("turn.committed")]


async def spoken_to(tab: Tab, words: str) -> dict[str, Any]:
    """The interviewer's turn with these words, on record."""
    while words not in (turn := await tab.expect("turn.committed", speaker="interviewer"))["text"]:
        pass
    return turn


async def test_two_watch_one_gives_a_hint_takes_over_and_hands_back(
    edge: Edge, seed_interview: Seed, speak: Speak
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    rita = await make_user(edge, interview.organisation_id)
    olga = await make_user(edge, interview.organisation_id, "observer")
    async with AsyncExitStack() as stack:
        tab = await stack.enter_async_context(edge.tab(interview.join_token))
        await tab.start()
        await tab.expect("turn.committed", index=0)
        cockpits = [
            await stack.enter_async_context(cockpit(edge, user, interview.interview_id))
            for user in (rita, olga)
        ]
        follower = Follower(cockpits[1])
        recruiter = cockpits[0]

        accepted = await recruiter.do("hint", text="ask about the migration")
        await tab.say(await speak("I like the old oak tree best of all."))
        turn = await spoken_to(tab, "migration")
        assert turn["text"] == "One more thing: could you tell me about the migration?"

        assert (await recruiter.do("take_over"))["type"] == "accepted"
        await spoken_to(tab, "in person")
        await recruiter.expect("floor", state="held", holder="recruiter")
        told = await speak("Good morning. My name is Rita, and I work in the team.")
        await recruiter.speak(np.concatenate([told, SECOND]))
        heard = await tab.expect("turn.committed", speaker="recruiter")
        assert "rita" in heard["text"].lower()
        assert turn["index"] in [known["index"] for known in follower.turns()]
        await tab.say(await speak("Nice to meet you, Rita."))
        answered = await tab.expect("turn.committed", speaker="candidate", index=heard["index"] + 1)
        assert "meet you" in answered["text"].lower()
        assert heard["index"] in [known["index"] for known in follower.turns()]
        assert (await recruiter.do("hand_back"))["type"] == "accepted"
        await spoken_to(tab, "Thank you.")
        assert len(tab.audio) >= 4, "the recruiter's voice has a generation of its own"

        await follower.stop()
        committed = follower.turns()
        assert {turn["speaker"] for turn in committed} == {"candidate", "interviewer", "recruiter"}
        assert accepted["action_id"] in [turn["hint"] for turn in committed]


async def test_twenty_monitors_on_one_interview_get_every_event_soon(
    edge: Edge, seed_interview: Seed, speak: Speak
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    rita = await make_user(edge, interview.organisation_id)
    async with AsyncExitStack() as stack:
        tab = await stack.enter_async_context(edge.tab(interview.join_token))
        await tab.start()
        await tab.expect("turn.committed", index=0)
        followers = []
        for _ in range(20):
            monitor = await stack.enter_async_context(cockpit(edge, rita, interview.interview_id))
            await monitor.send(type="listen", ref="on", on=True)
            followers.append(Follower(monitor))
        await tab.say(await speak("I like the old oak tree best of all."))
        await tab.expect("turn.committed", index=2)
        for follower in followers:
            assert 1 in [turn["index"] for turn in follower.turns()]
            assert follower.monitor.of_type("caption")
            await follower.stop()
            assert follower.monitor.frames
