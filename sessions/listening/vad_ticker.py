"""One ear for all sessions: the ticker that runs voice activity detection as a single batch.

No executor, task or timer a session: every tick judges whatever sound has come in meanwhile.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.vad import VadBank, VadStream

TICK_MS = 8.0
"""A quarter of a VAD window (32 ms): a finished window waits 4 ms on average before it is judged.
A tick on which none is finished costs 2 us, and with 40 sessions a batch still holds ten."""

WATCH_S = 1.0
"""How often it is looked whether sound comes at all."""

Listener = Callable[[NDArray[np.float32]], None]


class VadTicker:
    """Runs the bank while anybody listens. Use it from one event loop."""

    def __init__(self, bank: VadBank | None = None, *, tick_ms: float = TICK_MS) -> None:
        self._bank = VadBank() if bank is None else bank  # an empty bank is falsy
        self._tick_s = tick_ms / 1000
        self._listeners: dict[VadStream, Listener] = {}
        self._watches: dict[VadStream, Callable[[], None]] = {}
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None

    def warm_up(self) -> None:
        """Load the voice model (blocking, about 0.2 s). Raises VoiceModelError."""
        self._bank.warm_up()

    def open(self, listener: Listener, watch: Callable[[], None] | None = None) -> VadStream:
        """A stream to feed; `listener` is called with the probabilities of its new windows, `watch`
        about once a second, sound or none."""
        stream = self._bank.open()
        self._listeners[stream] = listener
        if watch is not None:
            self._watches[stream] = watch
        if self._timer is None:
            self._arm()
        return stream

    def close(self, stream: VadStream) -> None:
        """Stop listening to a stream. Closing twice is harmless."""
        self._listeners.pop(stream, None)
        self._watches.pop(stream, None)
        self._bank.close(stream)
        if not self._listeners and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)

    def _tick(self) -> None:
        self._arm()
        for stream, probabilities in self._bank.run():
            listener = self._listeners.get(stream)
            if listener is not None:
                listener(probabilities)
        self._ticks += 1
        if self._ticks * self._tick_s >= WATCH_S:
            self._ticks = 0
            for watch in tuple(self._watches.values()):
                watch()
