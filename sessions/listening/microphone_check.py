"""Watches what the microphone delivers, and says so when it is no plain room: to the turn machine
when there is nothing or only noise, to the candidate's page when the voice is distorted."""

from collections.abc import Callable

from audio.pcm import samples_of
from audio.sound_check import BLOCK_MS, SoundCheck
from audio.speech import SPEECH_RATE
from audio.speech_buffer import SpeechBuffer
from sessions.turntaking import events as ev

CLIPPING = "clipping"
"""The code of what the page is told."""

_BLOCK = samples_of(BLOCK_MS, SPEECH_RATE)


class MicrophoneWatch:
    """One session's. `post` takes events, `trouble` a code, at most once a connection."""

    def __init__(self, post: Callable[[ev.Event], None], trouble: Callable[[str], None]) -> None:
        self._post = post
        self._trouble = trouble
        self._check = SoundCheck()
        self._looked = 0
        self._unsent_ms = 0.0
        self._told = ev.Sound.FINE
        self._distorted = False

    @property
    def clipped_share(self) -> float | None:
        """Share of this connection's speech that is cut off, where it is worth knowing."""
        return self._check.clipped_share if self._check.clipping else None

    def begin(self, position: int, *, gated: bool = False) -> None:
        """Another connection's sound begins at this position of the tape. `gated`: its silence may
        be zeros, or nothing at all."""
        self._check, self._looked = SoundCheck(gated=gated), position
        self._unsent_ms, self._distorted = 0.0, False
        self._tell(ev.Sound.FINE)

    def look(self, buffer: SpeechBuffer, position: int, *, voiced: bool) -> None:
        """Look at what has come in up to `position` once it is enough to judge."""
        if position - self._looked < _BLOCK:
            return
        if self._unsent_ms:
            self._check.resumed(self._unsent_ms)
            self._unsent_ms = 0.0
        self._check.take(buffer.slice(self._looked, position), voiced=voiced)
        self._looked = position
        self._judge()
        if self._check.clipping and not self._distorted:
            self._distorted = True
            self._trouble(CLIPPING)

    def wait(self, unsent_ms: float) -> None:
        """Nothing has been sent for so long."""
        self._unsent_ms = unsent_ms
        self._judge()

    def _judge(self) -> None:
        if self._check.silent(self._unsent_ms):
            self._tell(ev.Sound.SILENT)
        else:
            self._tell(ev.Sound.NOISE if self._check.noisy else ev.Sound.FINE)

    def _tell(self, sound: ev.Sound) -> None:
        if sound is not self._told:
            self._told = sound
            self._post(ev.SoundChanged(sound))
