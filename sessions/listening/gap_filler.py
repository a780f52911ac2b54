"""Watches that sound keeps coming while somebody speaks; where it does not, silence stands in for
it: by the clock, since there are no samples to count."""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE

GAP_MS = 320.0
"""Telephones may send nothing while they are quiet: no sound for so long is silence. Ordinary
jitter stays below 200 ms at the 99th percentile."""

STALL_MS = 2_000.0
"""From any other leg it is a connection that has broken down: nobody waits longer for the rest of
a word."""

FLOW_CHECK_MS = 80.0
"""How often it is looked whether sound still comes, while somebody speaks."""


class GapFiller:
    """One session's. `missing_ms` tells how long ago sound came last, `speaking` whether somebody
    is speaking, and `fill` takes the silence."""

    def __init__(
        self,
        missing_ms: Callable[[], float],
        speaking: Callable[[], bool],
        fill: Callable[[NDArray[np.int16]], None],
    ) -> None:
        self._missing_ms = missing_ms
        self._speaking = speaking
        self._fill = fill
        self._gap_ms = STALL_MS
        self._filling = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, *, telephone: bool) -> None:
        """A leg's sound begins."""
        self._gap_ms = GAP_MS if telephone else STALL_MS

    def end(self) -> None:
        """No more sound is waited for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def sounds(self) -> None:
        """Sound has come."""
        self._filling = False

    def watch(self) -> None:
        """Somebody speaks: look until they cease."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(FLOW_CHECK_MS / 1000, self._check)

    def _check(self) -> None:
        self._timer = None
        if not self._speaking():
            return
        self.watch()
        missing_ms = self._missing_ms()
        if missing_ms >= (FLOW_CHECK_MS / 2 if self._filling else self._gap_ms):
            self._filling = True
            self._fill(np.zeros(samples_of(missing_ms, SPEECH_RATE), dtype=np.int16))
