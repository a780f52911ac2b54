"""Metered speech work in virtual time: done once for real, its computing time measured, and slept.

The work blocks the virtual loop, so that nothing else of the process runs meanwhile. What counts as
its length is the smaller of wall time and the process's CPU time: on an idle machine that is the
wall time (two threads of Whisper burn more CPU than wall), and on a busy one, where wall time
grows with the neighbours, it is never more than the work would take on one core alone.

Results are kept by what went in, with the length of the first run, so that a sweep over rules does
not transcribe the same sound again, and compares rules under the same computing times.
"""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audio.speech import SpokenFacts, Synthesizer, Transcriber, Transcript

T = TypeVar("T")


class Aside:
    """An ordinary event loop in a thread of its own, for calls that wait on threads or sockets."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="aside", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> tuple[T, float]:
        """Block until the call is done. Returns its result, and its measured seconds."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = asyncio.run_coroutine_threadsafe(work, self._loop).result()
        return result, min(time.perf_counter() - wall, time.process_time() - cpu)

    def close(self) -> None:
        """Stop the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class _Piece:
    pcm: bytes
    seconds: float


class Workshop:
    """The real transcriber and voice, and everything they have made. One for all sessions.

    `cache` is a file that keeps transcripts from one run to the next. Use it as a context.
    """

    def __init__(
        self, transcriber: Transcriber, synthesizer: Synthesizer, cache: Path | None = None
    ) -> None:
        self.transcriber = transcriber
        self.synthesizer = synthesizer
        self._aside = Aside()
        self._transcripts: dict[str, Transcript] = {}
        self._voiced: dict[tuple[str, float], list[_Piece]] = {}
        self._cache = cache
        self.transcribed_s = 0.0
        if cache is not None and cache.is_file():
            for line in cache.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                key = entry.pop("key")
                self._transcripts[key] = Transcript(**entry)

    def __enter__(self) -> "Workshop":
        self._aside.call(self.transcriber.warm_up())
        self._aside.call(self.synthesizer.warm_up())
        return self

    def __exit__(self, *_: object) -> None:
        self._aside.call(self.transcriber.close())
        self._aside.call(self.synthesizer.close())
        self._aside.close()

    def transcript(self, audio: NDArray[np.int16], prompt: str, language: str) -> Transcript:
        """Return the words, with the measured `compute_ms`. Raises SpeechError."""
        mark = hashlib.sha256(audio.astype("<i2", copy=False).tobytes())
        mark.update(f"\0{self.transcriber.model}\0{language}\0{prompt}".encode())
        key = mark.hexdigest()
        if key not in self._transcripts:
            transcript, seconds = self._aside.call(
                self.transcriber.transcribe(audio, prompt=prompt, language=language)
            )
            self.transcribed_s += seconds
            self._transcripts[key] = replace(transcript, compute_ms=seconds * 1000)
            self._keep(key)
        return self._transcripts[key]

    def voiced(self, text: str, speed: float = 1.0) -> list[_Piece]:
        """Return the pieces of a sentence's sound, each with the seconds it took.

        Raises SpeechError.
        """
        if (text, speed) not in self._voiced:
            self._voiced[text, speed] = self._voice(text, speed)
        return self._voiced[text, speed]

    def _voice(self, text: str, speed: float) -> list[_Piece]:
        pieces: list[_Piece] = []
        spoken = aiter(self.synthesizer.speak(text, speed=speed))
        while True:
            pcm, seconds = self._aside.call(_next(spoken))
            if pcm is None:
                return pieces
            pieces.append(_Piece(pcm, seconds))

    def _keep(self, key: str) -> None:
        if self._cache is not None:
            with self._cache.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, **asdict(self._transcripts[key])}) + "\n")


async def _next(pieces: Any) -> bytes | None:
    return await anext(pieces, None)


class MeteredTranscriber:
    """Transcriber of a session: one worker, whose jobs take their measured time."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._worker = asyncio.Lock()

    @property
    def model(self) -> str:
        """The real one's name."""
        return self._workshop.transcriber.model

    async def warm_up(self) -> None:
        """Do nothing: the workshop has."""

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """See `Transcriber`."""
        audio = audio.copy()
        await self._worker.acquire()
        try:
            transcript = self._workshop.transcript(audio, prompt, language)
        except BaseException:
            self._worker.release()
            raise
        # A job that nobody awaits any more keeps its worker busy all the same.
        seconds = transcript.compute_ms / 1000
        asyncio.get_running_loop().call_later(seconds, self._worker.release)
        await asyncio.sleep(seconds)
        return transcript

    async def close(self) -> None:
        """Do nothing: the workshop does."""


class MeteredSynthesizer:
    """Synthesizer of a session: its pieces come after their measured time."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    @property
    def model(self) -> str:
        """The real one's name."""
        return self._workshop.synthesizer.model

    @property
    def sample_rate(self) -> int:
        """The real one's rate, in Hz."""
        return self._workshop.synthesizer.sample_rate

    async def warm_up(self) -> None:
        """Do nothing: the workshop has."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See `Synthesizer`."""
        for piece in self._workshop.voiced(text, speed):
            await asyncio.sleep(piece.seconds)
            yield piece.pcm

    async def close(self) -> None:
        """Do nothing: the workshop does."""
