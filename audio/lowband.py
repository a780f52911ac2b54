"""Puts the lowest notes of a voice back that a telephone line has cut off.

A telephone passes 300 to 3,400 Hz: the fundamental of a voice (80 to 300 Hz) is missing, and the
voice model of `audio.silero`, which goes by it, misses half of the speech. Its harmonics did get
through, and lie one fundamental apart: rectified, they beat at that distance, so that what is below
300 Hz after half-wave rectification is the fundamental again. Figures are in docs/bridges.md.

Where the fundamental is there, a little more of it is added, which changes nothing for the model.
"""

import numpy as np
from numpy.typing import NDArray

from audio.pcm import FULL_SCALE

BAND_HZ = (80.0, 300.0)
"""Fundamentals of human voices; a line passes what is above."""

GAIN = 2.0
"""Of the restored band. From 1 to 3 the voice model judges alike; 4 is too much."""

TAPS_MS = 32.0
"""Length of the filter: its edges are then about 100 Hz wide, and what it adds is 16 ms late."""


class LowBand:
    """One stream at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._filter = _band_pass(rate)
        self._before = np.zeros(self._filter.size - 1, np.float32)

    def process(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """The same piece, shape (n,), with its low band restored. However the stream is cut, the
        result is the same."""
        if samples.size == 0:
            return samples
        rectified = np.concatenate([self._before, np.maximum(samples, 0).astype(np.float32)])
        self._before = rectified[rectified.size - self._before.size :]
        low = np.convolve(rectified, self._filter, mode="valid")
        return np.clip(np.rint(samples + low), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def _band_pass(rate: int) -> NDArray[np.float32]:
    """A windowed-sinc band pass (Hamming) over BAND_HZ, times GAIN; shape (odd,)."""
    half = round(TAPS_MS * rate / 2_000)
    moments = np.arange(-half, half + 1)
    low, high = (2 * hertz / rate for hertz in BAND_HZ)
    ideal = high * np.sinc(high * moments) - low * np.sinc(low * moments)
    taps: NDArray[np.float32] = (GAIN * ideal * np.hamming(moments.size)).astype(np.float32)
    return taps
