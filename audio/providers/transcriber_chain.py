"""Transcriber chain: transcribers that stand behind one another."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audio.providers.chain import Chain
from audio.providers.late_hosts import LateHosts
from audio.speech import SpeechError, Transcriber, Transcript

HEARING_BUDGET_S = 2.2
"""Time that all but the last may take together: a little more than 99 % of calls of the file
endpoint (2.01 s, reported), so that local Whisper and the reply follow within 6 s of the answer."""


class TranscriberChain:
    """Transcriber over a chain of them: an `audio.speech.Transcriber`.

    `links` are pairs of a host and its transcriber, the first asked first. One that fails or is
    late is replaced by the next within the same call.
    """

    def __init__(
        self,
        links: Sequence[tuple[str, Transcriber]],
        *,
        clock: Callable[[], float] = time.monotonic,
        budget_s: float = HEARING_BUDGET_S,
        late: LateHosts | None = None,
    ) -> None:
        self.chain = Chain("transcriber", links, clock=clock, budget_s=budget_s, late=late)

    @property
    def model(self) -> str:
        """Name of the first model; a Transcript says who has heard it."""
        return self.chain.links[0].provider.model

    async def warm_up(self) -> None:
        """Load the first, the others in the background. Raises SpeechError for the first."""
        await self.chain.warm_up()

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """Transcribe mono PCM16 at `SPEECH_RATE`, shape (samples,). Raises SpeechError."""
        problem: SpeechError | None = None
        for turn in self.chain.turns():
            host, transcriber = turn.link.host, turn.link.provider
            try:
                transcript = await turn.in_time(
                    transcriber.transcribe(audio, prompt=prompt, language=language)
                )
            except SpeechError as error:
                turn.failed(error)
                problem = _worse(problem, error)
            else:
                turn.succeeded()
                return transcript if transcript.provider else replace(transcript, provider=host)
            finally:
                turn.attempt.let_go()
        raise problem or self.chain.nobody()

    async def close(self) -> None:
        """Close all."""
        await self.chain.close()


def _worse(before: SpeechError | None, now: SpeechError) -> SpeechError:
    """Return the error to raise of two: one after which asking again may help, if there is one."""
    return now if before is None or not before.retryable else before
