"""Transcripts that nobody waits for, made in a transcriber's spare time.

A transcriber around another one, for all sessions of a process. Captions of speech that is still
going on are worth having and never worth waiting for: `interim` gives up at once where it would
stand in somebody's way, is broken off when it begins to, and takes a bounded share of the time.
"""

import asyncio

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.speech import SpeechError, Transcriber, Transcript

SHARE = 0.2
"""Of a local transcriber's time, so much goes to glimpses at most: a job of 250 ms is followed by
a second without one. Whoever asks meanwhile waits for the rest of a job in one of ten cases."""

REST_S = 20.0
"""After a failure nothing is glimpsed for so long: a provider in trouble has better to do."""

log = structlog.get_logger()


class InterimTranscriber:
    """An `audio.speech.Transcriber` with `interim`. `workers` is how many pieces the transcriber
    works on at once, None if that does not matter (a service elsewhere). Of one event loop."""

    def __init__(self, transcriber: Transcriber, workers: int | None = None) -> None:
        self._transcriber = transcriber
        self._workers = workers
        self._asked = 0
        self._glimpsing: set[asyncio.Task[Transcript]] = set()
        self._rest_until = 0.0

    @property
    def model(self) -> str:
        """The transcriber's."""
        return self._transcriber.model

    async def warm_up(self) -> None:
        """Load the transcriber. Raises SpeechError."""
        await self._transcriber.warm_up()

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """As the transcriber's; glimpses that are in the way are broken off. Raises SpeechError."""
        self._asked += 1
        if self._workers is not None and self._asked + len(self._glimpsing) > self._workers:
            for task in self._glimpsing:
                task.cancel()
        try:
            return await self._transcriber.transcribe(audio, prompt=prompt, language=language)
        finally:
            self._asked -= 1

    async def interim(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript | None:
        """As `transcribe`, if there is time for it and as long as there is; None if not, or if it
        fails. Cancel it as soon as it is of no use: a worker is free then, while a request to a
        service runs to its end, unheard, because breaking it off would cost its connection, and the
        words that are waited for next another handshake."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._rest_until or not self._has_room():
            return None
        began = loop.time()
        task = loop.create_task(
            self._transcriber.transcribe(audio, prompt=prompt, language=language)
        )
        self._glimpsing.add(task)
        task.add_done_callback(self._over)
        try:
            await asyncio.wait([task])
            return task.result()
        except SpeechError as error:
            log.info("no live captions for a while", problem=str(error), rests_s=REST_S)
            self._rest_until = loop.time() + REST_S
            return None
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                if self._workers is not None:
                    task.cancel()
                raise
            return None  # it was in somebody's way
        finally:
            if self._workers is not None:
                took = loop.time() - began
                rest = took * (1 / SHARE - 1) / self._workers
                self._rest_until = max(self._rest_until, loop.time() + rest)

    async def close(self) -> None:
        """Close the transcriber."""
        for task in self._glimpsing:
            task.cancel()
        if self._glimpsing:
            await asyncio.wait(self._glimpsing)
        await self._transcriber.close()

    def _over(self, task: asyncio.Task[Transcript]) -> None:
        self._glimpsing.discard(task)
        if not task.cancelled():
            task.exception()  # seen, if anybody listens

    def _has_room(self) -> bool:
        return self._workers is None or self._asked + len(self._glimpsing) < self._workers
