"""Delay search: at which delay, if any, what was sent comes back, block after block.

One block of speech correlates with other speech at some delay or other; only an echo does so at the
same delay in every block, with the same sign. So it is the mean of the correlations that counts.
"""

import numpy as np

from audio.echo.timeline import Floats

BLOCK = 512
"""Samples (at RATE) that are correlated at once: 64 ms."""

SEARCH = 7_680
"""Longest delay in samples: 960 ms, for an echo of 600 ms and a bridge that plays 300 ms late."""

QUIET = 6.0
"""Root mean square (of 32,768) below which there is nothing to compare: -75 dBFS."""

AUDIBLE = 60.0
"""The same for what was sent: speech, as opposed to the pause between two sentences."""

MEMORY = 0.9
"""Weight of a block at the next one: ten blocks, two thirds of a second of speech."""

LEAST_BLOCKS = 4.0
"""Blocks of speech (after forgetting) without which nothing is known: over 400 ms."""

FOUND = 0.42
"""Mean correlation from which on it is an echo."""


class DelaySearch:
    """Search of one line, at 8 kHz."""

    def __init__(self) -> None:
        self._sum = np.zeros(SEARCH, np.float32)
        self._weight = 0.0
        self.mean = 0.0

    def take(self, heard: Floats, sent: Floats) -> int | None:
        """Take a block, and what was sent in the SEARCH samples before its end and during it.

        Return the delay of an echo if there is one.
        """
        heard, sent = flatten(heard), flatten(sent)
        length = len(heard)
        energy = float(np.dot(heard, heard))
        squares = np.cumsum(np.concatenate([[0.0], sent.astype(np.float64) ** 2]))
        energies = squares[length:] - squares[:-length]
        if energy < BLOCK * QUIET**2 / 4 or energies.max() < BLOCK * AUDIBLE**2 / 4:
            return None
        floor = BLOCK * AUDIBLE**2 / 16
        size = 1 << (len(sent) - 1).bit_length()
        spectrum = np.fft.rfft(sent, size) * np.conj(np.fft.rfft(heard, size))
        products = np.fft.irfft(spectrum, size)[: len(energies)]
        correlation = products / np.sqrt(np.maximum(energies, floor) * energy)
        # the last of the searched pieces has the least delay
        self._sum = MEMORY * self._sum + correlation[::-1][:SEARCH].astype(np.float32)
        self._weight = MEMORY * self._weight + 1.0
        best = int(np.argmax(np.abs(self._sum)))
        self.mean = abs(float(self._sum[best])) / self._weight
        if self._weight < LEAST_BLOCKS or self.mean < FOUND:
            return None
        return best

    def reset(self) -> None:
        """Forget everything."""
        self._sum[:] = 0
        self._weight = 0.0


def flatten(samples: Floats) -> Floats:
    """Return speech with its low notes weakened: all of the band counts."""
    return samples[1:] - np.float32(0.9) * samples[:-1]
