"""What comes from a microphone apart from words: nothing at all, steady noise, or sound that is cut
off at full scale. Pure; it counts samples in blocks and knows no clock.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.pcm import level_dbfs, ms_of, samples_of
from audio.speech import SPEECH_RATE

BLOCK_MS = 200.0
"""Sound is looked at in pieces of about this length: 12 us of numpy each."""

SILENT_MS = 3_000.0
"""Exact zeros for this long: the microphone is muted or dead. A room, however quiet, moves the last
bit of any converter several times a second."""

GATED_MS = 30_000.0
"""The same once zeros were seen to give way to sound on this connection: what suppresses noise, and
bridges that send nothing in silence, make zeros of every pause."""

NOISE_DBFS = -40.0
"""Sound without a voice at or above this is noise. Speech arrives at about -26 dBFS (the
nominal active level of ITU-T P.56), and a quiet room is at -50 and below; this is between."""

NOISE_MS = 4_000.0
"""For this long, so that a door or a cough is none; the median of it counts."""

FULL_SCALE_FROM = 32_000
"""Samples from here on count as cut off: mu-law ends at 32,124 and A-law at 32,256 (G.711)."""

CLIPPED_SHARE = 0.01
"""Share of cut off samples of speech from which on it is heard as distortion. A voice
whose peaks are 12 dB over full scale has 7 %, at 9 dB 2.4 %, at 6 dB 0.4 %, and one that just
touches full scale none (the local voice)."""

CLIPPED_MS = 2_000.0
"""So much speech is needed before its share counts."""


class SoundCheck:
    """Judges one connection's sound, mono PCM16 at SPEECH_RATE. `gated`: it is known before that
    its silence may be zeros, or nothing at all, as a telephone's."""

    def __init__(self, *, gated: bool = False) -> None:
        self._zeros = 0
        self._gated = gated
        self._levels: deque[float] = deque(maxlen=round(NOISE_MS / BLOCK_MS))
        self._spoken = 0
        self._clipped = 0

    def take(self, block: NDArray[np.int16], *, voiced: bool) -> None:
        """The next piece, of about BLOCK_MS; `voiced`: somebody speaks in it."""
        if block.size == 0:
            return
        sounding = np.flatnonzero(block)
        if sounding.size == 0:
            self._zeros += block.size
        else:
            self._note_gap(ms_of(self._zeros + int(sounding[0]), SPEECH_RATE))
            self._zeros = block.size - 1 - int(sounding[-1])
        if voiced:
            self._levels.clear()
            self._spoken += block.size
            beyond = (block >= FULL_SCALE_FROM) | (block <= -FULL_SCALE_FROM)
            self._clipped += int(np.count_nonzero(beyond))
        else:
            self._levels.append(level_dbfs(block))

    def resumed(self, gap_ms: float) -> None:
        """No sound was sent for `gap_ms`, and now it is again."""
        self._note_gap(gap_ms)

    def silent(self, unsent_ms: float = 0.0) -> bool:
        """Whether nothing at all comes; `unsent_ms`: so long ago the last piece was sent."""
        still_ms = ms_of(self._zeros, SPEECH_RATE)
        return max(still_ms, unsent_ms) >= (GATED_MS if self._gated else SILENT_MS)

    @property
    def noisy(self) -> bool:
        """Whether it has been loud for NOISE_MS, without a voice."""
        full = len(self._levels) == self._levels.maxlen
        return full and float(np.median(self._levels)) >= NOISE_DBFS

    @property
    def clipped_share(self) -> float:
        """Share of the samples of speech that were cut off, 0..1."""
        return self._clipped / self._spoken if self._spoken else 0.0

    @property
    def clipping(self) -> bool:
        """Whether speech is cut off so often that it is distorted."""
        enough = self._spoken >= samples_of(CLIPPED_MS, SPEECH_RATE)
        return enough and self.clipped_share >= CLIPPED_SHARE

    def _note_gap(self, gap_ms: float) -> None:
        self._gated = self._gated or gap_ms >= SILENT_MS / 2
