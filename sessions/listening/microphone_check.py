"""Microphone check: reports what a microphone delivers where it is not a usable voice.

The turn machine is told when there is nothing or only noise, the candidate's page when the voice is
distorted.
"""

from collections.abc import Callable

from audio.pcm import samples_of
from audio.sound_check import BLOCK_MS, SoundCheck
from audio.speech import SPEECH_RATE
from audio.speech_buffer import SpeechBuffer
from sessions.turntaking import events as ev

CLIPPING = "clipping"
"""Code of the trouble that the page is told."""

_BLOCK = samples_of(BLOCK_MS, SPEECH_RATE)

UNSENT_MS = 1_000.0
"""Time without sound below which the gap is a network's jitter."""


class MicrophoneWatch:
    """Microphone check of one session.

    `post` takes events, `on_trouble` a code, at most once a connection.
    """

    def __init__(self, post: Callable[[ev.Event], None], on_trouble: Callable[[str], None]) -> None:
        self._post = post
        self._on_trouble = on_trouble
        self._check = SoundCheck()
        self._checked_to = 0
        self._unsent_ms = 0.0
        self._reported = ev.Sound.FINE
        self._distorted = self._muted = False

    @property
    def clipped_share(self) -> float | None:
        """Share of this connection's speech that is clipped; None where it is not distorted."""
        return self._check.clipped_share if self._check.clipping else None

    def begin(self, position: int, *, gated: bool = False) -> None:
        """Begin with another connection's sound, at this position of the buffer.

        `gated` says that its silence may be zeros, or nothing at all.
        """
        self._check, self._checked_to = SoundCheck(gated=gated), position
        self._unsent_ms, self._distorted, self._muted = 0.0, False, False
        self._report(ev.Sound.FINE)

    def check(self, buffer: SpeechBuffer, position: int, *, voiced: bool) -> None:
        """Check what has arrived up to `position` once it is enough to judge."""
        if position - self._checked_to < _BLOCK:
            return
        if self._muted:  # its zeros say nothing of the microphone
            self._checked_to = position
            return
        if self._unsent_ms:
            self._check.resumed(self._unsent_ms)
            self._unsent_ms = 0.0
        self._check.take(buffer.slice(self._checked_to, position), voiced=voiced)
        self._checked_to = position
        self._judge()
        if self._check.clipping and not self._distorted:
            self._distorted = True
            self._on_trouble(CLIPPING)

    def set_muted(self, muted: bool) -> None:
        """Take in that the candidate has muted the microphone here, or does so no more."""
        self._muted = muted
        self._report(ev.Sound.MUTED if muted else ev.Sound.FINE)

    def on_gap(self, unsent_ms: float) -> None:
        """Note that nothing has been sent for `unsent_ms`; jitter is ignored."""
        if unsent_ms >= UNSENT_MS:
            self._unsent_ms = unsent_ms
            self._judge()

    def _judge(self) -> None:
        if self._muted:
            return
        if self._check.silent(self._unsent_ms):
            self._report(ev.Sound.SILENT)
        else:
            self._report(ev.Sound.NOISE if self._check.noisy else ev.Sound.FINE)

    def _report(self, sound: ev.Sound) -> None:
        if sound is not self._reported:
            self._reported = sound
            self._post(ev.SoundChanged(sound))
