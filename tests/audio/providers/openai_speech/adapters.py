"""The OpenAI adapters as their tests use them: on the double, with short pauses."""

import numpy as np
from numpy.typing import NDArray

from audio.providers.openai_speech import OpenAISynthesizer, OpenAITranscriber
from audio.speech import SPEECH_RATE
from tests.patience import PATIENCE_S
from tests.support.openai_double import OpenAIDouble

KEY = "sk-secret-key"
TEXT = "A sentence of the interviewer, long enough to be cut."


def burst() -> NDArray[np.int16]:
    """Half a second of tone in a second of silence: mono PCM16 at SPEECH_RATE."""
    time = np.arange(SPEECH_RATE) / SPEECH_RATE
    sound = 6_000 * np.sin(2 * np.pi * 200 * time) * (abs(time - 0.5) < 0.25)
    return sound.astype(np.int16)


def transcriber(
    double: OpenAIDouble, model: str = "gpt-transcribe", **options: float
) -> OpenAITranscriber:
    settings = {"timeout_s": PATIENCE_S, "retry_pause_s": 0.001} | options
    retries = int(settings.pop("max_retries", 2))
    return OpenAITranscriber(KEY, double.base_url, model, max_retries=retries, **settings)


def synthesizer(double: OpenAIDouble, **options: float) -> OpenAISynthesizer:
    settings = {
        "first_byte_timeout_s": PATIENCE_S,
        "between_chunks_timeout_s": PATIENCE_S,
        "retry_pause_s": 0.001,
    } | options
    retries = int(settings.pop("max_retries", 2))
    return OpenAISynthesizer(
        KEY, double.base_url, "gpt-4o-mini-tts", "alloy", max_retries=retries, **settings
    )


async def heard(adapter: OpenAITranscriber) -> str:
    try:
        return (await adapter.transcribe(burst())).text
    finally:
        await adapter.close()


async def said(adapter: OpenAISynthesizer, text: str = TEXT) -> list[bytes]:
    try:
        return [piece async for piece in adapter.speak(text)]
    finally:
        await adapter.close()
