"""Looks at words while they are spoken: live captions, for the eyes alone.

Nobody waits for a look, and none stands in front of words that somebody waits for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE, Transcript
from sessions.listening.local_agreement import Caption
from sessions.listening.utterance_transcript import UtteranceTranscript

GLIMPSE_EVERY_MS = 1_500.0
"""So much more of uninterrupted speech is worth another look at its words: four or five words,
about as often as subtitles change."""

GLIMPSE_AGAIN_MS = 300.0
"""After this the next look is tried where there was no time for one."""


class Interim(Protocol):
    """As `audio.interim_transcriber` has it: a transcript that nobody waits for, or None."""

    def __call__(
        self, audio: NDArray[np.int16], *, prompt: str, language: str
    ) -> Awaitable[Transcript | None]:
        """Mono PCM16 at 16 kHz; cancel it as soon as it is of no use."""


class LiveCaptions:
    """One session's. `interim` is None where nobody is to look, `spawn` starts a task that lives no
    longer than the session, `caption` is told (utterance, words so far), `utterance` tells the
    number of the present one."""

    def __init__(
        self,
        interim: Interim | None,
        language: str,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None] | None],
        caption: Callable[[int, Caption], None],
        utterance: Callable[[], int],
    ) -> None:
        self._interim = interim
        self._language = language
        self._spawn = spawn
        self._caption = caption
        self._utterance = utterance
        self._looking: asyncio.Task[None] | None = None
        self._next_from = 0  # the next look is for what is said beyond this

    @property
    def allowed(self) -> bool:
        """Whether words may be asked for that nobody has asked for yet."""
        return self._interim is not None

    def due(self, end: int) -> bool:
        """Whether a look is worth it: enough has been said since the last one, up to tape position
        `end`, and none is being taken."""
        return end > self._next_from and self._looking is None and self._interim is not None

    def looked(self, end: int, *, wait_ms: float = GLIMPSE_EVERY_MS) -> None:
        """Up to `end` the words are known: the next look is for more."""
        self._next_from = end + samples_of(wait_ms, SPEECH_RATE)

    def look(
        self,
        at: UtteranceTranscript,
        audio: NDArray[np.int16],
        prompt: str,
        end: int,
        still: Callable[[], bool],
    ) -> None:
        """Look at the words of `audio`, which ends at `end`; they are shown if they are `still` of
        use."""
        if self._interim is not None:
            work = self._take(self._interim, at, audio, prompt, end, still)
            self._looking = self._spawn(work)

    def look_away(self) -> None:
        """What is being looked at is about to be known better."""
        if self._looking is not None:
            self._looking.cancel()

    def show(self, at: UtteranceTranscript, words: str) -> None:
        """Another hypothesis on the open segment."""
        at.agreement.take(words)
        caption = at.caption()
        if caption.text:
            self._caption(self._utterance(), caption)

    async def _take(
        self,
        interim: Interim,
        at: UtteranceTranscript,
        audio: NDArray[np.int16],
        prompt: str,
        end: int,
        still: Callable[[], bool],
    ) -> None:
        wait_ms = GLIMPSE_AGAIN_MS
        try:
            piece = await interim(audio, prompt=prompt, language=self._language)
            if piece is not None:
                wait_ms = GLIMPSE_EVERY_MS
                if still():
                    self.show(at, piece.text)
        finally:
            self._looking = None
            self.looked(end, wait_ms=wait_ms)


async def fail(error: Exception) -> None:
    """As work of the session, so that an error of the program ends it and nothing else."""
    raise error
