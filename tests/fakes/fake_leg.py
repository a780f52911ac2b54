"""A leg that plays in real time (of the loop it runs on), and remembers what was heard and when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from audio.speech import VOICE_RATE
from sessions.leg import (
    CaptionNote,
    CommittedNote,
    FlushDone,
    LegEnd,
    LegEvent,
    MarkReached,
    Note,
    PlayedTo,
    StateNote,
)
from tests.support.virtual_time import now_ms

N = TypeVar("N", bound=Note)

REPORT_EVERY_MS = 100.0


@dataclass
class Sound:
    """A piece that is, was or will be played: from sample `offset` of its generation on."""

    generation: int
    offset: int
    pcm: bytes
    begins_ms: float
    ends_ms: float

    def played_at(self, at_ms: float) -> int:
        """Up to which sample of the generation it has been played; `offset` before it begins."""
        gone = min(max(at_ms, self.begins_ms), self.ends_ms) - self.begins_ms
        return self.offset + round(gone * VOICE_RATE / 1000)


@dataclass
class FakeLeg:
    """A loudspeaker `latency_ms` away, each way. `answers` names what it tells: a mute leg tells
    nothing. Connect it by setting `on_event`."""

    latency_ms: float = 20.0
    answers: frozenset[str] = frozenset(("played", "marked", "flushed"))
    acknowledges: bool = True
    on_event: Callable[[LegEvent], None] = lambda event: None
    sounds: list[Sound] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    notes: list[tuple[float, Note]] = field(default_factory=list)
    ends: list[LegEnd] = field(default_factory=list)
    lost: bool = False
    telephone: bool = False

    def __post_init__(self) -> None:
        self._generation = 0
        self._offset = 0
        self._silent_from = 0.0
        self._marks: list[asyncio.TimerHandle] = []
        self._reporter: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()

    # --- sessions.leg.Leg ------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> None:
        """See `Leg`."""
        self.asked.append(f"begin {generation} at {offset}")
        self.runs.append((generation, offset))
        self._generation, self._offset = generation, offset

    def play(self, pcm: bytes) -> None:
        """See `Leg`."""
        begins = max(now_ms() + self.latency_ms, self._silent_from)
        self._silent_from = begins + len(pcm) / 2 * 1000 / VOICE_RATE
        sound = Sound(self._generation, self._offset, pcm, begins, self._silent_from)
        self._offset += len(pcm) // 2
        self.sounds.append(sound)
        if self._reporter is None:
            self._report_later()

    def mark(self, generation: int) -> None:
        """See `Leg`."""
        self.asked.append(f"mark {generation}")
        reached = max(now_ms() + self.latency_ms, self._silent_from)
        if "marked" in self.answers:
            self._marks.append(
                self._call_at(
                    reached + self.latency_ms, lambda: self.on_event(MarkReached(generation))
                )
            )

    def flush(self, generation: int) -> None:
        """See `Leg`."""
        self.asked.append(f"flush {generation}")
        self._call_at(now_ms() + self.latency_ms, lambda: self._fall_silent(generation))

    def tell(self, note: Note) -> None:
        """See `Leg`."""
        self.notes.append((now_ms(), note))
        self._news.set()

    def close(self, why: LegEnd) -> None:
        """See `Leg`."""
        self.ends.append(why)
        self.lose()

    # --- for tests -------------------------------------------------------------------------------

    def lose(self) -> None:
        """The connection is gone: nothing sounds, and nothing is told any more."""
        self.lost = True
        self._cut(now_ms())
        self._news.set()

    @property
    def silent_from_ms(self) -> float:
        """When what was sent so far will have been played, or has been."""
        return self._silent_from

    def heard(self, generation: int) -> list[tuple[int, int]]:
        """What was really played of a generation, joined: [from, to) in samples, in order."""
        spans: list[tuple[int, int]] = []
        for sound in self.sounds:
            span = (sound.offset, sound.played_at(now_ms()))
            if sound.generation != generation or span[0] == span[1]:
                continue
            if spans and spans[-1][1] == span[0]:
                span = (spans.pop()[0], span[1])
            spans.append(span)
        return spans

    def told(self, kind: type[N]) -> list[N]:
        """All notes of a kind."""
        return [note for _, note in self.notes if isinstance(note, kind)]

    @property
    def states(self) -> list[str]:
        """The states told, as "candidate/interviewer"."""
        return [f"{n.candidate.value}/{n.interviewer.value}" for n in self.told(StateNote)]

    @property
    def committed(self) -> list[int]:
        """Indexes of the acknowledged turns."""
        return [note.turn.index for note in self.told(CommittedNote)]

    def final_captions(self) -> list[str]:
        """The words that were settled."""
        return [note.text for note in self.told(CaptionNote) if note.final]

    async def until(self, true: Callable[[], bool]) -> None:
        """Return once `true()`; looked at whenever something is told or played."""
        while not true():
            self._news.clear()
            await self._news.wait()

    # --- the loudspeaker -------------------------------------------------------------------------

    def _call_at(self, at_ms: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        def unless_lost() -> None:
            if not self.lost:
                then()
                self._news.set()

        return asyncio.get_running_loop().call_at(at_ms / 1000, unless_lost)

    def _report_later(self) -> None:
        self._reporter = self._call_at(now_ms() + REPORT_EVERY_MS, self._report)

    def _report(self) -> None:
        self._reporter = None
        if not self.sounds:
            return
        # What is told now was played when the message left, a latency ago.
        at_ms = now_ms() - self.latency_ms
        begun = [sound for sound in self.sounds if sound.begins_ms < at_ms]
        if begun and "played" in self.answers:
            self.on_event(PlayedTo(begun[-1].generation, begun[-1].played_at(at_ms)))
        if at_ms < self._silent_from:
            self._report_later()

    def _fall_silent(self, generation: int) -> None:
        at_ms = now_ms()
        ours = [s for s in self.sounds if s.generation == generation and s.begins_ms < at_ms]
        reached = ours[-1].played_at(at_ms) if ours else 0
        self._cut(at_ms)
        if "flushed" in self.answers:
            event = FlushDone(generation, reached)
            self._call_at(at_ms + self.latency_ms, lambda: self.on_event(event))

    def _cut(self, at_ms: float) -> None:
        for sound in self.sounds:
            sound.ends_ms = max(sound.begins_ms, min(sound.ends_ms, at_ms))
        for mark in self._marks:
            mark.cancel()
        self._silent_from = min(self._silent_from, at_ms)
