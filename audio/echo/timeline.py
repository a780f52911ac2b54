"""Timelines: sound at positions that a clock gives, of which the newest seconds are kept."""

import numpy as np
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE

Floats = NDArray[np.float32]

LATE_MS = 60.0
"""Lateness from which on, if no piece comes earlier any more, sound has been lost or was not sent:
two packets more than ordinary jitter."""

EARLY_MS = 20.0
"""How far sound may run ahead of the clock: one packet that was waited for."""

PATIENCE = 25
"""Pieces in a row that must be late: half a second, longer than a burst after a stall."""


class Timeline:
    """Sound at `rate` by position (samples since 0 ms); silence where there was none."""

    def __init__(self, rate: int, kept_ms: float, ahead_ms: float) -> None:
        self._kept = samples_of(kept_ms + ahead_ms, rate)
        self._samples = np.zeros(2 * self._kept, np.float32)
        self._begin = 0  # position of the first sample

    def put(self, position: int, samples: Floats) -> None:
        """Write samples at a position, over what may stand there."""
        end = position + len(samples)
        if end > self._begin + len(self._samples):
            self._forget(end - self._kept)
        at = max(position, self._begin)
        self._samples[at - self._begin : max(end, at) - self._begin] = samples[at - position :]

    def get(self, begin: int, end: int) -> Floats:
        """Return the samples from `begin` to `end`, zero where nothing is kept."""
        first, last = begin - self._begin, end - self._begin
        piece = self._samples[max(0, first) : max(0, last)]
        before, length = max(0, min(-first, end - begin)), end - begin
        if len(piece) == length:
            return piece
        return np.pad(piece, (before, length - before - len(piece)))

    def clear_from(self, position: int) -> None:
        """Silence everything from a position on."""
        self._samples[max(0, position - self._begin) :] = 0

    def _forget(self, begin: int) -> None:
        moved = begin - self._begin
        if moved < len(self._samples):
            self._samples[:-moved] = self._samples[moved:].copy()
        self._samples[max(0, len(self._samples) - moved) :] = 0
        self._begin = begin


class Arrivals:
    """Positions of sound that arrives in pieces: counted, and held to the clock where they part."""

    def __init__(self) -> None:
        self._end: int | None = None
        self._late = 0
        self._least = 0

    def place(self, length: int, now_ms: float) -> int:
        """Return the position of a piece that has just come."""
        now = samples_of(now_ms, SPEECH_RATE)
        if self._end is None:
            self._end = now - length
        lateness = now - (self._end + length)
        if lateness < -samples_of(EARLY_MS, SPEECH_RATE):
            self._end += lateness
            self._late = 0
        elif lateness > samples_of(LATE_MS, SPEECH_RATE):
            self._least = lateness if self._late == 0 else min(self._least, lateness)
            self._late += 1
            if self._late >= PATIENCE:
                self._end += self._least
                self._late = 0
        else:
            self._late = 0
        self._end += length
        return self._end - length
