"""Lines on vLLM's own dialect: one utterance at a time, none with an id, nothing cleared."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from audio.metering import METER, Consumption
from audio.providers.live_transcription.dialects import VllmDialect
from tests.audio.providers.live_transcription.lines import LATE_S, ear, speech
from tests.support.openai_double import OpenAIDouble


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        double.hearing.dialect = "vllm"
        yield double


async def test_words_come_while_they_are_spoken_and_whole_at_the_pause(
    double: OpenAIDouble,
) -> None:
    double.hearing.texts = ["I have run clusters", "Yes"]
    used: list[Consumption] = []
    async with ear(double, model="voxtral", dialect=VllmDialect()) as heard:
        METER.set(used.append)
        heard.hear(speech(650))
        await heard.until(lambda: heard.partials == ["I", "I have", "I have run"])
        assert (await heard.line.commit()).text == "I have run clusters"
        assert await heard.words() == "Yes"
        (session,) = double.hearing.sessions
    assert session.query == {}
    assert session.session == {"type": "session.update", "model": "voxtral"}
    assert [sound.size for sound in session.commits] == [650 * 16, 1_000 * 16]
    assert [(c.audio_ms, c.input_tokens, c.output_tokens) for c in used] == [
        (650, 7, 4),
        (1_000, 7, 1),
    ]


async def test_the_next_piece_waits_for_the_words_of_the_one_before(double: OpenAIDouble) -> None:
    double.hearing.live = False
    double.hearing.text_for = lambda sound: f"{round(sound.size / 16)} ms"
    double.hearing.commit_ms = 20.0
    async with ear(double, dialect=VllmDialect()) as heard:
        first = heard.committing(400)
        await asyncio.sleep(0)
        second = heard.committing(600)
        assert [(await first).text, (await second).text] == ["400 ms", "600 ms"]


async def test_what_is_discarded_is_in_no_words(double: OpenAIDouble) -> None:
    double.hearing.live = False
    double.hearing.text_for = lambda sound: f"{round(sound.size / 16)} ms"
    async with ear(double, dialect=VllmDialect()) as heard:
        heard.hear(speech(700))
        await heard.until(lambda: double.hearing.sessions and double.hearing.sessions[0].session)
        await heard.until(lambda: double.hearing.sessions[0].count("append"))
        heard.line.discard()
        assert await heard.words(400) == "400 ms"
        assert double.hearing.sessions[0].count("clear") == 0


@pytest.mark.parametrize("mode", ["failed", "hour"])
async def test_a_failure_may_be_heard_elsewhere_and_the_next_piece_is_heard(
    double: OpenAIDouble, mode: str
) -> None:
    double.hearing.fail(mode, 1)
    async with ear(double, dialect=VllmDialect()) as heard:
        assert (await heard.failure()).retryable
        double.hearing.texts = ["Here again"]
        assert await heard.words() == "Here again"
        assert len(double.hearing.sessions) == 2


async def test_words_that_are_late_are_nobody_elses(double: OpenAIDouble) -> None:
    double.hearing.fail("late", 1)
    async with ear(double, dialect=VllmDialect(), commit_within_s=LATE_S) as heard:
        assert (await heard.failure()).retryable
        await double.hearing.sessions[0].closed.wait()
