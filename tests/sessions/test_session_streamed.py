"""Whole interviews whose candidate is heard by a stream: what is on record, and who was asked."""

import pytest

from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker, Turn
from tests.fakes.fake_interviewer import closing
from tests.fakes.fake_speech import unavailable
from tests.sessions.conftest import Said
from tests.sessions.fake_stream import FakeStreaming
from tests.sessions.hall import GOODBYE, Candidate, Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWERS = [
    "We built a search engine for recipes.",
    "The memory was never given back.",
    "I would have written more tests.",
]
"""Each in one breath: the stream is told what it understands in each piece."""

LONG = (
    "Welcome, Ada, it is good to have you here today. In the next half hour I would like to talk "
    "with you about your work of the last years. Let us begin with the search engine that you "
    "mention, and with your own part in it."
)
INTERRUPTION = "Sorry, may I ask you something about the company first, before we go on with it?"


def answers_of(hall: Hall) -> list[Turn]:
    """The candidate's turns on record."""
    return [turn for turn in hall.log.all_turns() if turn.speaker is Speaker.CANDIDATE]


async def answer_all(hall: Hall, streaming: FakeStreaming, said: Said) -> Candidate:
    """An interview from its beginning to its end."""
    candidate = await hall.come_in()
    for number, text in enumerate(ANSWERS, 1):
        await candidate.listen(number)
        await pass_ms(400)
        streaming.says = text
        await candidate.say(said(text), f"From the tape: {text}")
    await candidate.over()
    return candidate


def test_an_interview_is_heard_by_the_stream_alone(said: Said) -> None:
    async def story() -> None:
        streaming = FakeStreaming(partials=True)
        hall = Hall(streaming=streaming)
        await answer_all(hall, streaming, said)
        assert [turn.text for turn in answers_of(hall)] == ANSWERS
        assert {turn.usage["stt"] for turn in answers_of(hall)} == {"fake-stream"}
        assert {turn.usage.get("confidence_from") for turn in answers_of(hall)} == {"own"}
        assert hall.transcriber.heard == []
        (line,) = streaming.lines
        assert line.closed
        assert streaming.terms
        await hall.empty()

    run_virtual(story())


@pytest.mark.parametrize("broken", [0, 1])
def test_an_interview_goes_on_when_the_stream_breaks(broken: int, said: Said) -> None:
    async def story() -> None:
        streaming = FakeStreaming()
        hall = Hall(streaming=streaming)
        streaming.answers.extend([*ANSWERS[:broken], *([unavailable()] * 20)])
        await answer_all(hall, streaming, said)
        texts = [turn.text for turn in answers_of(hall)]
        assert texts == [
            *ANSWERS[:broken],
            *(f"From the tape: {text}" for text in ANSWERS[broken:]),
        ]
        assert answers_of(hall)[-1].usage["stt"] == "fake-stt"
        assert answers_of(hall)[-1].usage["confidence_from"] == "provider"
        await hall.empty()

    run_virtual(story())


def test_partial_words_stop_a_reply_before_the_voice_has_paused(said: Said) -> None:
    async def story() -> None:
        streaming = FakeStreaming(INTERRUPTION, partials=True)
        hall = Hall(LONG, closing(GOODBYE), streaming=streaming)
        hall.transcriber.latency_ms = 60_000  # nobody else can have told
        candidate = await hall.come_in()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        await pass_ms(3_000)
        began = now_ms()
        candidate.microphone.start(said(INTERRUPTION))
        await candidate.leg.until(lambda: any(hall.log.turns.values()))
        assert now_ms() - began < 2_500
        assert hall.log.all_turns()[0].interrupted
        await pass_ms(4_000)
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()

    run_virtual(story())
