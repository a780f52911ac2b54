"""Gap filler: silence in place of sound that stops arriving while somebody speaks.

Such gaps are measured by the clock, since there are no samples to count.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE

GAP_MS = 320.0
"""Time without sound that is silence on a telephone, which may send nothing while it is quiet.
Ordinary jitter stays below 200 ms at the 99th percentile."""

STALL_MS = 2_000.0
"""Time without sound after which any other leg's connection has broken down: nobody waits longer
for the rest of a word."""

CHECK_MS = 80.0
"""Period of the check whether sound still arrives, while somebody speaks."""


class GapFiller:
    """Gap filler of one session.

    `missing_ms` returns how long ago sound arrived last, `speaking` whether somebody is speaking,
    and `fill` takes the silence.
    """

    def __init__(
        self,
        missing_ms: Callable[[], float],
        speaking: Callable[[], bool],
        fill: Callable[[NDArray[np.int16]], None],
    ) -> None:
        self.missing_ms = missing_ms
        self._speaking = speaking
        self._fill = fill
        self._gap_ms = STALL_MS
        self._filling = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, *, telephone: bool) -> None:
        """Begin with a leg's sound."""
        self._gap_ms = GAP_MS if telephone else STALL_MS

    def end(self) -> None:
        """Stop checking: no more sound is expected."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_sound(self) -> None:
        """Note that sound has arrived."""
        self._filling = False

    def start(self) -> None:
        """Check until nobody speaks any more."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            due = loop.time() + CHECK_MS / 1000
            self._timer = loop.call_at(due, self._check, due)

    def _check(self, due: float) -> None:
        self._timer = None
        if not self._speaking():
            return
        self.start()
        late_ms = 1000 * (asyncio.get_running_loop().time() - due)
        if late_ms > CHECK_MS:  # this process stood still: the sound may be waiting to be read
            return
        missing_ms = self.missing_ms()
        if missing_ms >= (CHECK_MS / 2 if self._filling else self._gap_ms):
            self._filling = True
            self._fill(np.zeros(samples_of(missing_ms, SPEECH_RATE), dtype=np.int16))
