"""Sound check: whether a microphone delivers nothing, steady noise, or clipped speech.

Pure; it counts samples in blocks and knows no clock.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.pcm import level_dbfs, ms_of, samples_of
from audio.speech import SPEECH_RATE

BLOCK_MS = 200.0
"""Length of the blocks that are judged: 12 us of numpy each."""

SILENT_MS = 3_000.0
"""Length of exact zeros from which on the microphone is muted or dead. A room, however quiet, moves
the last bit of any converter several times a second."""

GATED_MS = 30_000.0
"""Length that takes the place of SILENT_MS once zeros were seen to give way to sound on this
connection: noise suppression, and bridges that send nothing in silence, make zeros of every
pause."""

NOISE_DBFS = -40.0
"""Level from which on sound without a voice is noise. Speech arrives at about -26 dBFS (the nominal
active level of ITU-T P.56), and a quiet room is at -50 and below; this is between."""

NOISE_MS = 4_000.0
"""Length of noise that counts, by its median level: a slammed door or a cough is shorter."""

FULL_SCALE_FROM = 32_000
"""Sample value from which on a sample is clipped: mu-law ends at 32,124 and A-law at 32,256
(G.711)."""

CLIPPED_SHARE = 0.01
"""Share of clipped samples of speech from which on it sounds distorted. A voice whose peaks are 12
dB over full scale has 7 %, at 9 dB 2.4 %, at 6 dB 0.4 %, and one that just touches full scale none
(the local voice)."""

CLIPPED_MS = 2_000.0
"""Length of speech that is needed before its share of clipped samples counts."""


class SoundCheck:
    """Judge of one connection's sound, mono PCM16 at SPEECH_RATE.

    `gated` says that its silence may be zeros, or nothing at all, as a telephone's is.
    """

    def __init__(self, *, gated: bool = False) -> None:
        self._zeros = 0
        self._gated = gated
        self._levels: deque[float] = deque(maxlen=round(NOISE_MS / BLOCK_MS))
        self._spoken = 0
        self._clipped = 0

    def take(self, block: NDArray[np.int16], *, voiced: bool) -> None:
        """Take the next block, of about BLOCK_MS; `voiced` says that it holds speech."""
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
        """Note that sound is sent again after a gap of `gap_ms`."""
        self._note_gap(gap_ms)

    def silent(self, unsent_ms: float = 0.0) -> bool:
        """Return whether nothing at all arrives.

        `unsent_ms` is the time since the last block was sent.
        """
        still_ms = ms_of(self._zeros, SPEECH_RATE)
        return max(still_ms, unsent_ms) >= (GATED_MS if self._gated else SILENT_MS)

    @property
    def noisy(self) -> bool:
        """Whether it has been loud for NOISE_MS, without a voice."""
        full = len(self._levels) == self._levels.maxlen
        return full and float(np.median(self._levels)) >= NOISE_DBFS

    @property
    def clipped_share(self) -> float:
        """Share of the samples of speech that were clipped, 0..1."""
        return self._clipped / self._spoken if self._spoken else 0.0

    @property
    def clipping(self) -> bool:
        """Whether speech is clipped so often that it is distorted."""
        enough = self._spoken >= samples_of(CLIPPED_MS, SPEECH_RATE)
        return enough and self.clipped_share >= CLIPPED_SHARE

    def _note_gap(self, gap_ms: float) -> None:
        self._gated = self._gated or gap_ms >= SILENT_MS / 2
