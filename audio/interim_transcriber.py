"""Interim transcripts: captions of speech that goes on, made in a transcriber's spare time.

A transcriber around another one, for all sessions of a process. Captions of speech that is still
going on are worth having and never worth waiting for: `interim` returns at once where it would
delay a transcript, is cancelled when it begins to, and takes a bounded share of the time.
"""

import asyncio
from collections.abc import Callable

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.speech import SpeechError, Transcriber, Transcript

MAX_TIME_SHARE = 0.2
"""Largest share of a local transcriber's time that goes to interim transcripts: a job of 250 ms is
followed by a second without one. A caller meanwhile waits for the rest of a job in one of ten
cases."""

BACKOFF_S = 20.0
"""Time after a failure without interim transcripts: a provider in trouble must not get extra
load."""

log = structlog.get_logger()


class InterimTranscriber:
    """Transcriber with interim transcripts: an `audio.speech.Transcriber` with `interim`.

    `workers` tells how many pieces the wrapped transcriber works on at once just now; None if that
    does not matter (a remote service). For use from one event loop.
    """

    def __init__(
        self, transcriber: Transcriber, workers: Callable[[], int | None] | int | None = None
    ) -> None:
        self._transcriber = transcriber
        self._workers_now = workers if callable(workers) else lambda: workers
        self._calls = 0
        self._interims: set[asyncio.Task[Transcript]] = set()
        self._paused_until = 0.0

    @property
    def _workers(self) -> int | None:
        return self._workers_now()

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
        """Transcribe as the wrapped transcriber does; interim transcripts in the way are cancelled.

        Raises SpeechError.
        """
        self._calls += 1
        if self._workers is not None and self._calls + len(self._interims) > self._workers:
            for task in self._interims:
                task.cancel()
        try:
            return await self._transcriber.transcribe(audio, prompt=prompt, language=language)
        finally:
            self._calls -= 1

    async def interim(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript | None:
        """Transcribe while there is time for it; return None if there is not, or if it fails.

        Cancel it as soon as it is of no use: a local worker is free then. A request to a remote
        service runs to its end and its result is dropped, because breaking it off would cost its
        connection, and the next transcript another handshake.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._paused_until or not self._has_room():
            return None
        began = loop.time()
        task = loop.create_task(
            self._transcriber.transcribe(audio, prompt=prompt, language=language)
        )
        self._interims.add(task)
        task.add_done_callback(self._on_done)
        try:
            await asyncio.wait([task])
            return task.result()
        except SpeechError as error:
            log.info("live captions paused", problem=str(error), pause_s=BACKOFF_S)
            self._paused_until = loop.time() + BACKOFF_S
            return None
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                if self._workers is not None:
                    task.cancel()
                raise
            return None  # cancelled by `transcribe`
        finally:
            if self._workers is not None:
                took = loop.time() - began
                pause = took * (1 / MAX_TIME_SHARE - 1) / self._workers
                self._paused_until = max(self._paused_until, loop.time() + pause)

    async def close(self) -> None:
        """Close the wrapped transcriber."""
        for task in self._interims:
            task.cancel()
        if self._interims:
            await asyncio.wait(self._interims)
        await self._transcriber.close()

    def _on_done(self, task: asyncio.Task[Transcript]) -> None:
        self._interims.discard(task)
        if not task.cancelled():
            task.exception()  # or asyncio warns that nobody retrieved it

    def _has_room(self) -> bool:
        return self._workers is None or self._calls + len(self._interims) < self._workers
