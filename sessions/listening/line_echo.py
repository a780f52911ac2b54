"""LineEcho: the echo of our own voice on a telephone line, kept out of what is listened to.

The voice detector and the transcriber get silence in its place. An echo is known a tenth of a
second after it began; what was heard of it before that is no speech either.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.echo import EchoSuppressor
from audio.pcm import samples_of
from audio.speech import SPEECH_RATE

UNKNOWN_MS = 220.0
"""Longest sound before, between and after the silenced pieces of an echo that is still one: the
time until it is known, and a consonant. The shortest words last longer (a "no" about 250 ms)."""

NEAR_MS = 160.0
"""How far from a sound its silenced part may be: detectors are late by as much."""


class LineEcho:
    """Echo of one line. `now` returns session ms."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._suppressor = EchoSuppressor()
        self._silenced: deque[tuple[int, int]] = deque(maxlen=500)

    def on_sent(self, pcm: bytes | None) -> None:
        """Take in what is played to the caller (PCM16 at VOICE_RATE); None: nothing more."""
        if pcm is None:
            self._suppressor.silenced(self._now())
        else:
            self._suppressor.sent(pcm, self._now())

    def pass_on(self, samples: NDArray[np.int16], position: int) -> NDArray[np.int16]:
        """Return sound of the caller without the echo; its first sample stands at `position`."""
        passed = self._suppressor.pass_on(samples, self._now())
        if passed is not samples:
            for begin, end in _runs(passed != samples):
                self._note(position + begin, position + end)
        return passed

    def is_echo(self, begin: int, end: int) -> bool:
        """Return whether the sound between these positions was the echo, and hardly more."""
        near = samples_of(NEAR_MS, SPEECH_RATE)
        spans = [s for s in self._silenced if s[0] < end + near and s[1] > begin - near]
        if not spans:
            return False
        silenced = sum(max(0, min(end, s[1]) - max(begin, s[0])) for s in spans)
        return end - begin - silenced <= samples_of(UNKNOWN_MS, SPEECH_RATE)

    def _note(self, begin: int, end: int) -> None:
        if self._silenced and begin - self._silenced[-1][1] <= 2:
            begin = self._silenced.pop()[0]
        self._silenced.append((begin, end))


def _runs(changed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where samples were silenced, as one span: those that were zero already are in it."""
    found = np.flatnonzero(changed)
    return [(int(found[0]), int(found[-1]) + 1)] if len(found) else []
