"""A Twilio caller that others wrote: streamdouble, with its own frames, pacing and marks.

It drops the marks that a `clear` voids where Twilio returns them, and it signs nothing: the
signature is added to its handshake here.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import websockets
from streamdouble import session as double
from streamdouble.audio import silence_frame
from streamdouble.protocol import StreamIdentity
from streamdouble.scenario import Dtmf, Say, Scenario, Wait, WaitFor

from audio.g711 import ulaw_encode
from audio.resample import resample
from audio.speech import SPEECH_RATE
from tests.fakes.twilio_calls import CALLER, Twilio
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge
from tests.server.telephony.calls import all_turns_of, consented

Seed = Callable[..., Awaitable[SeededInterview]]
PLAN = SHORT_PLAN | {
    "opening": "Hello. It is good of you to take the time today, and we will not keep you long."
}
AGAIN = "audio again"


class Caller(double.Session):  # type: ignore[misc]  # streamdouble has no types
    """One that hears the beginning of more than the first words: it can wait for AGAIN."""

    async def _stream_silence_until(self, connection: Any, step: WaitFor) -> None:
        if step.event != AGAIN:
            await super()._stream_silence_until(connection, step)
            return
        began = self.clock()
        while (self._last_audio_at or 0) <= began:
            await self._stream_frames(connection, [silence_frame()])


async def test_it_agrees_interrupts_and_is_asked_the_next_question(
    phone_edge: Edge,
    twilio: Twilio,
    seed_interview: Seed,
    speak: Speak,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interview = await seed_interview(plan_document=PLAN, candidate_phone=CALLER)
    identity = StreamIdentity()
    twiml = await twilio.ring(identity.call_sid)
    signature = twilio.validator.compute_signature(twiml.stream_url, {})
    signed = partial(
        websockets.connect, additional_headers={"X-Twilio-Signature": signature}, proxy=None
    )
    monkeypatch.setattr(double.websockets, "connect", signed)
    line = ulaw_encode(resample(await speak("I like the old oak tree."), SPEECH_RATE, 8_000))
    frames = [line[at : at + 160] for at in range(0, len(line) - 159, 160)]
    steps = [
        WaitFor("audio"),
        Dtmf("1"),  # cuts the notice short
        WaitFor("clear"),
        WaitFor(AGAIN),
        Wait(0.6),  # into the opening
        Say(Path("answer.wav"), frames),
        Wait(8.0),  # a line goes on after its caller's last word; one that stops has lost its sound
    ]
    caller = Caller(
        twiml.stream_url,
        scenario=Scenario("a call", steps),
        identity=identity,
        config=double.SessionConfig(custom_parameters=twiml.parameters, max_drain_s=10.0),
    )
    result = await caller.run()
    assert result.violations == []
    assert result.clears_received == 2
    assert await consented(phone_edge, interview)
    turns = await all_turns_of(phone_edge, interview)
    assert turns[0].interrupted
    assert "oak" in turns[1].text
    assert QUESTIONS[0] in turns[2].text or QUESTIONS[1] in turns[2].text
