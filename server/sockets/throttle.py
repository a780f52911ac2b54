"""Throttle: pauses in the reading from a peer that sends more than can be spoken."""

import asyncio
from collections.abc import Awaitable, Callable

from server.sockets.audio_budget import CLOSE_ABOVE, MIN_FRAME_S, AudioBudget, BudgetVerdict

PAUSE_S = 0.05
"""Shortest pause: shorter ones are inexact, so they add up first."""


class Throttle:
    """Counts what one peer sends, and makes its reader wait."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Start counting. `clock` is in seconds, and so is what `sleep` waits for."""
        self._clock = clock
        self._sleep = sleep
        now_s = clock()
        self._audio = AudioBudget(now_s)
        self._messages = AudioBudget(now_s)
        self._owed_s = 0.0

    async def take_audio(self, audio_s: float) -> bool:
        """Count `audio_s` seconds of sound, waiting if they came too fast.

        Returns False for a peer that is not to be kept.
        """
        verdict = self._audio.take(audio_s, self._clock())
        if verdict is BudgetVerdict.WAIT:
            # Read on at the rate that is too much, or it could never be told from a backlog.
            await self._pause(max(audio_s, MIN_FRAME_S) / CLOSE_ABOVE)
        return verdict is not BudgetVerdict.CLOSE

    async def take_message(self) -> None:
        """Count a message without sound, as a tiny frame: more than 200 a second have to wait."""
        if self._messages.take(0.0, self._clock()) is not BudgetVerdict.FINE:
            await self._pause(MIN_FRAME_S)

    async def _pause(self, seconds: float) -> None:
        self._owed_s += seconds
        if self._owed_s >= PAUSE_S:
            owed, self._owed_s = self._owed_s, 0.0
            await self._sleep(owed)
