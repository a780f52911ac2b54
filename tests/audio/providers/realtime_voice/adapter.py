"""The Realtime voice as its tests use it: on the double, with short pauses."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from audio.metering import METER, Consumption
from audio.providers.realtime_voice import RealtimeSynthesizer
from audio.speech import SpokenFacts
from tests.patience import PATIENCE_S
from tests.support.openai_double import MS_PER_CHARACTER, OpenAIDouble, tone

KEY = "sk-secret-key"
MODEL = "gpt-realtime-2.1-mini"
TEXT = "I am glad that you could come. What is it that you like about tests?"


def voice(
    double: OpenAIDouble, *, key: str = KEY, model: str = MODEL, **options: float
) -> RealtimeSynthesizer:
    settings = {
        "first_byte_timeout_s": PATIENCE_S,
        "between_chunks_timeout_s": PATIENCE_S,
        "retry_pause_s": 0.001,
    } | options
    retries = int(settings.pop("max_retries", 2))
    most = int(settings.pop("most_sockets", 100))
    return RealtimeSynthesizer(
        key, double.base_url, model, "marin", max_retries=retries, most_sockets=most, **settings
    )


async def said(
    adapter: RealtimeSynthesizer,
    text: str = TEXT,
    *,
    speed: float = 1.0,
    facts: SpokenFacts | None = None,
) -> bytes:
    """All the sound of a sentence."""
    async with aclosing(adapter.speak(text, speed=speed, facts=facts)) as pieces:
        return b"".join([piece async for piece in pieces])


def sound_of(text: str = TEXT) -> bytes:
    """What the double sends for a text."""
    return tone(len(text) * MS_PER_CHARACTER)


class Metered:
    """The consumption that is reported while it is entered."""

    def __enter__(self) -> list[Consumption]:
        used: list[Consumption] = []
        self._token = METER.set(used.append)
        return used

    def __exit__(self, *_: object) -> None:
        METER.reset(self._token)


async def collect(adapter: RealtimeSynthesizer, heard: bytearray, text: str = TEXT) -> None:
    """Add what the voice says to `heard`, until it ends or fails."""
    async with aclosing(adapter.speak(text)) as pieces:
        async for piece in pieces:
            heard += piece


async def until(holds: Callable[[], object]) -> None:
    """Let the rest of the process work until something holds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while not holds() and loop.time() < end:  # noqa: ASYNC110 (a server's state has no event)
        await asyncio.sleep(0)
    assert holds()
