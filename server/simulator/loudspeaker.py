"""The simulated candidate's loudspeaker: plays what comes, in real time, and keeps what it played.

It does what the page's playback worklet does: counts per generation, answers marks and flushes.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from audio.speech import VOICE_RATE

AUDIBLE = 100
"""A sample beyond this (-50 dBFS) can be heard."""


@dataclass(slots=True)
class _Run:
    """Audio waiting to be played; `mark` instead of audio for a mark."""

    generation: int
    pcm: bytes = b""
    mark: int | None = None


class Loudspeaker:
    """Plays at VOICE_RATE as time is told to it. `events` collects the answers to be sent."""

    def __init__(self) -> None:
        self._waiting: deque[_Run] = deque()
        self._generation = 0
        self._played: dict[int, int] = {}
        self._told = 0
        self._mid_reply = False
        self.recording = bytearray()
        self.events: list[dict[str, object]] = []
        self.first_heard: dict[int, float] = {}
        self.underrun_ms = 0.0
        self.longest_gap_ms = 0.0
        self._gap_ms = 0.0

    @property
    def busy(self) -> bool:
        """Whether anything waits to be played."""
        return bool(self._waiting)

    def begin(self, generation: int, offset: int) -> None:
        """`audio.begin`."""
        self._generation = generation
        self._played[generation] = offset
        self._told = offset

    def audio(self, pcm: bytes) -> None:
        """A binary frame."""
        self._waiting.append(_Run(self._generation, pcm))

    def mark(self, generation: int, mark_id: int) -> None:
        """`audio.mark`."""
        self._waiting.append(_Run(generation, mark=mark_id))

    def flush(self, generation: int) -> None:
        """`audio.flush`."""
        self._waiting.clear()
        self._mid_reply = False
        self.events.append(
            {
                "type": "audio.flushed",
                "generation": generation,
                "samples": self._played.get(generation, 0),
            }
        )

    def play(self, samples: int, at_s: float) -> None:
        """Let the next `samples` pass, the first of which sounds at `at_s`."""
        wanted = 2 * samples
        block = bytearray()
        while self._waiting and len(block) < wanted:
            run = self._waiting[0]
            if run.mark is not None:
                self._waiting.popleft()
                self._answer_mark(run)
                continue
            piece = run.pcm[: wanted - len(block)]
            self._note_first(run.generation, piece, at_s + len(block) / 2 / VOICE_RATE)
            block += piece
            self._played[run.generation] += len(piece) // 2
            self._mid_reply = True
            run.pcm = run.pcm[len(piece) :]
            if not run.pcm:
                self._waiting.popleft()
        while self._waiting and self._waiting[0].mark is not None:
            self._answer_mark(self._waiting.popleft())
        self._count_gap(wanted - len(block))
        self.recording += block + bytes(wanted - len(block))
        self._tell_progress()

    def _answer_mark(self, run: _Run) -> None:
        self._mid_reply = False
        self._gap_ms = 0.0
        self.events.append({"type": "audio.marked", "generation": run.generation, "id": run.mark})

    def _note_first(self, generation: int, pcm: bytes, at_s: float) -> None:
        if generation in self.first_heard:
            return
        loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) > AUDIBLE)
        if len(loud):
            self.first_heard[generation] = at_s + float(loud[0]) / VOICE_RATE

    def _count_gap(self, missing_bytes: int) -> None:
        """Silence in the middle of a reply is an underrun."""
        if missing_bytes and self._mid_reply:
            gap_ms = missing_bytes / 2 / VOICE_RATE * 1000
            self._gap_ms += gap_ms
            self.underrun_ms += gap_ms
            self.longest_gap_ms = max(self.longest_gap_ms, self._gap_ms)
        else:
            self._gap_ms = 0.0

    def _tell_progress(self) -> None:
        """`audio.played`, every 100 ms of sound."""
        played = self._played.get(self._generation, 0)
        if played - self._told >= VOICE_RATE // 10 or (self._told == 0 and played > 0):
            self._told = played
            self.events.append(
                {"type": "audio.played", "generation": self._generation, "samples": played}
            )
