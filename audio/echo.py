"""Echo suppressor: silences what comes back of our own voice on a telephone line.

A hybrid or a loudspeaker returns what was sent, 60 to 600 ms later, 10 to 40 dB weaker. A block of
what arrives is taken for that if its waveform is found in what was sent, or if it is no louder than
the echo that is known by now would be. Somebody who speaks over the echo is louder than it, and
passes as a whole. Pure: times come from the caller.
"""

import numpy as np
from numpy.typing import NDArray

from audio.speech import VOICE_RATE

RATE = 8_000
"""Samples a second that are compared: a telephone has no more."""

BLOCK = 160
"""Samples that are judged at once: 20 ms, a packet of a telephone line."""

WINDOW = 1_280
"""Samples that a block is judged with: itself, and what came before it (160 ms)."""

SEARCH = 7_200
"""Longest delay in samples: 900 ms, for an echo of 600 ms, and a bridge that plays 300 ms late."""

KEPT = 8 * SEARCH
"""Samples of what was sent that are kept: 7 s, the delay and what is sent ahead of playback."""

DRIFT = 320
"""How far the delay of a known echo may have moved, either way: 40 ms, by another run or packet."""

FOUND = 0.6
"""Correlation from which on a window is an echo, at whatever delay. Voices of other people reach
0.4 at the best of 7,200 delays; band-limited echoes 0.7 to 0.9."""

FOUND_AGAIN = 0.4
"""The same, at the delay of a known echo: over so few delays other voices reach 0.25."""

LOUDER = 4.0
"""Power, in times an echo's, from which on a block is more than the echo: 6 dB, for blocks in which
it happens to be strong."""

TAIL_BLOCKS = 6
"""Blocks after an echo's last that was found which are still taken for it, if they are no louder:
rooms ring on."""

QUIET = 8.0
"""Root mean square (of 32,768) below which there is nothing to compare: -72 dBFS, the noise of a
quiet line. No voice detector hears it."""

VOICE = 40.0
"""The same for a voice: -58 dBFS. Callers' are at -40 dBFS and above."""

AUDIBLE = 60.0
"""The same for what was sent: speech, as opposed to the pause between two sentences."""

SEARCH_EVERY = 2
"""Blocks after which all delays are searched again while none is known: it is the dear part."""

VOICE_BLOCKS, VOICE_PASSES_BLOCKS = 5, 10
"""Blocks in a row that are louder than the echo, and so a voice; and how many blocks pass whole
from then on, so that no hole is cut into its words where it is weak."""

