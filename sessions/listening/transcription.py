"""Transcription: calls of the transcriber with a prompt, and words that come late."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.pcm import ms_of
from audio.speech import SPEECH_RATE, SpeechError, Transcriber, Transcript
from sessions.listening.streamed_speech import StreamedPiece
from sessions.side_tasks import Spawn

PROMPT_CHARS = 400
"""Length of the prompt: the terms to expect, and as much of the end of the text so far as there is
room for (Whisper's own limit is 224 tokens)."""

WORDS_WITHIN_S = 7.0
"""Time after which words are waited for no longer: a second before the turn machine does the same
(`Rules.transcript_wait_ms`), so that what is known of the answer is still reported."""

LATE_S = 60.0
"""Time after which words are given up: what an answer lacks is asked for again until then, and
comes late. A provider that restarts is back in a quarter of a minute."""

LATE_AT_END_S = 8.0
"""Time for which the end of an interview waits for words that are overdue: more than a transcriber
takes at its worst, less than somebody stays on a page that says nothing."""

RETRY_S = 1.0
"""Pause before words are asked for again; twice as long each time."""

log = structlog.get_logger()


class Transcription:
    """Transcription for one session. `terms` returns words to expect."""

    def __init__(self, transcriber: Transcriber, language: str, terms: Callable[[], str]) -> None:
        self._transcriber = transcriber
        self._language = language
        self._terms = terms
        self._requests: set[WordsRequest] = set()

    async def transcribe(
        self,
        audio: NDArray[np.int16],
        before: str,
        pieces: Sequence[StreamedPiece] | None = None,
    ) -> Transcript | None:
        """Return the words of mono PCM16 at 16 kHz that follow those `before`; None if it fails.

        What was streamed of it are `pieces`; None: nothing.
        """
        try:
            if pieces is not None:
                return await self._ask_streamed(pieces, before)
            return await self._ask(audio, before)
        except SpeechError as error:
            _log_failure(error, audio)
            return None

    def request(
        self,
        audio: NDArray[np.int16],
        before: str,
        spawn: Spawn,
        on_late: Callable[[Transcript], None],
        pieces: Sequence[StreamedPiece] | None = None,
    ) -> "WordsRequest":
        """Ask for the words of mono PCM16 at 16 kHz that follow those `before`.

        What was streamed of it are `pieces`; None: nothing.
        """

        def ask() -> Awaitable[Transcript]:
            if pieces is None:
                return self._ask(audio, before)
            return self._ask_streamed(pieces, before)

        request = WordsRequest(ask, audio, spawn, on_late)
        self._requests.add(request)
        request.when_over(self._requests.discard)
        return request

    async def late_words(self, within_s: float = LATE_AT_END_S) -> None:
        """Wait until all words that are overdue are there or given up, `within_s` at most."""
        await asyncio.gather(
            *(request.over(within_s) for request in self._requests if request.overdue)
        )

    async def _ask_streamed(self, pieces: Sequence[StreamedPiece], before: str) -> Transcript:
        """Ask the transcriber for the words that the stream does not have."""
        found: list[Transcript] = []
        for piece in pieces:
            words = await piece.words()
            if words is None:
                text = " ".join((before, *(known.text for known in found)))
                words = await self._ask(piece.sound, text)
                piece.give(words)
            found.append(words)
        if not found:  # nothing was said since the last commit
            return Transcript("", None, 0, 0.0, self._transcriber.model)
        took_s = asyncio.get_running_loop().time() - pieces[-1].committed_s
        return joined(found, took_s * 1000)

    async def _ask(self, audio: NDArray[np.int16], before: str) -> Transcript:
        if not audio.size:  # all of it was transcribed before
            return Transcript("", None, 0, 0.0, self._transcriber.model)
        return await self._transcriber.transcribe(
            audio, prompt=self.prompt(before), language=self._language
        )

    def prompt(self, text: str) -> str:
        """Return the prompt: what to expect after `text`."""
        terms = self._terms()
        room = PROMPT_CHARS - len(terms) - 1
        if len(text) > room:
            text = text[-room:].partition(" ")[2]
        return f"{terms} {text}".strip()


def joined(parts: Sequence[Transcript], compute_ms: float) -> Transcript:
    """Return one transcript of several that follow one another, named after the longest."""
    longest = max(parts, key=lambda part: part.audio_ms)
    known = [(part.confidence, max(1, part.audio_ms)) for part in parts if part.text]
    rated = [(value * weight, weight) for value, weight in known if value is not None]
    confidence = None
    if rated and len(rated) == len(known):
        confidence = sum(value for value, _ in rated) / sum(weight for _, weight in rated)
    return replace(
        longest,
        text=" ".join(part.text for part in parts if part.text),
        confidence=confidence,
        own_confidence=confidence is not None and any(part.own_confidence for part in parts),
        audio_ms=sum(part.audio_ms for part in parts),
        compute_ms=compute_ms,
    )


class WordsRequest:
    """Request for the words of a piece of sound, which goes on when nobody waits for it any more.

    What fails is asked for again, for LATE_S in all. `on_late` takes words that come after the
    first failure, or after the wait for them.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Transcript]],
        audio: NDArray[np.int16],
        spawn: Spawn,
        on_late: Callable[[Transcript], None],
    ) -> None:
        self._ask, self._audio, self._on_late = ask, audio, on_late
        self._first: asyncio.Future[Transcript | None] = asyncio.get_running_loop().create_future()
        self.overdue = False
        self._hastened = asyncio.Event()
        self._task = spawn(self._run())
        if self._task is None:  # the session is over
            self._first.set_result(None)

    async def words(self, within_s: float) -> Transcript | None:
        """Return the words; None if they fail at first, or take longer than `within_s`."""
        await asyncio.wait([self._first], timeout=max(0.0, within_s))
        if self._first.done():
            self.overdue = self._first.result() is None
            return self._first.result()
        self.overdue = True
        log.warning("transcription takes too long", audio_ms=_ms(self._audio))
        return None

    async def over(self, within_s: float) -> None:
        """Wait until they are there or given up, `within_s` at most.

        Where they fail meanwhile they are asked for again after RETRY_S.
        """
        self._hastened.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=within_s)

    def when_over(self, callback: "Callable[[WordsRequest], None]") -> None:
        """Call back when they are there or given up."""
        if self._task is None:
            callback(self)
        else:
            self._task.add_done_callback(lambda _: callback(self))

    def cancel(self) -> None:
        """Give the words up."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(LATE_S):
                await self._ask_until_there()
        except TimeoutError:
            log.warning("words are given up", within_s=LATE_S, audio_ms=_ms(self._audio))
        finally:
            self._settle(None)

    async def _ask_until_there(self) -> None:
        pause_s = RETRY_S
        while True:
            try:
                piece = await self._ask()
            except SpeechError as error:
                _log_failure(error, self._audio)
                self._settle(None)
                if not error.retryable:
                    return
                await self._pause(max(pause_s, error.retry_after_s or 0.0))
                pause_s *= 2
            else:
                if self.overdue or self._first.done():
                    self._on_late(piece)
                self._settle(piece)
                return

    async def _pause(self, seconds: float) -> None:
        if self._hastened.is_set():
            await asyncio.sleep(RETRY_S)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hastened.wait(), seconds)

    def _settle(self, piece: Transcript | None) -> None:
        if not self._first.done():
            self._first.set_result(piece)


def _log_failure(error: SpeechError, audio: NDArray[np.int16]) -> None:
    log.warning("transcription failed", problem=str(error), audio_ms=_ms(audio))


def _ms(audio: NDArray[np.int16]) -> float:
    return ms_of(audio.size, SPEECH_RATE)
