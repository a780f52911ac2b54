"""Transcription: calls of the transcriber with a prompt, and with a time limit."""

import asyncio
from collections.abc import Callable

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.speech import SpeechError, Transcriber, Transcript

PROMPT_CHARS = 400
"""Length of the prompt: the terms to expect, and as much of the end of the text so far as there is
room for (Whisper's own limit is 224 tokens)."""

TIMEOUT_S = 7.0
"""Time after which a transcript is given up: a second before the turn machine does the same, so
that what is known of the answer is still reported."""

log = structlog.get_logger()


class Transcription:
    """Transcription for one session. `terms` returns words to expect."""

    def __init__(self, transcriber: Transcriber, language: str, terms: Callable[[], str]) -> None:
        self._transcriber = transcriber
        self._language = language
        self._terms = terms

    async def transcribe(self, audio: NDArray[np.int16], before: str) -> Transcript | None:
        """Return the words of mono PCM16 at 16 kHz that follow those `before`; None if it fails."""
        if not audio.size:  # all of it was transcribed before
            return Transcript("", None, 0, 0.0, self._transcriber.model)
        try:
            return await self._transcriber.transcribe(
                audio, prompt=self.prompt(before), language=self._language
            )
        except SpeechError as error:
            log.warning("transcription failed", problem=str(error), audio_ms=len(audio) / 16)
            return None

    async def transcribe_in_time(self, audio: NDArray[np.int16], before: str) -> Transcript | None:
        """Transcribe within TIMEOUT_S; None if it fails or takes longer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self.transcribe(audio, before)
        except TimeoutError:
            log.warning("transcription took too long", within_s=TIMEOUT_S)
            return None

    def prompt(self, text: str) -> str:
        """Return the prompt: what to expect after `text`."""
        terms = self._terms()
        room = PROMPT_CHARS - len(terms) - 1
        if len(text) > room:
            text = text[-room:].partition(" ")[2]
        return f"{terms} {text}".strip()
