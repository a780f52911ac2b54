"""Lines of live transcription as their tests use them: on the double, with deadlines put off."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
import structlog
from numpy.typing import NDArray
from structlog.typing import EventDict

from audio.providers.live_transcription.dialects import LiveDialect
from audio.providers.live_transcription.line import LineTimes
from audio.providers.live_transcription.transcriber import LiveTranscriber
from audio.speech import SPEECH_RATE, SpeechError, SpeechStream, Transcript
from tests.patience import PATIENCE_S
from tests.support.openai_double import OpenAIDouble
from tests.support.transcription_socket import HeardSession, TranscriptionDouble

KEY = "sk-secret-key"
LATE_S = 0.2
"""A deadline that is meant to pass."""


def times(**changes: float) -> LineTimes:
    """Deadlines that a busy machine meets, but for those that are changed."""
    patient = {
        "commit_within_s": PATIENCE_S,
        "connect_within_s": PATIENCE_S,
        "pause_s": 0.001,
    }
    return LineTimes(**(patient | changes))


def speech(ms: int = 1_000) -> NDArray[np.int16]:
    """A tone after a breath of a fifth of it: mono PCM16 at SPEECH_RATE."""
    time = np.arange(SPEECH_RATE * ms // 1000) / SPEECH_RATE
    sound = 6_000 * np.sin(2 * np.pi * 200 * time) * (time > ms / 5_000)
    return sound.astype(np.int16)


def silence(ms: int = 1_000) -> NDArray[np.int16]:
    """Digital silence at SPEECH_RATE."""
    return np.zeros(SPEECH_RATE * ms // 1000, np.int16)


@dataclass(slots=True)
class Ear:
    """A line, what it told, and the double behind it."""

    line: SpeechStream
    transcriber: LiveTranscriber
    double: TranscriptionDouble
    partials: list[str] = field(default_factory=list)

    def hear(self, sound: NDArray[np.int16]) -> None:
        """Append sound as a microphone brings it: 20 ms at a time."""
        for at in range(0, sound.size, SPEECH_RATE // 50):
            self.line.append(sound[at : at + SPEECH_RATE // 50])

    async def words(self, ms: int = 1_000) -> str:
        """Say something, and return the words of it."""
        self.hear(speech(ms))
        return (await self.line.commit()).text

    async def failure(self, ms: int = 1_000) -> SpeechError:
        """Say something, and return the error that comes in place of its words."""
        try:
            text = await self.words(ms)
        except SpeechError as error:
            check_sentence(error)
            return error
        raise AssertionError(f"there were words: {text!r}")

    def committing(self, ms: int = 1_000) -> "asyncio.Task[Transcript]":
        """Say something, and begin to commit it."""
        self.hear(speech(ms))
        return asyncio.ensure_future(self.line.commit())

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something is true of the double or of the partial words."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.double.changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await self.double.changed.wait()

    async def connected(self, number: int = 1) -> HeardSession:
        """Wait for the session of the n-th connection to be set, and return it."""
        sessions = self.double.sessions
        await self.until(lambda: len(sessions) >= number and sessions[number - 1].session)
        return sessions[number - 1]


@asynccontextmanager
async def ear(
    double: OpenAIDouble,
    *,
    terms: Sequence[str] = (),
    language: str = "en",
    model: str = "gpt-live-transcribe",
    dialect: LiveDialect | None = None,
    **changes: float,
) -> AsyncIterator[Ear]:
    """An open line on the double."""
    transcriber = LiveTranscriber(KEY, double.base_url, model, dialect, times(**changes))
    partials: list[str] = []
    line = transcriber.open(terms=terms, language=language, on_partial=partials.append)
    try:
        yield Ear(line, transcriber, double.hearing, partials)
    finally:
        await transcriber.close()


def check_sentence(error: SpeechError) -> None:
    """Check what every error tells, and what none may."""
    assert str(error).endswith(".")
    assert KEY not in f"{error!r} {error.__cause__!r}"


def logged(entries: list[EventDict], event: str) -> list[EventDict]:
    """Return the entries of a log with an event."""
    return [entry for entry in entries if entry["event"] == event]


capture_logs = structlog.testing.capture_logs
