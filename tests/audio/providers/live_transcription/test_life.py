"""Life of a line's connection: opened ahead, closed in silence, replaced when it is old."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from audio.providers.live_transcription.pieces import KEPT_S, SoundPiece
from audio.speech import SPEECH_RATE, SpeechError
from tests.audio.providers.live_transcription.lines import LATE_S, ear, speech
from tests.support.openai_double import OpenAIDouble


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


async def test_the_connection_is_there_before_the_first_sound(double: OpenAIDouble) -> None:
    async with ear(double) as heard:
        session = await heard.connected()
        assert session.count("append") == 0


async def test_silence_closes_the_connection_and_sound_opens_another(
    double: OpenAIDouble,
) -> None:
    double.hearing.texts = ["Back again"]
    async with ear(double, idle_s=LATE_S) as heard:
        await (await heard.connected()).closed.wait()
        heard.hear(speech(800))
        assert (await heard.line.commit()).text == "Back again"
        assert len(double.hearing.sessions) == 2
        assert abs(double.hearing.sessions[1].commits[0].size - 800 * 24) <= 1


async def test_an_old_connection_is_replaced_between_two_pieces(double: OpenAIDouble) -> None:
    double.hearing.texts = ["Before", "After"]
    async with ear(double, rotate_s=LATE_S) as heard:
        first = await heard.connected()
        heard.hear(speech(600))
        await asyncio.wait([asyncio.ensure_future(first.closed.wait())], timeout=2 * LATE_S)
        assert not first.closed.is_set()  # somebody speaks
        assert (await heard.line.commit()).text == "Before"
        await first.closed.wait()
        await heard.connected(2)  # ahead of sound
        assert await heard.words() == "After"


async def test_one_session_has_one_connection(double: OpenAIDouble) -> None:
    double.hearing.text_for = lambda _sound: "Yes"
    async with ear(double) as heard:
        for _ in range(5):
            assert await heard.words(200) == "Yes"
        assert len(double.hearing.sessions) == 1


async def test_closing_ends_what_is_under_way(double: OpenAIDouble) -> None:
    double.hearing.fail("late")
    async with ear(double) as heard:
        session = await heard.connected()
        waiting = heard.committing()
        await heard.until(lambda: session.count("commit"))
        await heard.line.close()
        with pytest.raises(SpeechError, match="closed"):
            await waiting
        await session.closed.wait()
        with pytest.raises(SpeechError, match="closed"):
            await heard.words()
        await heard.line.close()


async def test_a_line_is_closed_while_it_connects(double: OpenAIDouble) -> None:
    double.hearing.fail("hang")
    async with ear(double) as heard:
        waiting = heard.committing()
        await heard.until(lambda: double.hearing.sessions)
        await heard.transcriber.close()
        with pytest.raises(SpeechError):
            await waiting


async def test_sound_that_cannot_be_sent_is_kept_within_bounds() -> None:
    piece = SoundPiece(1, 24_000)
    second = np.zeros(SPEECH_RATE, np.int16)
    for _ in range(int(KEPT_S) + 5):
        piece.add(second)
        assert piece.sound().size <= (KEPT_S + 1) * SPEECH_RATE
    assert piece.audio_ms == (KEPT_S + 5) * 1_000
    assert not piece.whole
