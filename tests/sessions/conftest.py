"""Real speech for the tests of the session floor, spoken once."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.local_voice import LocalVoice
from tests.audio.speaking import spoken

Said = Callable[[str], NDArray[np.int16]]
"""Gives the sound of a text: mono PCM16 at 16 kHz, 0.2 s of silence around it."""


@pytest.fixture(scope="session")
def said(real_models: None) -> Iterator[Said]:
    """The local voice; the same text is spoken once. It speaks on a thread of its own, so that it
    can be called from anywhere."""
    known: dict[str, NDArray[np.int16]] = {}
    voice = LocalVoice()
    with ThreadPoolExecutor(1) as mouth, asyncio.Runner() as runner:

        def say(text: str) -> NDArray[np.int16]:
            if text not in known:
                known[text] = mouth.submit(lambda: runner.run(spoken(voice, text))).result()
            return known[text]

        yield say
        mouth.submit(lambda: runner.run(voice.close())).result()
