"""Speech buffer: the recent sound of a leg, for pre-roll and the growing utterance.

Positions are absolute: sample 0 is the first ever appended, whatever has been released since.
"""

import numpy as np
from numpy.typing import NDArray

from audio.pcm import level_dbfs, samples_of

UPPER_BOUND_MS = 180_000.0
"""Longest sound kept: three minutes is longer than an answer that is not being transcribed piece by
piece meanwhile, and is 5.8 MB at 16 kHz."""

_SMALLEST_CAPACITY = 16_384  # samples; about a second of speech, so that pre-roll never reallocates


class SpeechBuffer:
    """Append-only mono int16 sound addressed by absolute sample positions.

    `keep_ms` is the pre-roll that `release` leaves in place; beyond `upper_bound_ms` the oldest
    samples are dropped, so that memory is bounded (to four times the bound at most). `rate` is in
    Hz. Appending costs amortised constant time a sample. Raises ValueError if `keep_ms` is negative
    or above `upper_bound_ms`.
    """

    def __init__(
        self, keep_ms: float, rate: int, *, upper_bound_ms: float = UPPER_BOUND_MS
    ) -> None:
        if not 0 <= keep_ms <= upper_bound_ms:
            raise ValueError(
                f"A speech buffer cannot keep {keep_ms} ms: it must be between 0 and"
                f" {upper_bound_ms} ms."
            )
        self._keep = samples_of(keep_ms, rate)
        self._bound = samples_of(upper_bound_ms, rate)
        self._buffer = np.empty(_SMALLEST_CAPACITY, dtype=np.int16)
        self._head = 0  # where in the buffer the oldest kept sample is
        self._start = 0
        self._end = 0

    @property
    def start(self) -> int:
        """Absolute position of the oldest sample kept (equal to `end` if there is none)."""
        return self._start

    @property
    def end(self) -> int:
        """Absolute position after the newest sample: how many were appended so far."""
        return self._end

    def append(self, samples: NDArray[np.int16]) -> None:
        """Add a chunk of shape (n,) at the end. It is copied."""
        if samples.size > self._bound:
            # Only its tail can stay: jump over the rest as if it had been appended and dropped.
            self._end += samples.size - self._bound
            self._forget_until(self._end)
            samples = samples[samples.size - self._bound :]
        self._forget_until(self._end + samples.size - self._bound)
        tail = self._head + self._end - self._start
        if tail + samples.size > self._buffer.size:
            self._make_room(samples.size)
            tail = self._end - self._start
        self._buffer[tail : tail + samples.size] = samples
        self._end += samples.size

    def slice(self, begin: int, end: int) -> NDArray[np.int16]:
        """Return a copy of the samples from `begin` up to, not including, `end`.

        What is not kept (released, or not yet appended) is left out, so the result may be shorter
        than asked for, or empty.
        """
        begin = max(begin, self._start)
        end = max(begin, min(end, self._end))
        offset = self._head - self._start
        return self._buffer[begin + offset : end + offset].copy()

    def level_db(self, samples: int) -> float:
        """Return how loud the newest `samples` of what is kept are, in dBFS."""
        return level_dbfs(self.slice(self._end - samples, self._end))

    def release(self, before: int) -> None:
        """Drop what is older than the pre-roll in front of `before` (an absolute position)."""
        self._forget_until(before - self._keep)

    def _forget_until(self, position: int) -> None:
        position = min(position, self._end)
        if position > self._start:
            self._head += position - self._start
            self._start = position

    def _make_room(self, extra: int) -> None:
        """Move what is kept to the front of a buffer at least half of which is then free.

        The moves are paid for by that half, hence amortised constant time; a buffer that has become
        far too large after a long utterance is freed on the same occasion.
        """
        kept = self._end - self._start
        capacity = max(_SMALLEST_CAPACITY, 1 << (2 * (kept + extra) - 1).bit_length())
        target = self._buffer
        if capacity != self._buffer.size:
            target = np.empty(capacity, dtype=np.int16)
        target[:kept] = self._buffer[self._head : self._head + kept]
        self._buffer = target
        self._head = 0


def quietest(samples: NDArray[np.int16], rate: int) -> int:
    """Return the middle of the quietest 100 ms, searched in steps of 20 ms, as a sample index."""
    step = rate // 50
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    if len(frames) < 5:
        return len(samples)
    energy = np.convolve((frames**2).sum(axis=1), np.ones(5), mode="valid")
    return (int(energy.argmin()) * step) + 5 * step // 2
