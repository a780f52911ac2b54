"""Voices for the OpenAI double that speak badly: what a provider's speech may do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from audio.speech import SpokenFacts


class SpokenPieces:
    """A synthesizer (24 kHz) that says the given pieces whatever the text is: after each it waits
    `pause_s`, and then, if `hangs`, until it is closed."""

    model = "spoken pieces"
    sample_rate = 24_000

    def __init__(self, *pieces: bytes, pause_s: float = 0.0, hangs: bool = False) -> None:
        self.pieces = pieces
        self.pause_s = pause_s
        self.hangs = hangs
        self.closed = asyncio.Event()

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The pieces."""
        for piece in self.pieces:
            yield piece
            with suppress(TimeoutError):
                async with asyncio.timeout(self.pause_s):
                    await self.closed.wait()
        if self.hangs:
            await self.closed.wait()

    async def close(self) -> None:
        """Let a speech that hangs end."""
        self.closed.set()
