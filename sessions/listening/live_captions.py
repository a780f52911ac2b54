"""Live captions: interim transcriptions while somebody speaks, for display alone.

Nobody waits for one, and none delays a transcript that somebody waits for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE, Transcript
from sessions.listening.local_agreement import CaptionText
from sessions.listening.utterance_transcript import UtteranceTranscript
from sessions.side_tasks import Spawn

INTERIM_EVERY_MS = 1_500.0
"""Length of further speech that is worth another interim transcription: four or five words, about
as often as subtitles change."""

INTERIM_RETRY_MS = 300.0
"""Length of further speech after which the next one is tried where there was no time for one."""


class Interim(Protocol):
    """Function that returns a transcript nobody waits for, or None.

    See `audio.interim_transcriber`.
    """

    def __call__(
        self, audio: NDArray[np.int16], *, prompt: str, language: str
    ) -> Awaitable[Transcript | None]:
        """Transcribe mono PCM16 at 16 kHz; cancel it as soon as it is of no use."""


class LiveCaptions:
    """Live captions of one session.

    `interim` is None where there are none, `spawn` starts a task that lives no longer than the
    session, `on_caption` takes (utterance, words so far), `utterance` returns the number of the
    present one.
    """

    def __init__(
        self,
        interim: Interim | None,
        language: str,
        spawn: Spawn,
        on_caption: Callable[[int, CaptionText], None],
        utterance: Callable[[], int],
    ) -> None:
        self._interim = interim
        self._language = language
        self._spawn = spawn
        self._on_caption = on_caption
        self.utterance = utterance
        self._task: asyncio.Task[None] | None = None
        self._next_from = 0  # the next one is for what is said beyond this

    @property
    def allowed(self) -> bool:
        """Whether words may be transcribed before they are requested."""
        return self._interim is not None

    def due(self, end: int) -> bool:
        """Return whether an interim transcription is worth it.

        It is when enough has been said since the last one, up to buffer position `end`, and none is
        under way.
        """
        return end > self._next_from and self._task is None and self._interim is not None

    def known_to(self, end: int, *, wait_ms: float = INTERIM_EVERY_MS) -> None:
        """Note that the words up to `end` are known: the next transcription is for more."""
        self._next_from = end + samples_of(wait_ms, SPEECH_RATE)

    def request(
        self,
        utterance: UtteranceTranscript,
        audio: NDArray[np.int16],
        prompt: str,
        end: int,
        is_current: Callable[[], bool],
    ) -> None:
        """Transcribe `audio`, which ends at `end`; its words are shown if `is_current` then."""
        if self._interim is not None:
            work = self._transcribe(self._interim, utterance, audio, prompt, end, is_current)
            self._task = self._spawn(work)

    def cancel(self) -> None:
        """Cancel the transcription under way: a better one is about to begin."""
        if self._task is not None:
            self._task.cancel()

    def show(self, utterance: UtteranceTranscript, words: str) -> None:
        """Show another hypothesis on the open segment."""
        utterance.agreement.add(words)
        caption = utterance.caption()
        if caption.text:
            self._on_caption(self.utterance(), caption)

    async def _transcribe(
        self,
        interim: Interim,
        utterance: UtteranceTranscript,
        audio: NDArray[np.int16],
        prompt: str,
        end: int,
        is_current: Callable[[], bool],
    ) -> None:
        wait_ms = INTERIM_RETRY_MS
        try:
            piece = await interim(audio, prompt=prompt, language=self._language)
            if piece is not None:
                wait_ms = INTERIM_EVERY_MS
                if is_current():
                    self.show(utterance, piece.text)
        finally:
            self._task = None
            self.known_to(end, wait_ms=wait_ms)
