"""The real local speech, loaded once, and servers that use it."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.pcm import from_bytes
from audio.resample import resample
from audio.speech import SPEECH_RATE
from server.providers import make_providers
from server.settings import Settings
from sessions.record.store import SessionStore
from sessions.session_context import Providers
from tests.patience import MODEL_DEADLINES
from tests.server.edge import Edge, open_edge
from tests.server.stage import make_settings

Speak = Callable[[str], Awaitable[NDArray[np.int16]]]


@pytest.fixture(autouse=True)
def _unhurried(unhurried: None) -> None:
    """See `unhurried`."""


@pytest.fixture(scope="session")
async def local_providers(engine: AsyncEngine, real_models: None) -> AsyncIterator[Providers]:
    """What a server without any key works with, warm."""
    providers = make_providers(Settings(**MODEL_DEADLINES), SessionStore(engine))
    providers.vad_ticker.warm_up()
    for part in (providers.transcriber, providers.synthesizer, providers.interviewer):
        await part.warm_up()
    yield providers
    await providers.transcriber.close()
    await providers.synthesizer.close()


@pytest.fixture(scope="session")
def speak(local_providers: Providers) -> Speak:
    """Words as the candidate's microphone catches them: mono PCM16 at 16 kHz."""

    @functools.cache
    def said(pcm: bytes) -> NDArray[np.int16]:
        return resample(from_bytes(pcm), local_providers.synthesizer.sample_rate, SPEECH_RATE)

    async def speak(text: str) -> NDArray[np.int16]:
        return said(b"".join([piece async for piece in local_providers.synthesizer.speak(text)]))

    return speak


@pytest.fixture
async def edge(
    clean_database: AsyncEngine, database_url: str, local_providers: Providers, tmp_path: Path
) -> AsyncIterator[Edge]:
    """A whole server on an empty database."""
    async with open_edge(make_settings(tmp_path), database_url, local_providers) as opened:
        yield opened
