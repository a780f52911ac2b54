"""VAD ticker: voice activity detection of all sessions as a single batch.

No executor, task or timer a session: every tick judges whatever sound has arrived meanwhile.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.vad import VadBank, VadStream
from sessions.side_tasks import Spawn

TICK_MS = 8.0
"""Period of the ticks, a quarter of a VAD window (32 ms): a finished window waits 4 ms on average
before it is judged. A tick on which none is finished costs 2 us, and with 40 sessions a batch still
holds ten."""

EVERY_S = 1.0
"""Period of the check whether sound arrives at all."""

OnProbabilities = Callable[[NDArray[np.float32]], None]


class VadTicker:
    """Timer that runs the bank while any stream is open. Use it from one event loop."""

    def __init__(self, bank: VadBank | None = None, *, tick_ms: float = TICK_MS) -> None:
        self._bank = VadBank() if bank is None else bank  # an empty bank is falsy
        self._tick_s = tick_ms / 1000
        self._callbacks: dict[VadStream, OnProbabilities] = {}
        self._every_second: dict[VadStream, Callable[[], None]] = {}
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None

    def warm_up(self) -> None:
        """Load the voice model (blocking, about 0.2 s). Raises VoiceModelError."""
        self._bank.warm_up()

    def open(
        self, on_probabilities: OnProbabilities, every_second: Callable[[], None] | None = None
    ) -> VadStream:
        """Open a stream to feed.

        `on_probabilities` is called with the probabilities of its new windows, `every_second` about
        once a second, sound or none.
        """
        stream = self._bank.open()
        self._callbacks[stream] = on_probabilities
        if every_second is not None:
            self._every_second[stream] = every_second
        if self._timer is None:
            self._arm()
        return stream

    def close(self, stream: VadStream) -> None:
        """Close a stream. Closing twice is harmless."""
        self._callbacks.pop(stream, None)
        self._every_second.pop(stream, None)
        self._bank.close(stream)
        if not self._callbacks and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)

    def _tick(self) -> None:
        self._arm()
        for stream, probabilities in self._bank.run():
            on_probabilities = self._callbacks.get(stream)
            if on_probabilities is not None:
                on_probabilities(probabilities)
        self._ticks += 1
        if self._ticks * self._tick_s >= EVERY_S:
            self._ticks = 0
            for every_second in tuple(self._every_second.values()):
                every_second()


def failing_alone(
    process: Callable[[NDArray[np.float32]], None],
    spawn: Spawn,
) -> Callable[[NDArray[np.float32]], None]:
    """Return `process` such that a bug in it ends this session, not the ticker of all of them."""

    def guarded(probabilities: NDArray[np.float32]) -> None:
        try:
            process(probabilities)
        except Exception as error:
            spawn(raise_in_session(error))

    return guarded


async def raise_in_session(error: Exception) -> None:
    """Raise `error` in a task of the session, so that a bug ends this session and nothing else."""
    raise error
