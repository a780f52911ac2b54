"""The loudspeaker of a simulated candidate: what of the received sound is heard, and when.

Nothing is played: sound begins when it comes, or when the sound before it ends, and what has been
played by a moment is arithmetic. Pure: every input carries the time, in seconds of whatever clock
its user keeps (the machine's, a virtual loop's, the ticks of a sound card).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audio.pcm import from_bytes, ms_of
from audio.speech import VOICE_RATE

AUDIBLE = 100
"""Amplitude (-50 dBFS) beyond which a sample can be heard."""

UNDERRUN_MS = 20.0
"""A gap longer than this is counted: one frame of 20 ms, heard as a click or a stumble."""

PROGRESS_MS = 100
"""After so much sound the page reports how far playback has come."""

TOLERANCE = 1e-3
"""Of a sample: what the sum of many times in floating point may be off by."""


@dataclass(slots=True)
class PlayedSound:
    """A piece of a reply, mono PCM16, and when it sounds."""

    generation: int
    offset: int
    """Samples of the reply before this piece."""
    pcm: bytes
    sample_rate: int
    begins_s: float
    ends_s: float
    """When its last sample ends. A flush brings it forward."""

    def position(self, now_s: float) -> int:
        """Return up to which sample of the reply it has been played; `offset` before it begins."""
        played_s = min(max(now_s, self.begins_s), self.ends_s) - self.begins_s
        return self.offset + int(played_s * self.sample_rate + TOLERANCE)


class Loudspeaker:
    """Plays the replies of one session, one piece after the other, and notes what a person would.

    Times must not go back between calls by more than a few ms.
    """

    def __init__(self, sample_rate: int = VOICE_RATE) -> None:
        self._sample_rate = sample_rate
        self._waiting: deque[PlayedSound] = deque()
        self._marks: deque[tuple[int, int, float]] = deque()
        self._generation = 0
        self._next_offset = 0
        self._played: dict[int, int] = {}
        self._reported = 0
        self._goes_on = False
        self._silent_from_s = 0.0
        self.first_heard: dict[int, float] = {}
        """When the first audible sample of each reply sounded, or will."""
        self.gaps_ms: list[float] = []
        """Silences in the middle of a reply, because sound came after its time."""
        self.lead_ms = float("inf")
        """How much was still to be played, at the least, when more sound of a reply came."""

    @property
    def silent_from_s(self) -> float:
        """When what has come so far is over."""
        return self._silent_from_s

    @property
    def underruns(self) -> int:
        """How many gaps are longer than UNDERRUN_MS."""
        return sum(gap > UNDERRUN_MS for gap in self.gaps_ms)

    def begin(self, generation: int, offset: int) -> None:
        """Let what comes next be of this reply, from its sample `offset` on."""
        self._generation, self._next_offset = generation, offset
        self._played[generation] = self._reported = offset
        self._goes_on = False

    def audio(self, pcm: bytes, now_s: float) -> PlayedSound:
        """Play a piece of the reply, PCM16, after what there is."""
        begins_s = max(now_s, self._silent_from_s)
        if self._goes_on:
            lead_ms = (self._silent_from_s - now_s) * 1000
            self.lead_ms = min(self.lead_ms, lead_ms)
            if -lead_ms > ms_of(1, self._sample_rate) * TOLERANCE:
                self.gaps_ms.append(-lead_ms)
        samples = len(pcm) // 2
        ends_s = begins_s + samples / self._sample_rate
        piece = PlayedSound(
            self._generation, self._next_offset, pcm, self._sample_rate, begins_s, ends_s
        )
        self._note_first_heard(piece)
        self._next_offset += samples
        self._silent_from_s = ends_s
        self._goes_on = True
        self._waiting.append(piece)
        return piece

    def mark(self, generation: int, mark_id: int) -> None:
        """Set a mark behind what there is. What comes after it need not follow at once."""
        self._marks.append((generation, mark_id, self._silent_from_s))
        self._goes_on = False

    def flush(self, generation: int, now_s: float) -> int:
        """Fall silent at once, forget all marks, and return how many samples were played."""
        played = self.played(generation, now_s)
        if self._waiting:
            present = self._waiting[0]
            self._played[present.generation] = present.position(now_s)
        for piece in self._waiting:
            piece.ends_s = max(piece.begins_s, min(piece.ends_s, now_s))
        self._waiting.clear()
        self._marks.clear()
        self.first_heard = {g: at_s for g, at_s in self.first_heard.items() if at_s <= now_s}
        self._silent_from_s = min(self._silent_from_s, now_s)
        self._reported = self._played.get(self._generation, 0)
        self._goes_on = False
        return played

    def busy(self, now_s: float) -> bool:
        """Whether sound is being played, or waits to be."""
        return now_s < self._silent_from_s - TOLERANCE / self._sample_rate

    def played(self, generation: int, now_s: float) -> int:
        """Return how many samples of a reply have been played, those before its begin included."""
        self._advance(now_s)
        if self._waiting and self._waiting[0].generation == generation:
            return self._waiting[0].position(now_s)
        return self._played.get(generation, 0)

    def marks_reached(self, now_s: float) -> list[tuple[int, int]]:
        """Return the marks that were reached since the last call: generation and id of each."""
        reached: list[tuple[int, int]] = []
        while self._marks and self._marks[0][2] <= now_s + TOLERANCE / self._sample_rate:
            generation, mark_id, _ = self._marks.popleft()
            reached.append((generation, mark_id))
        return reached

    def messages(self, now_s: float) -> list[dict[str, object]]:
        """Return what a page reports to the server now: `audio.played`, `audio.marked`."""
        messages: list[dict[str, object]] = []
        generation, played = self._generation, self.played(self._generation, now_s)
        progress_ms = ms_of(played - self._reported, self._sample_rate)
        if progress_ms >= PROGRESS_MS or (self._reported == 0 and played > 0):
            self._reported = played
            messages.append({"type": "audio.played", "generation": generation, "samples": played})
        messages += (
            {"type": "audio.marked", "generation": generation, "id": mark_id}
            for generation, mark_id in self.marks_reached(now_s)
        )
        return messages

    def _advance(self, now_s: float) -> None:
        """Drop the pieces that have been played to their end."""
        while self._waiting:
            piece = self._waiting[0]
            end = piece.offset + len(piece.pcm) // 2
            if piece.position(now_s) < end:
                return
            self._played[piece.generation] = end
            self._waiting.popleft()

    def _note_first_heard(self, piece: PlayedSound) -> None:
        if piece.generation in self.first_heard:
            return
        loud = np.flatnonzero(np.abs(from_bytes(piece.pcm).astype(np.int32)) > AUDIBLE)
        if len(loud):
            first_s = float(loud[0]) / self._sample_rate
            self.first_heard[piece.generation] = piece.begins_s + first_s


def as_heard(
    sounds: Iterable[PlayedSound], from_s: float, to_s: float, sample_rate: int = VOICE_RATE
) -> bytes:
    """Return what was heard between two moments, as PCM16: the sounds in order, and silence."""
    heard = np.zeros(round((to_s - from_s) * sample_rate), np.int16)
    for sound in sounds:
        if sound.ends_s <= from_s:
            continue
        samples = from_bytes(sound.pcm)[: sound.position(to_s) - sound.offset]
        begin = round((sound.begins_s - from_s) * sample_rate)
        samples = samples[max(0, -begin) :]
        begin = max(0, begin)
        heard[begin : begin + len(samples)] = samples[: len(heard) - begin]
    return heard.astype("<i2").tobytes()
