"""Whole interviews over Twilio's dialect: real Whisper at 8 kHz, the real voice, a real socket."""

from collections.abc import Awaitable, Callable

import pytest

from sessions.turntaking.turns import Speaker
from tests.fakes.twilio_calls import CALLER, Twilio, new_sid
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge
from tests.server.telephony.calls import heard, turns_of

ANSWERS = ("I like the old oak.", "I use a small spade.", "I live in London.")
Seed = Callable[..., Awaitable[SeededInterview]]


@pytest.fixture
async def interview(phone_edge: Edge, seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER)


async def test_a_caller_agrees_by_voice_interrupts_and_holds_the_whole_interview(
    phone_edge: Edge, twilio: Twilio, interview: SeededInterview, speak: Speak
) -> None:
    call = new_sid("CA")
    # Made beforehand: a line that does not report what it plays is waited for only so long.
    yes, again = await speak("Yes."), await speak("Sorry, can you repeat the question?")
    twiml = await twilio.ring(call)
    async with twilio.stream(twiml, call) as line:
        await heard(line, 1)  # the notice, and the question for consent
        assert phone_edge.viva.registry.count == 0, "before consent there is no interview"
        line.playing = False
        await line.say(yes)
        await line.until(lambda: any(name.startswith("end") for name in line.pending))
        await line.give_back(4)  # of the first question, most is not played yet
        await line.say(again)
        await line.until(lambda: line.cleared == 1)  # and plays again
        for number, answer in enumerate(ANSWERS, 2):
            await heard(line, number)
            await line.say(await speak(answer))
        assert await line.closed() == 1000
    turns = await turns_of(phone_edge, interview)
    said = [turn.text.lower() for turn in turns if turn.speaker is Speaker.CANDIDATE]
    for words, turn in zip(("repeat", "old oak", "spade", "london"), said, strict=True):
        assert words in turn
    cut = turns[0]
    assert cut.interrupted
    assert QUESTIONS[0] in cut.text
    assert 1 <= len(cut.heard_text.split()) < len(cut.text.split())
    assert turns[2].move["kind"] == "repeat"
    assert turns[-1].move["kind"] == "close"
    stored = await phone_edge.viva.services.store.interviews.find(
        interview.organisation_id, interview.interview_id
    )
    assert stored is not None
    assert (stored.status, stored.begun) == ("completed", True)
    after = await twilio.ask(twiml.action, CallSid=call)
    assert after.verbs == ["Hangup"]
