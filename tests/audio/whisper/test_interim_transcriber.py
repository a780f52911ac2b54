"""Interim transcripts take spare time only: none in a transcript's way, none after a failure."""

import asyncio
from typing import Any

import numpy as np
import pytest

from audio.interim_transcriber import BACKOFF_S, MAX_TIME_SHARE, InterimTranscriber
from audio.local_whisper import LocalWhisper
from audio.providers.openai_speech import OpenAITranscriber
from audio.speech import SpeechError
from tests.audio.providers.openai_speech.adapters import burst
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.support.openai_double import OpenAIDouble, TranscriptionRequest
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

SOUND = np.ones(16_000, np.int16)


def test_an_interim_transcript_is_a_transcript() -> None:
    async def story() -> None:
        captioner = InterimTranscriber(FakeTranscriber("Some words."), workers=1)
        seen = await captioner.interim(SOUND, prompt="Before.", language="en")
        assert seen is not None
        assert seen.text == "Some words."
        await captioner.close()

    run_virtual(story())


def test_there_is_none_while_a_transcript_is_waited_for() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber("Some words.")
        captioner = InterimTranscriber(transcriber, workers=1)
        waiting = asyncio.create_task(captioner.transcribe(SOUND))
        await pass_ms(10)
        began = now_ms()
        assert await captioner.interim(SOUND) is None
        assert now_ms() == began
        assert (await waiting).text == "Some words."
        assert len(transcriber.heard) == 1

    run_virtual(story())


def test_one_in_the_way_is_cancelled() -> None:
    async def story() -> None:
        captioner = InterimTranscriber(FakeTranscriber("Some words."), workers=1)
        interim = asyncio.create_task(captioner.interim(SOUND))
        await pass_ms(10)
        began = now_ms()
        assert (await captioner.transcribe(SOUND)).text == "Some words."
        assert now_ms() - began == pytest.approx(150)
        assert await interim is None
        assert now_ms() - began == pytest.approx(150)

    run_virtual(story())


@pytest.mark.parametrize("workers", [2, None])
def test_where_there_is_room_both_go_on(workers: int | None) -> None:
    async def story() -> None:
        captioner = InterimTranscriber(FakeTranscriber("Some words."), workers)
        interim = asyncio.create_task(captioner.interim(SOUND))
        await pass_ms(10)
        await captioner.transcribe(SOUND)
        assert await interim is not None

    run_virtual(story())


def test_interim_transcripts_take_a_bounded_share_of_the_time() -> None:
    async def story() -> None:
        captioner = InterimTranscriber(FakeTranscriber("Some words.", latency_ms=200), workers=1)
        began, seen = now_ms(), 0
        for _ in range(1_000):
            seen += await captioner.interim(SOUND) is not None
            await pass_ms(10)
        assert seen * 200 == pytest.approx(MAX_TIME_SHARE * (now_ms() - began), rel=0.1)

    run_virtual(story())


def test_after_a_failure_there_are_none_for_a_while() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber("Some words.")
        transcriber.answers.append(unavailable())
        captioner = InterimTranscriber(transcriber)
        assert await captioner.interim(SOUND) is None
        await pass_ms(BACKOFF_S * 900)
        assert await captioner.interim(SOUND) is None
        assert len(transcriber.heard) == 1
        await pass_ms(BACKOFF_S * 100)
        assert await captioner.interim(SOUND) is not None

    run_virtual(story())


def test_a_failure_of_a_transcript_that_is_waited_for_is_raised() -> None:
    async def story() -> None:
        transcriber = FakeTranscriber()
        transcriber.answers.append(unavailable())
        with pytest.raises(SpeechError):
            await InterimTranscriber(transcriber).transcribe(SOUND)

    run_virtual(story())


@pytest.mark.parametrize(("workers", "goes_on"), [(1, False), (None, True)])
def test_a_caller_who_is_cancelled_frees_a_worker_and_keeps_a_connection(
    workers: int | None, goes_on: bool
) -> None:
    async def story() -> None:
        transcriber = FakeTranscriber()
        transcriber.answers.append(unavailable())  # which nobody hears of
        captioner = InterimTranscriber(transcriber, workers)
        interim = asyncio.create_task(captioner.interim(SOUND))
        await pass_ms(10)
        interim.cancel()
        await asyncio.wait([interim])
        assert interim.cancelled()
        await pass_ms(1)
        assert bool(captioner._interims) is goes_on
        await pass_ms(200)
        assert not captioner._interims

    run_virtual(story())


def test_closing_ends_what_goes_on() -> None:
    async def story() -> None:
        captioner = InterimTranscriber(FakeTranscriber(latency_ms=60_000))
        interim = asyncio.create_task(captioner.interim(SOUND))
        await pass_ms(10)
        began = now_ms()
        await captioner.close()
        assert now_ms() - began < 10
        assert await interim is None
        assert not captioner._interims

    run_virtual(story())


async def test_the_connection_of_an_interim_transcript_serves_the_next_transcript() -> None:
    async with OpenAIDouble(transcription_ms=60) as double:
        asked = asyncio.Event()

        def words(_request: TranscriptionRequest) -> str:
            asked.set()
            return "Some words."

        double.text_for = words
        service = OpenAITranscriber("sk-test", double.base_url, "gpt-transcribe")
        captioner = InterimTranscriber(service)
        sound = burst()
        try:
            await asyncio.gather(captioner.transcribe(sound), captioner.transcribe(sound))
            client = await service._provider.client()
            transport: Any = client._client._transport
            while len(transport._pool.connections) < 2:  # until two were asked for at once
                await asyncio.gather(captioner.transcribe(sound), captioner.transcribe(sound))
            before = set(map(id, transport._pool.connections))
            for _ in range(3):
                while captioner._interims:  # the one before, that nobody hears of
                    await asyncio.wait(captioner._interims)
                asked.clear()
                interim = asyncio.create_task(captioner.interim(sound))
                await asked.wait()
                interim.cancel()
                assert (await captioner.transcribe(sound)).text == "Some words."
            await asyncio.wait([interim])
            assert set(map(id, transport._pool.connections)) <= before
        finally:
            await captioner.close()


@pytest.mark.usefixtures("real_models")
async def test_whisper_stops_half_way_when_it_is_cancelled() -> None:
    whisper = LocalWhisper()
    noise = np.random.default_rng(3).integers(-3_000, 3_000, 16_000 * 20).astype(np.int16)
    try:
        await whisper.warm_up()
        captioner = InterimTranscriber(whisper, workers=1)
        whole = await whisper.transcribe(noise)
        interim = asyncio.create_task(captioner.interim(noise))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        again = await captioner.transcribe(noise)
        assert await interim is None
        assert again.text == whole.text
    finally:
        await whisper.close()
