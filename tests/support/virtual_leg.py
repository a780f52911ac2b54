"""A candidate's device in virtual time: a microphone that plays a recording, and a loudspeaker.

The loudspeaker knows to the sample what sounds when, without a tick.
"""

import asyncio
import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE
from server.simulator.loudspeaker import Loudspeaker
from sessions.leg import CaptionNote, FlushDone, Leg, LegEnd, LegEvent, MarkReached, Note, PlayedTo
from sessions.turntaking.turns import Speaker

FRAME_S = 0.02
FRAME = SPEECH_RATE // 50

GRID_FRAMES = 8
"""Recordings begin at multiples of 160 ms: a whole number of frames (20 ms) and of windows of the
voice detector (32 ms), so that the same recording is always cut the same way."""

PHASE_S = 0.005
"""Frames arrive this much after the detector's ticks (multiples of 8 ms), never with one."""

ROOM_RMS = 8
"""A quiet room, about -72 dBFS: no microphone yields pure zeros."""


class Hearer(Protocol):
    """Receiver of what a leg reports: see `sessions.session.Session`."""

    def hear(self, leg: Leg, samples: NDArray[np.int16]) -> None:
        """Take the candidate's sound."""

    def receive(self, leg: Leg, event: LegEvent) -> None:
        """Take in what the leg reports."""


class VirtualLeg:
    """The `sessions.leg.Leg` of a session in virtual time."""

    acknowledges = True
    telephone = False

    def __init__(self, session: Hearer) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._born_s = 0.0
        self._frames = 0
        self._room = np.random.default_rng(7).normal(0, ROOM_RMS, GRID_FRAMES * FRAME)
        self._sound: NDArray[np.int16] | None = None
        self._sound_begins = 0  # frame
        self._ticking: asyncio.TimerHandle | None = None
        self._speaker = Loudspeaker()
        self._generation = 0
        self._receives = False  # sound of the present generation, since its begin or a flush
        self._marks: list[asyncio.TimerHandle] = []
        self.finished: dict[int, float] = {}
        """Loop seconds at which generations were played to their end."""
        self.closed: LegEnd | None = None
        self.understood = ""
        """The latest caption of the candidate's words."""
        self._changed = asyncio.Event()

    # --- microphone ------------------------------------------------------------------------------

    def switch_on(self) -> None:
        """Begin to send the microphone's frames."""
        self._born_s = self._loop.time()
        self._arm()

    def switch_off(self) -> None:
        """Send no more frames, and answer no more marks."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._forget_marks()

    def say(self, sound: NDArray[np.int16], not_before_s: float) -> float:
        """Speak `sound` (PCM16 at SPEECH_RATE). Returns the loop seconds of its first sample."""
        grid_s = GRID_FRAMES * FRAME_S
        steps = int(np.ceil((not_before_s - self._born_s) / grid_s - 1e-6))
        steps = max(steps, self._frames // GRID_FRAMES + 1)
        self._sound, self._sound_begins = sound, steps * GRID_FRAMES
        return self._born_s + self._sound_begins * FRAME_S

    def _arm(self) -> None:
        at_s = self._born_s + (self._frames + 1) * FRAME_S + PHASE_S
        self._ticking = self._loop.call_at(at_s, self._tick)

    def _tick(self) -> None:
        frame = self._next_frame()
        self._frames += 1
        self._arm()
        self._session.hear(self, frame)
        if self._frames % 5 == 0 and self._receives:
            played = self._speaker.played(self._generation, self._loop.time())
            self._session.receive(self, PlayedTo(self._generation, played))

    def _next_frame(self) -> NDArray[np.int16]:
        at = self._frames % GRID_FRAMES * FRAME
        frame = self._room[at : at + FRAME].astype(np.int16)
        if self._sound is not None and self._frames >= self._sound_begins:
            begin = (self._frames - self._sound_begins) * FRAME
            spoken = self._sound[begin : begin + FRAME]
            frame[: len(spoken)] = spoken
        return frame

    # --- loudspeaker ----------------------------------------------------------------------------

    @property
    def first_heard(self) -> dict[int, float]:
        """The loop seconds at which the first audible sample of each generation sounded, or
        will."""
        return self._speaker.first_heard

    async def change(self) -> None:
        """Wait until something else sounds, falls silent, or has been played to its end, or until
        the session lets go."""
        self._changed.clear()
        await self._changed.wait()

    async def first_sound(self, generation: int) -> float:
        """Wait until the generation is heard. Returns the loop seconds of it."""
        while self.first_heard.get(generation, math.inf) > self._loop.time():
            soon_s = self.first_heard.get(generation, math.inf) - self._loop.time()
            await asyncio.sleep(soon_s) if soon_s < math.inf else await self.change()
        return self.first_heard[generation]

    async def last_sound(self, generation: int) -> float:
        """Wait until the generation has been played to its end. Returns the loop seconds of it."""
        while generation not in self.finished:
            await self.change()
        return self.finished[generation]

    # --- sessions.leg.Leg ------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> None:
        """See `Leg`."""
        self._generation, self._receives = generation, False
        self._speaker.begin(generation, offset)

    def play(self, pcm: bytes) -> None:
        """See `Leg`."""
        heard = self._generation in self.first_heard
        self._speaker.audio(pcm, self._loop.time())
        self._receives = True
        if not heard and self._generation in self.first_heard:
            self._changed.set()

    def mark(self, generation: int) -> None:
        """See `Leg`."""
        at_s = max(self._loop.time(), self._speaker.silent_from_s)
        self._marks.append(self._loop.call_at(at_s, self._marked, generation))

    def flush(self, generation: int) -> None:
        """See `Leg`."""
        position = self._speaker.flush(generation, self._loop.time())
        self._receives = False
        self._forget_marks()
        self._changed.set()
        self._loop.call_soon(self._session.receive, self, FlushDone(generation, position))

    def tell(self, note: Note) -> None:
        """See `Leg`."""
        if isinstance(note, CaptionNote) and note.speaker is Speaker.CANDIDATE:
            self.understood = note.text

    def close(self, why: LegEnd) -> None:
        """See `Leg`."""
        self.switch_off()
        self.closed = why
        self._changed.set()

    def _marked(self, generation: int) -> None:
        self.finished[generation] = self._loop.time()
        self._changed.set()
        self._session.receive(self, MarkReached(generation))

    def _forget_marks(self) -> None:
        for mark in self._marks:
            mark.cancel()
        self._marks.clear()
