"""Sound gate: which part of a voice's sound may be let out, by the words that agree so far. Pure.

Nothing tells which sound belongs to which words. The words of a piece of sound come before it, as a
rule; but that is no promise. So sound goes out as far as the agreeing words must reach even if they
are read very fast, and all of it once the whole text has agreed, unless words came late before.
"""

from audio.pcm import from_bytes
from audio.speech import VOICE_RATE

FASTEST_PER_S = 28.0
"""Letters a second of a voice in a hurry. The local voice reads 18 (weights as in
`audio.alignment`), people who read the news 20."""

NATURAL_PER_S = 14.0
"""Letters a second of an unhurried voice. Sound that is further than this from its words says that
they do not come first."""

SLOWEST_PER_S = 4.0
"""Letters a second of a voice that is still reading, not saying something else."""

SILENCE_S = 5.0
"""Silence before, in and behind a sentence that is put up with beyond SLOWEST_PER_S."""

AUDIBLE = 200
"""Amplitude from which on a sample is heard: about -44 dBFS, below the softest consonant."""

HEAD_LETTERS = 12.0
"""Words, in letters, that must agree before any sound goes out: two or three, or all of the text.

Who answers in place of reading does so from the first words on, and then nothing was heard. The
words of a moment come within a few hundredths of a second."""

LEAST_BYTES = VOICE_RATE * 2 * 20 // 1000
"""Smallest piece let out, 20 ms."""


class SoundGate:
    """Gate of one sentence: mono PCM16 at VOICE_RATE is held until its words agree.

    `weight` is the time of all its words, in letters, `speed` the factor at which they are read.
    `audible` tells whether anything that went out can be heard.
    """

    def __init__(self, weight: float, speed: float = 1.0) -> None:
        self._weight = weight
        self._speed = speed
        self._agreed = 0.0
        self._complete = False
        self._ended = False
        self._words_late = False
        self._held = bytearray()
        self._received = 0
        self._let_out = 0
        self.audible = False

    @property
    def received(self) -> int:
        """Samples that have come so far."""
        return self._received // 2

    @property
    def too_long(self) -> bool:
        """Whether there is more sound than the text can be."""
        most_s = self._weight / (SLOWEST_PER_S * self._speed) + SILENCE_S
        return self.received > most_s * VOICE_RATE

    def add(self, pcm: bytes) -> None:
        """Take in more sound; a sample may be cut in two."""
        if self.received > self._samples_of(self._agreed, NATURAL_PER_S):
            self._words_late = True
        self._held += pcm
        self._received += len(pcm)

    def agree(self, agreed: float, *, complete: bool) -> None:
        """Take in how far the words agree, in letters, and whether that is all of the text."""
        self._agreed = max(self._agreed, agreed)
        self._complete = complete

    def end(self) -> None:
        """Take in that all words were said, agree, and that no more come."""
        self._ended = True

    def take(self) -> bytes:
        """Return the sound that may go out now, in whole samples; b"" for none."""
        if not self._ended and not self._complete and self._agreed < HEAD_LETTERS:
            return b""
        room = len(self._held)
        if not self._ended and (self._words_late or not self._complete):
            room = min(room, 2 * self._samples_of(self._agreed, FASTEST_PER_S) - self._let_out)
        room = max(0, room) // 2 * 2
        if room < LEAST_BYTES and not self._ended:
            return b""
        piece = bytes(self._held[:room])
        del self._held[:room]
        self._let_out += room
        samples = from_bytes(piece)
        self.audible = self.audible or bool(((samples > AUDIBLE) | (samples < -AUDIBLE)).any())
        return piece

    def _samples_of(self, weight: float, per_s: float) -> int:
        return int(weight / (per_s * self._speed) * VOICE_RATE)
