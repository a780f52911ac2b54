"""Glimpses take spare time only: they stand in nobody's way, and in trouble there are none."""

import asyncio
from typing import Any

import numpy as np
import pytest

from audio.interim_transcriber import REST_S, SHARE, Glimpses
from audio.local_whisper import LocalWhisper
from audio.openai_speech import OpenAITranscriber
from audio.speech import SpeechError
from bench.openai_double import OpenAIDouble, TranscriptionRequest
from bench.virtual_time import now_ms, pass_ms, run_virtual
from tests.audio.openai_adapters import burst
from tests.fakes.fake_speech import FakeTranscriber, unavailable

SOUND = np.ones(16_000, np.int16)


def test_a_glimpse_is_a_transcript() -> None:
    async def story() -> None:
        ears = Glimpses(FakeTranscriber("Some words."), workers=1)
        seen = await ears.glimpse(SOUND, prompt="Before.", language="en")
        assert seen is not None
        assert seen.text == "Some words."
        await ears.close()

    run_virtual(story())


def test_nobody_glimpses_while_words_are_waited_for() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber("Some words.")
        ears = Glimpses(transcriber, workers=1)
        waiting = asyncio.create_task(ears.transcribe(SOUND))
        await pass_ms(10)
        began = now_ms()
        assert await ears.glimpse(SOUND) is None
        assert now_ms() == began
        assert (await waiting).text == "Some words."
        assert len(transcriber.heard) == 1

    run_virtual(story())


def test_a_glimpse_in_the_way_is_broken_off() -> None:
    async def story() -> None:
        ears = Glimpses(FakeTranscriber("Some words."), workers=1)
        glimpse = asyncio.create_task(ears.glimpse(SOUND))
        await pass_ms(10)
        began = now_ms()
        assert (await ears.transcribe(SOUND)).text == "Some words."
        assert now_ms() - began == pytest.approx(150)
        assert await glimpse is None
        assert now_ms() - began == pytest.approx(150)

    run_virtual(story())


@pytest.mark.parametrize("workers", [2, None])
def test_where_there_is_room_both_go_on(workers: int | None) -> None:
    async def story() -> None:
        ears = Glimpses(FakeTranscriber("Some words."), workers)
        glimpse = asyncio.create_task(ears.glimpse(SOUND))
        await pass_ms(10)
        await ears.transcribe(SOUND)
        assert await glimpse is not None

    run_virtual(story())


def test_glimpses_take_a_bounded_share_of_the_time() -> None:
    async def story() -> None:
        ears = Glimpses(FakeTranscriber("Some words.", latency_ms=200), workers=1)
        began, seen = now_ms(), 0
        for _ in range(1_000):
            seen += await ears.glimpse(SOUND) is not None
            await pass_ms(10)
        assert seen * 200 == pytest.approx(SHARE * (now_ms() - began), rel=0.1)

    run_virtual(story())


def test_after_a_failure_there_are_none_for_a_while() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber("Some words.")
        transcriber.answers.append(unavailable())
        ears = Glimpses(transcriber)
        assert await ears.glimpse(SOUND) is None
        await pass_ms(REST_S * 900)
        assert await ears.glimpse(SOUND) is None
        assert len(transcriber.heard) == 1
        await pass_ms(REST_S * 100)
        assert await ears.glimpse(SOUND) is not None

    run_virtual(story())


def test_a_failure_of_words_that_are_waited_for_is_raised() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber()
        transcriber.answers.append(unavailable())
        with pytest.raises(SpeechError):
            await Glimpses(transcriber).transcribe(SOUND)

    run_virtual(story())


@pytest.mark.parametrize(("workers", "goes_on"), [(1, False), (None, True)])
def test_a_caller_who_is_cancelled_frees_a_worker_and_keeps_a_connection(
    workers: int | None, goes_on: bool
) -> None:
    async def story() -> None:
        transcriber = FakeTranscriber()
        transcriber.answers.append(unavailable())  # which nobody hears of
        ears = Glimpses(transcriber, workers)
        glimpse = asyncio.create_task(ears.glimpse(SOUND))
        await pass_ms(10)
        glimpse.cancel()
        await asyncio.wait([glimpse])
        assert glimpse.cancelled()
        await pass_ms(1)
        assert bool(ears._glimpsing) is goes_on
        await pass_ms(200)
        assert not ears._glimpsing

    run_virtual(story())


def test_closing_ends_what_goes_on() -> None:
    async def story() -> None:
        ears = Glimpses(FakeTranscriber(latency_ms=60_000))
        glimpse = asyncio.create_task(ears.glimpse(SOUND))
        await pass_ms(10)
        began = now_ms()
        await ears.close()
        assert now_ms() - began < 10
        assert await glimpse is None
        assert not ears._glimpsing

    run_virtual(story())


async def test_the_connection_of_a_glimpse_serves_the_words_that_follow() -> None:
    async with OpenAIDouble(transcription_ms=60) as double:
        asked = asyncio.Event()

        def words(_request: TranscriptionRequest) -> str:
            asked.set()
            return "Some words."

        double.text_for = words
        service = OpenAITranscriber("sk-test", double.base_url, "gpt-transcribe")
        ears = Glimpses(service)
        sound = burst()
        try:
            await asyncio.gather(ears.transcribe(sound), ears.transcribe(sound))
            client = await service._provider.client()
            transport: Any = client._client._transport
            before = set(map(id, transport._pool.connections))
            for _ in range(3):
                asked.clear()
                glimpse = asyncio.create_task(ears.glimpse(sound))
                await asked.wait()
                glimpse.cancel()
                assert (await ears.transcribe(sound)).text == "Some words."
            await asyncio.wait([glimpse])
            assert set(map(id, transport._pool.connections)) <= before
        finally:
            await ears.close()


async def test_whisper_stops_half_way_when_nobody_wants_its_words() -> None:
    whisper = LocalWhisper()
    noise = np.random.default_rng(3).integers(-3_000, 3_000, 16_000 * 20).astype(np.int16)
    try:
        await whisper.warm_up()
        ears = Glimpses(whisper, workers=1)
        whole = await whisper.transcribe(noise)
        glimpse = asyncio.create_task(ears.glimpse(noise))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        again = await ears.transcribe(noise)
        assert await glimpse is None
        assert again.text == whole.text
    finally:
        await whisper.close()
