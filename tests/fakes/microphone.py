"""A microphone that sends a frame of 20 ms every 20 ms, as the page's does, silent or not."""

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE
from tests.support.virtual_time import now_ms

FRAME = SPEECH_RATE // 50

Hear = Callable[[NDArray[np.int16]], None]


class Microphone:
    """Frames go to `hear` from `open` until `close`. Behind the sound is a faint hiss, as in every
    room."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._waiting: deque[NDArray[np.int16]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0
        self._quiet = asyncio.Event()
        hiss = np.random.default_rng(11).normal(0, 6, FRAME * 50)
        self._hiss = hiss.astype(np.int16).reshape(50, FRAME)
        self._frames = 0
        self.spoke_ms: list[float] = []

    def open(self) -> None:
        """Begin to send."""
        self._next_s = asyncio.get_running_loop().time()
        self._tick()

    def close(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def start(self, sound: NDArray[np.int16]) -> None:
        """Speak, after what is being said already."""
        frames = -(-len(sound) // FRAME)
        padded = np.zeros(frames * FRAME, np.int16)
        padded[: len(sound)] = sound
        self.spoke_ms.append(now_ms())
        self._waiting.extend(padded.reshape(frames, FRAME))
        self._quiet.clear()

    async def say(self, sound: NDArray[np.int16]) -> None:
        """Speak, and return when all of it has been sent."""
        self.start(sound)
        await self._quiet.wait()

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._next_s += 0.02
        self._timer = loop.call_at(self._next_s, self._tick)
        frame = self._hiss[self._frames % 50]
        self._frames += 1
        if self._waiting:
            frame = frame + self._waiting.popleft()
        else:
            self._quiet.set()
        self._hear(frame)
