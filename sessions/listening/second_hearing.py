"""Second hearing: a local transcriber hears short answers beside a provider that rates nothing.

Nobody waits for it: it begins with the provider's own work, and what it has not heard when the
provider is done is not evidence. See `sessions.listening.own_confidence`.
"""

import asyncio
from contextvars import copy_context
from dataclasses import replace

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.metering import METER
from audio.pcm import ms_of
from audio.speech import SPEECH_RATE, SpeechError, Transcriber, Transcript
from sessions.listening.own_confidence import SECOND_HEARING_MS, Evidence, own_confidence

AT_ONCE = 2
"""Second hearings under way at once, of all sessions: half a second of one core each. What comes
beyond is not heard twice."""


log = structlog.get_logger()


class SecondHearing:
    """Second hearing for all sessions of a process; without a transcriber nothing is heard."""

    def __init__(self, transcriber: Transcriber | None = None) -> None:
        self._transcriber = transcriber
        self._running: set[asyncio.Task[str | None]] = set()

    def begin(self, audio: NDArray[np.int16], language: str) -> "asyncio.Task[str | None] | None":
        """Begin to hear mono PCM16 at `SPEECH_RATE`; None where it is not heard a second time."""
        long = ms_of(audio.size, SPEECH_RATE) > SECOND_HEARING_MS
        if self._transcriber is None or long or len(self._running) >= AT_ONCE:
            return None
        if self._transcriber.model.endswith(".en") and not language.startswith("en"):
            return None
        context = copy_context()
        context.run(METER.set, None)  # it is no part of what the session is charged for
        task = asyncio.create_task(_words(self._transcriber, audio, language), context=context)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Hear no more, and free the transcriber."""
        for task in self._running:
            task.cancel()
        if self._transcriber is not None:
            await self._transcriber.close()


class RatedTranscriber:
    """Transcriber whose words have a confidence also where the wrapped one gives none."""

    def __init__(self, transcriber: Transcriber, second: SecondHearing) -> None:
        self._transcriber = transcriber
        self._second = second

    @property
    def model(self) -> str:
        """Name of the wrapped transcriber's model."""
        return self._transcriber.model

    async def warm_up(self) -> None:
        """Load the wrapped transcriber. Raises SpeechError."""
        await self._transcriber.warm_up()

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """Transcribe as the wrapped transcriber does. Raises SpeechError."""
        second = self._second.begin(audio, language)
        words = await self._transcriber.transcribe(audio, prompt=prompt, language=language)
        return rated(words, ms_of(audio.size, SPEECH_RATE), None, second)

    async def close(self) -> None:
        """Close the wrapped transcriber, and the second one."""
        await self._second.close()
        await self._transcriber.close()


def rated(
    words: Transcript,
    speech_ms: float,
    partial: str | None,
    second: "asyncio.Task[str | None] | None",
) -> Transcript:
    """Return a transcript with a confidence of our own if it has none and there is evidence."""
    if second is not None and not second.done():
        second.cancel()
    if words.confidence is not None:
        return words
    heard = second.result() if second is not None and second.done() else None
    own = own_confidence(words.text, Evidence(speech_ms, partial, heard))
    return words if own is None else replace(words, confidence=own, own_confidence=True)


async def _words(transcriber: Transcriber, audio: NDArray[np.int16], language: str) -> str | None:
    """Return what is heard; None if it fails."""
    try:
        return (await transcriber.transcribe(audio, language=language)).text
    except SpeechError:  # it is busy, perhaps with somebody's only hearing
        return None
    except Exception:  # of the program: nobody else would see it
        log.exception("second hearing failed")
        return None
