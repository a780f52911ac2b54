"""People who watch an interview in memory: what they are told, hear and do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from sessions.monitor.events import LevelsNow, MonitorEvent, NumberedEvent, SoundFrame
from sessions.monitor.protocol import RequestRefused, Since, Viewer
from sessions.monitor.rights import MONITOR_RIGHTS, Right
from sessions.monitor.session_monitor import LocalSeat
from sessions.record.action_log import Actor
from sessions.session import Session
from tests.fakes.microphone import Microphone
from tests.support.virtual_time import now_ms, pass_ms

E = TypeVar("E", bound=MonitorEvent)
EVERYTHING = MONITOR_RIGHTS


def viewer(name: str = "Rita", rights: frozenset[Right] = EVERYTHING) -> Viewer:
    """A recruiter of this name."""
    return Viewer(Actor(uuid4(), name), rights)


@dataclass
class Watch:
    """One monitor that reads everything as it comes."""

    session: Session
    who: Viewer = field(default_factory=viewer)
    since: Since | None = None
    events: list[NumberedEvent] = field(default_factory=list)
    came_ms: list[float] = field(default_factory=list)
    frames: list[SoundFrame] = field(default_factory=list)
    frames_ms: list[float] = field(default_factory=list)
    levels: list[LevelsNow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seat: LocalSeat = self.session.monitor.join(self.who, self.since)
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self.unheard = 0
        self.microphone = Microphone(self._speak)

    def _speak(self, samples: NDArray[np.int16]) -> None:
        try:
            self.seat.hear(samples)
        except RequestRefused:  # as the socket's reader does
            self.unheard += 1

    async def _read(self) -> None:
        subscription = self.seat.subscription
        while subscription.ended is None or subscription.waiting:
            await subscription.wait()
            while (item := subscription.take()) is not None:
                if isinstance(item, NumberedEvent):
                    self.events.append(item)
                    self.came_ms.append(now_ms())
                elif isinstance(item, SoundFrame):
                    self.frames.append(item)
                    self.frames_ms.append(now_ms())
                else:
                    self.levels.append(item)
            self._news.set()

    def items(self) -> list[NumberedEvent | SoundFrame | LevelsNow]:
        """Everything that came."""
        return [*self.events, *self.frames, *self.levels]

    def told(self, kind: type[E]) -> list[E]:
        """All events of this kind so far."""
        return [numbered.event for numbered in self.events if isinstance(numbered.event, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when it holds; it is looked at with every event."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    async def leave(self) -> None:
        """Go."""
        self.seat.leave()
        self.microphone.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await pass_ms(1)

    def sound(self, channel: int) -> NDArray[np.int16]:
        """All of one side that came: 0 the candidate, 1 the interviewer."""
        pieces = [np.frombuffer(f.pcm, dtype="<i2").reshape(-1, 2)[:, channel] for f in self.frames]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
