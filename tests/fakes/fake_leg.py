"""A leg that plays in real time (of the loop it runs on), and remembers what was heard and when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from server.simulator.loudspeaker import Loudspeaker, PlayedSound
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
class FakeLeg:
    """A loudspeaker `latency_ms` away, each way. `answers` names what it tells: a mute leg tells
    nothing. Connect it by setting `on_event`."""

    latency_ms: float = 20.0
    answers: frozenset[str] = frozenset(("played", "marked", "flushed"))
    acknowledges: bool = True
    on_event: Callable[[LegEvent], None] = lambda event: None
    sounds: list[PlayedSound] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    notes: list[tuple[float, Note]] = field(default_factory=list)
    ends: list[LegEnd] = field(default_factory=list)
    lost: bool = False
    telephone: bool = False

    def __post_init__(self) -> None:
        self._speaker = Loudspeaker()
        self._marks: list[asyncio.TimerHandle] = []
        self._reporter: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()

    # --- sessions.leg.Leg ------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> None:
        """See `Leg`."""
        self.asked.append(f"begin {generation} at {offset}")
        self.runs.append((generation, offset))
        self._speaker.begin(generation, offset)

    def play(self, pcm: bytes) -> None:
        """See `Leg`."""
        self.sounds.append(self._speaker.audio(pcm, (now_ms() + self.latency_ms) / 1000))
        if self._reporter is None:
            self._report_later()

    def mark(self, generation: int) -> None:
        """See `Leg`."""
        self.asked.append(f"mark {generation}")
        reached = max(now_ms() + self.latency_ms, self.silent_from_ms)
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
        self._cut(0)
        self._news.set()

    @property
    def silent_from_ms(self) -> float:
        """When what was sent so far will have been played, or has been."""
        return self._speaker.silent_from_s * 1000

    def heard(self, generation: int) -> list[tuple[int, int]]:
        """What was really played of a generation, joined: [from, to) in samples, in order."""
        spans: list[tuple[int, int]] = []
        for sound in self.sounds:
            span = (sound.offset, sound.position(now_ms() / 1000))
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
        begun = [sound for sound in self.sounds if sound.begins_s < at_ms / 1000]
        if begun and "played" in self.answers:
            self.on_event(PlayedTo(begun[-1].generation, begun[-1].position(at_ms / 1000)))
        if at_ms < self.silent_from_ms:
            self._report_later()

    def _fall_silent(self, generation: int) -> None:
        at_ms = now_ms()
        reached = self._cut(generation)
        if "flushed" in self.answers:
            event = FlushDone(generation, reached)
            self._call_at(at_ms + self.latency_ms, lambda: self.on_event(event))

    def _cut(self, generation: int) -> int:
        for mark in self._marks:
            mark.cancel()
        return self._speaker.flush(generation, now_ms() / 1000)
