"""What a call used is reported as the provider bills it: each request that was answered."""

from collections.abc import AsyncIterator
from contextlib import suppress

import numpy as np
import pytest

from audio.metering import METER, Consumption, Service
from audio.speech import SPEECH_RATE, SpeechError
from tests.audio.providers.openai_speech.adapters import TEXT, burst, said, synthesizer, transcriber
from tests.support.openai_double import OpenAIDouble


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


FAULTS = [
    ("500", 1),
    ("429", 2),
    ("garbage", 1),
    ("cut", 1),
    ("500", 9),
    ("garbage", 9),
    ("401", 1),
]


@pytest.mark.parametrize(("fault", "times"), FAULTS)
async def test_a_transcription_is_counted_as_often_as_it_was_answered(
    double: OpenAIDouble, fault: str, times: int
) -> None:
    used: list[Consumption] = []
    METER.set(used.append)
    double.texts = ["I built a search engine."] * 9
    double.fail("transcriptions", fault, times)
    adapter = transcriber(double)
    with suppress(SpeechError):
        await adapter.transcribe(burst())
    await adapter.close()
    assert sum(call.audio_ms for call in used) == sum(double.billed.audio_ms.values())
    assert {(call.service, call.model) for call in used} <= {(Service.HEARING, "gpt-transcribe")}


@pytest.mark.parametrize(("fault", "times"), FAULTS)
async def test_a_sentence_is_counted_as_often_as_it_was_answered(
    double: OpenAIDouble, fault: str, times: int
) -> None:
    used: list[Consumption] = []
    METER.set(used.append)
    double.fail("speech", fault, times)
    with suppress(SpeechError):
        await said(synthesizer(double))
    assert sum(call.characters for call in used) == sum(double.billed.characters.values())
    assert {(call.service, call.model) for call in used} <= {(Service.SPEAKING, "gpt-4o-mini-tts")}


async def test_a_second_hearing_is_counted_too(double: OpenAIDouble) -> None:
    used: list[Consumption] = []
    METER.set(used.append)
    double.texts = ["Kubernetes, Kafka, PostgreSQL", "Thank you for watching."]
    adapter = transcriber(double)
    await adapter.transcribe(burst(), prompt="Kubernetes, Kafka, PostgreSQL")
    await adapter.close()
    assert [call.audio_ms for call in used] == [1_000, 1_000]
    assert used[0].provider in double.base_url


async def test_a_sentence_that_is_broken_off_is_counted_whole(double: OpenAIDouble) -> None:
    used: list[Consumption] = []
    METER.set(used.append)
    adapter = synthesizer(double)
    sound = adapter.speak(TEXT)
    await anext(sound)
    await sound.aclose()
    await adapter.close()
    assert [call.characters for call in used] == [len(TEXT)]


async def test_what_is_never_sent_costs_nothing(double: OpenAIDouble) -> None:
    used: list[Consumption] = []
    METER.set(used.append)
    ears, voice = transcriber(double), synthesizer(double)
    await ears.transcribe(np.zeros(SPEECH_RATE, np.int16))
    assert [piece async for piece in voice.speak("...")] == []
    await ears.close()
    await voice.close()
    assert used == []
