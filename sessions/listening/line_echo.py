"""LineEcho: the echo of our own voice on a telephone line, kept out of what is listened to.

It is subtracted ahead of the voice detector and the transcriber, once it is known. What was heard
of it before that is known for an echo afterwards, and is no speech either.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.echo.canceller import EchoCanceller
from audio.pcm import ms_of
from audio.speech import SPEECH_RATE
from sessions.leg import Leg


class LineEcho:
    """Echo of one line. `now` returns session ms."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._canceller = EchoCanceller()
        self._heard_to = 0  # position in the listener's buffer, and when it was heard
        self._heard_to_ms = 0.0
        self.speech: Callable[[], tuple[int, int]] = lambda: (
            0,
            0,
        )  # where the last began and ended
        self._only_echo = False  # no voice that has stopped was anything else in this utterance
        self._echo_to = -1  # where an echo stopped last

    def on_sent(self, pcm: bytes | None) -> None:
        """Take in what is played to the caller (PCM16 at VOICE_RATE); None: nothing more."""
        if pcm is None:
            self._canceller.silenced(self._now())
        else:
            self._canceller.sent(pcm, self._now())

    def pass_on(self, samples: NDArray[np.int16], position: int) -> NDArray[np.int16]:
        """Return sound of the caller without the echo; its first sample stands at `position`."""
        passed = self._canceller.cancel(samples, self._now())
        self._heard_to = position + len(samples)
        self._heard_to_ms = self._canceller.heard_to_ms
        return passed

    def utterance_begins(self) -> None:
        """Take in that speech has begun, after what was settled."""
        self._only_echo = True

    def speech_stopped(self, onset: int, position: int) -> bool:
        """Take in that speech from `onset` on has stopped; return whether it was the echo."""
        echo = self._is_echo(onset, position)
        self._only_echo = self._only_echo and echo
        self._echo_to = position if echo else -1
        return echo

    def is_all(self) -> bool:
        """Return whether all that was heard of the utterance was the echo."""
        onset, spoken_to = self.speech()
        return self._only_echo and (spoken_to == self._echo_to or self._is_echo(onset, spoken_to))

    def _is_echo(self, begin: int, end: int) -> bool:
        return self._canceller.is_echo(self._at_ms(begin), self._at_ms(end))

    def _at_ms(self, position: int) -> float:
        return self._heard_to_ms - ms_of(self._heard_to - position, SPEECH_RATE)


class NoEcho:
    """The same where no echo is listened for: a browser cancels its own."""

    speech: Callable[[], tuple[int, int]]

    def pass_on(self, samples: NDArray[np.int16], position: int) -> NDArray[np.int16]:
        """Return the sound as it is."""
        return samples

    def utterance_begins(self) -> None:
        """Do nothing."""

    def speech_stopped(self, onset: int, position: int) -> bool:
        """Return that it was no echo."""
        return False

    def is_all(self) -> bool:
        """Return that it is no echo."""
        return False


class LineEchoes:
    """Echo of whatever line a session is on just now, if any: what is played is told to it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.line: LineEcho | None = None

    def begin(self, leg: Leg) -> LineEcho | None:
        """Begin with a leg, and return the echo of its line."""
        self.line = LineEcho(self._now) if leg.telephone else None
        return self.line

    def on_sent(self, pcm: bytes | None) -> None:
        """See `LineEcho`."""
        if self.line is not None:
            self.line.on_sent(pcm)
