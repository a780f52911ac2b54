"""The loudspeaker of a bench's candidate: by arithmetic, not by playing. Pure: it is told the time.

Sound that has come is played without a pause, beginning when it comes; what has been played is a
matter of the clock. Counts what a person would notice: sound that comes after its time.
"""

from dataclasses import dataclass, field

import numpy as np

from audio.speech import VOICE_RATE

AUDIBLE = 100
"""A sample beyond this (-50 dBFS) can be heard."""

UNDERRUN_MS = 20.0
"""A gap longer than this is counted: one frame of 20 ms, heard as a click or a stumble."""

TELL_EVERY = VOICE_RATE // 10
"""Samples of playback after which the server is told how far it has come: 100 ms."""


@dataclass(slots=True)
class Listening:
    """One candidate's loudspeaker. Times in s, of any one clock."""

    heard_at: dict[int, float] = field(default_factory=dict)
    gaps_ms: list[float] = field(default_factory=list)
    lead_ms: float = float("inf")
    _generation: int = 0
    _offset: int = 0
    _received: int = 0
    _ends_at: float = 0.0
    _told: int = 0
    _mark: tuple[int, int] | None = None

    @property
    def underruns(self) -> int:
        """Gaps in the middle of a reply, above UNDERRUN_MS."""
        return sum(gap > UNDERRUN_MS for gap in self.gaps_ms)

    def begin(self, generation: int, offset: int) -> None:
        """`audio.begin`: a run of a reply."""
        self._generation, self._offset, self._received = generation, offset, 0
        self._told, self._mark = offset, None

    def audio(self, pcm: bytes, now: float) -> None:
        """A piece of sound has come: `heard_at` of its generation, if it is the first audible one;
        a gap, if it came after what was there had been played."""
        if self._received == 0:
            self._ends_at = max(now, self._ends_at)
        else:
            lead_ms = (self._ends_at - now) * 1000
            self.lead_ms = min(self.lead_ms, lead_ms)
            if lead_ms < 0:
                self.gaps_ms.append(-lead_ms)
                self._ends_at = now
        if self._generation not in self.heard_at:
            loud = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > AUDIBLE)
            if len(loud):
                self.heard_at[self._generation] = self._ends_at + float(loud[0]) / VOICE_RATE
        self._received += len(pcm) // 2
        self._ends_at += len(pcm) / 2 / VOICE_RATE

    def mark(self, generation: int, mark_id: int) -> None:
        """`audio.mark`: to be answered when everything that came has been played."""
        self._mark = (generation, mark_id)

    def flush(self, generation: int, now: float) -> dict[str, object]:
        """`audio.flush`: the answer to it. What was not played yet never is."""
        played = self.played(now) if generation == self._generation else 0
        self._ends_at = min(self._ends_at, now)
        self._received, self._offset, self._mark = 0, played, None
        return {"type": "audio.flushed", "generation": generation, "samples": played}

    def played(self, now: float) -> int:
        """Samples of the present reply that have been played."""
        waiting = max(0.0, self._ends_at - now)
        return self._offset + max(0, self._received - round(waiting * VOICE_RATE))

    def due(self, now: float) -> list[dict[str, object]]:
        """What is to be said to the server now."""
        if self._received == 0 and self._mark is None:
            return []
        messages: list[dict[str, object]] = []
        played = self.played(now)
        if played - self._told >= TELL_EVERY or (self._told == 0 and played > 0):
            self._told = played
            messages.append(
                {"type": "audio.played", "generation": self._generation, "samples": played}
            )
        if self._mark is not None and now >= self._ends_at:
            generation, mark_id = self._mark
            self._mark, self._received = None, 0
            messages.append({"type": "audio.marked", "generation": generation, "id": mark_id})
        return messages
