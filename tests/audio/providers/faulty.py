"""Speech providers that fail in each way that the wire knows, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
from numpy.typing import NDArray

from audio.speech import (
    SPEECH_RATE,
    VOICE_RATE,
    SpeechBusy,
    SpeechError,
    SpeechRejected,
    SpeechUnavailable,
    SpokenFacts,
    Transcript,
    VoiceDeparted,
)
from tests.support.virtual_time import pass_ms

FAULTS = ("hang", "drip", "garbage", "cut", "401", "429", "500")
"""What a provider may do in place of an answer."""

RETRY_AFTER_S = 30.0

PIECE_MS = 100


def error_of(fault: str) -> SpeechError:
    """What an adapter raises for a fault that it notices."""
    match fault:
        case "401":
            return SpeechRejected("It refused the key (401).")
        case "429":
            return SpeechBusy("It is busy.", retryable=True, retry_after_s=RETRY_AFTER_S)
        case _:
            return SpeechUnavailable(f"It failed ({fault}).", retryable=True)


class Ears:
    """A transcriber that hears its own name, after `latency_ms`; `fault` may be set any time."""

    def __init__(self, model: str, fault: str = "", latency_ms: float = 400.0) -> None:
        self.model = model
        self.fault = fault
        self.latency_ms = latency_ms
        self.calls = 0
        self.warm = self.closed = False

    async def warm_up(self) -> None:
        if self.fault == "absent":
            raise SpeechRejected("There is no such model.")
        self.warm = True

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        self.calls += 1
        if self.fault in ("hang", "drip"):
            await asyncio.Event().wait()
        await pass_ms(self.latency_ms)
        if self.fault:
            raise error_of(self.fault)
        return Transcript(self.model, 0.9, audio.size * 1000 // SPEECH_RATE, 0.0, self.model)

    async def close(self) -> None:
        self.closed = True


class Voice:
    """A voice that says `pieces` of PIECE_MS of its own `level`, the first after `latency_ms`.

    A drip gives 1 ms of sound every 0.73 s; "cut" and "departed" end after `after` pieces.
    """

    def __init__(
        self,
        model: str,
        fault: str = "",
        *,
        level: int = 1_000,
        rate: int = VOICE_RATE,
        latency_ms: float = 200.0,
        pieces: int = 10,
        after: int = 3,
    ) -> None:
        self.model = model
        self.fault = fault
        self.level = level
        self.sample_rate = rate
        self.latency_ms = latency_ms
        self.pieces = pieces
        self.after = after
        self.said: list[str] = []
        self.open = 0

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.said.append(text)
        self.open += 1
        try:
            if self.fault == "hang":
                await asyncio.Event().wait()
            await pass_ms(self.latency_ms)
            if self.fault not in ("", "drip", "cut", "departed", "stall"):
                raise error_of(self.fault)
            ms = 1 if self.fault == "drip" else PIECE_MS
            piece = np.full(self.sample_rate * ms // 1000, self.level, "<i2").tobytes()
            for number in range(self.pieces):
                if number == self.after and self.fault == "stall":
                    await asyncio.Event().wait()
                if number == self.after and self.fault == "departed":
                    raise VoiceDeparted("It said something else.")
                if number == self.after and self.fault == "cut":
                    raise error_of(self.fault)
                if self.fault == "drip":
                    await pass_ms(730)
                yield piece
        finally:
            self.open -= 1

    async def close(self) -> None:
        """Nothing is to be freed."""