_TAPS = 31
_FILTER = (
    np.sinc((np.arange(_TAPS) - _TAPS // 2) * 6_600 / VOICE_RATE) * np.hanning(_TAPS)
).astype(np.float32)
_FILTER /= _FILTER.sum()
"""Low-pass to 3.3 kHz of what was sent, ahead of taking every third sample."""


class EchoSuppressor:
    """Suppressor of one line."""

    def __init__(self) -> None:
        self._sent = np.zeros(0, np.float32)  # at RATE; its last sample is played at `_sent_to`
        self._sent_to = 0
        self._carry = np.zeros(0, np.int16)
        self._last = np.zeros(_TAPS - 1, np.float32)
        self._heard = np.zeros(WINDOW, np.float32)
        self._heard_to: int | None = None
        self._delay: int | None = None
        self._gain = 0.0
        self._tail = 0
        self._unsearched = 0
        self._voiced = 0
        self._passing = 0

    @property
    def known(self) -> bool:
        """Whether the line is known to echo."""
        return self._delay is not None

    # --- what is sent ----------------------------------------------------------------------------

    def sent(self, pcm: bytes, now_ms: float) -> None:
        """Take in sound (PCM16 at VOICE_RATE), played behind what was sent before, or now."""
        samples = np.concatenate([self._carry, np.frombuffer(pcm, "<i2")])
        whole = len(samples) - len(samples) % 3
        samples, self._carry = samples[:whole], samples[whole:]
        if not whole:
            return
        padded = np.concatenate([self._last, samples.astype(np.float32)])
        self._last = padded[len(padded) - (_TAPS - 1) :]
        low = np.convolve(padded, _FILTER, "valid")[::3]
        gap = _sample(now_ms) - self._sent_to
        if gap > 0:
            self._put(np.zeros(min(gap, 2 * SEARCH), np.float32))
            self._sent_to = _sample(now_ms)
        self._put(low.astype(np.float32))
        self._sent_to += len(low)

    def _put(self, samples: NDArray[np.float32]) -> None:
        self._sent = np.concatenate([self._sent, samples])[-KEPT:]

    def silenced(self, now_ms: float) -> None:
        """Take in that what was not played by now never will be."""
        ahead = self._sent_to - _sample(now_ms)
        if ahead > 0:
            self._sent = self._sent[: max(0, len(self._sent) - ahead)]
            self._sent_to -= ahead
        self._carry = self._carry[:0]

    # --- what is heard ---------------------------------------------------------------------------

    def pass_on(self, samples: NDArray[np.int16], now_ms: float) -> NDArray[np.int16]:
        """Return sound that has arrived by now (SPEECH_RATE), with echoes of ours silenced."""
        length = len(samples) // 2
        begin = _sample(now_ms) - length
        if self._heard_to is None or abs(self._heard_to - begin) > RATE // 10:
            self._heard_to = begin
        if not self._may_echo(self._heard_to, length):
            self._heard = np.zeros(WINDOW, np.float32)
            self._heard_to += length
            self._tail = 0
            return samples
        passed = samples.copy()
        half = samples[: 2 * length].astype(np.float32).reshape(-1, 2).mean(axis=1)
        for at in range(0, length, BLOCK):
            block = half[at : at + BLOCK]
            self._heard = np.concatenate([self._heard[len(block) :], block])
            self._heard_to += len(block)
            if self._is_echo(len(block)) and not self._passing:
                passed[2 * at : 2 * (at + len(block))] = 0
        return passed

    def _may_echo(self, begin: int, length: int) -> bool:
        """Return whether anything was played that could come back in this piece."""
        return bool(len(self._sent)) and begin < self._sent_to + SEARCH and length > 0

    def _is_echo(self, length: int) -> bool:
        """Return whether the newest block is an echo."""
        power = _power(self._heard[-length:])
        self._passing = max(0, self._passing - 1)
        if power < QUIET**2:
            self._voiced = 0
            return False
        found = self._find()
        if found is not None:
            self._learn(*found)
        if self._delay is None:
            return False
        if power > LOUDER * self._expected(self._delay, length):
            self._voiced += power > VOICE**2
            if self._voiced >= VOICE_BLOCKS:
                self._passing = VOICE_PASSES_BLOCKS
            return False
        self._voiced = 0
        if found is None:
            self._tail -= 1
        return self._tail >= 0

    def _learn(self, delay: int, gain: float, correlation: float) -> None:
        """Take in an echo that was found."""
        if correlation >= FOUND:
            other = self._delay is None or abs(delay - self._delay) > DRIFT
            self._gain = gain if other else 0.8 * self._gain + 0.2 * gain
        self._delay, self._tail = delay, TAIL_BLOCKS

    def _expected(self, delay: int, length: int) -> float:
        """Return the power that the known echo has in the newest block, at its strongest."""
        played = self._played(delay, length + 4 * BLOCK)
        powers = [_power(played[at : at + length]) for at in range(0, 4 * BLOCK + 1, BLOCK)]
        return self._gain**2 * max(powers)

    def _find(self) -> tuple[int, float, float] | None:
        """Return delay, gain and correlation of an echo in the window; None if there is none."""
        if self._delay is not None:
            least = max(0, self._delay - DRIFT)
            found = self._best(least, least + 2 * DRIFT)
            if found is not None and found[2] >= FOUND_AGAIN:
                return found
        self._unsearched += 1
        if self._unsearched < SEARCH_EVERY:
            return None
        self._unsearched = 0
        found = self._best(0, SEARCH)
        return found if found is not None and found[2] >= FOUND else None

    def _best(self, least: int, most: int) -> tuple[int, float, float] | None:
        """Return the best delay from `least` to `most`, with its gain and correlation."""
        played = self._played(least, WINDOW + most - least)
        energies = np.cumsum(np.concatenate([[0.0], played.astype(np.float64) ** 2]))
        energies = energies[WINDOW:] - energies[:-WINDOW]
        if energies.max(initial=0.0) < WINDOW * AUDIBLE**2 / 4:
            return None
        products = _correlate(played, self._heard)
        heard = float(np.sqrt(np.dot(self._heard, self._heard))) + 1e-6
        floor = WINDOW * AUDIBLE**2 / 16
        correlations = np.abs(products) / (np.sqrt(np.maximum(energies, floor)) * heard)
        best = int(np.argmax(correlations))
        gain = abs(float(products[best])) / max(float(energies[best]), floor)
        # the last of the searched pieces has the least delay
        return least + (len(correlations) - 1 - best), gain, float(correlations[best])

    def _played(self, delay: int, length: int) -> NDArray[np.float32]:
        """Return `length` samples that end `delay` samples before what was heard last."""
        if self._heard_to is None:
            return np.zeros(length, np.float32)
        end = len(self._sent) - (self._sent_to - (self._heard_to - delay))
        begin = end - length
        piece = self._sent[max(0, begin) : max(0, end)]
        before = max(0, -begin) if end > 0 else length
        return np.pad(piece, (min(before, length), length - min(before, length) - len(piece)))


def _sample(ms: float) -> int:
    return round(ms * RATE / 1_000)


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.dot(samples, samples)) / max(1, len(samples))


def _correlate(played: NDArray[np.float32], heard: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the product of `heard` with each piece of `played` as long as it."""
    size = 1 << (len(played) - 1).bit_length()
    spectrum = np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size))
    products = np.fft.irfft(spectrum, size)[: len(played) - len(heard) + 1]
    return products.astype(np.float32)
