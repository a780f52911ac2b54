"""The load generator: any number of candidates in real time, on one ticker, in one loop.

A candidate listens, waits as long as a person would, speaks one of the utterances, and listens
again. No task, queue or timer a candidate, none a frame; how late the ticker was is measured, so
that a bench can separate a slow server from a slow bench.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle, islice
from typing import Any

import numpy as np

from bench.live.utterances import FRAME, Utterance
from bench.live.wire import BenchSocket, encoded
from server.simulator.loudspeaker import Loudspeaker

FRAME_S = 0.02
PHASES = 4
"""The candidates' frames are spread over the 20 ms, as people's are: a quarter at each tick."""

REACTION_S = 0.4
"""From the end of the interviewer's words to the candidate's first: an ordinary gap."""

GIVEN_UP_AFTER_S = 12.0
"""An answer without any reply for this long is given up, and the next one is said."""

NOISE_RMS = 8
"""Of a quiet room, about -72 dBFS: no microphone yields pure zeros."""

NOISE_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Clip:
    """An utterance as the frames to send."""

    text: str
    frames: tuple[bytes, ...]


@dataclass(slots=True)
class Exchange:
    """One answer and its reply.

    Times in s of `time.monotonic`: when the last sample of speech was sent, when the first audible
    sample of the reply would sound; None where none came.
    """

    text: str
    ended_at: float
    heard_at: float | None = None
    cut: bool = False

    @property
    def v2v_ms(self) -> float | None:
        """The wait from voice to voice; None without a reply, or with one that began before the
        end."""
        if self.heard_at is None or self.cut:
            return None
        return (self.heard_at - self.ended_at) * 1000


def clips_of(utterances: Sequence[Utterance]) -> tuple[Clip, ...]:
    """Encode the utterances."""
    return tuple(
        Clip(u.text, tuple(encoded(frame.astype("<i2").tobytes()) for frame in _frames(u.sound)))
        for u in utterances
    )


@cache
def room() -> tuple[bytes, ...]:
    """Return frames of a quiet room."""
    noise = np.random.default_rng(7).normal(0, NOISE_RMS, FRAME * NOISE_FRAMES)
    return tuple(encoded(frame.tobytes()) for frame in _frames(noise.astype("<i2")))


def _frames(sound: "np.ndarray[Any, np.dtype[np.int16]]") -> Iterator[Any]:
    return (sound[at : at + FRAME] for at in range(0, len(sound), FRAME))


class Candidate:
    """One candidate; the `Listener` of its socket.

    `turns` is how many answers it has (None: as many as there is time for); after the reply to the
    last one it ends the interview.
    """

    def __init__(
        self, token: str, clips: Sequence[Clip], number: int, turns: int | None = None
    ) -> None:
        self.token = token
        self.speaker = Loudspeaker()
        self.exchanges: list[Exchange] = []
        self.ended: str | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._socket: BenchSocket | None = None
        self._clips = islice(cycle(clips), number * 5 % len(clips), None)
        self._room = cycle(room())
        self._turns = turns
        self._ticket = ""
        self._started = False
        self._speak_at = float("inf")
        self._saying: Iterator[bytes] | None = None
        self._clip: Clip | None = None
        self._left = 0
        self._answered = 0  # the generation that the present answer answers

    def join(self, socket: BenchSocket, ticket: str) -> None:
        """Take the socket that is being opened, and the ticket to show there."""
        self._socket, self._ticket = socket, ticket

    # --- the socket's listener --------------------------------------------------------------

    def opened(self) -> None:
        """See `Listener`."""
        self._say({"type": "hello", "ticket": self._ticket})

    def message(self, message: dict[str, Any]) -> None:
        """See `Listener`."""
        now = time.monotonic()
        match message["type"]:
            case "session.ready":
                self._say({"type": "start", "consent": True})
                self._started = True
            case "audio.begin":
                self.speaker.begin(message["generation"], message["offset"])
            case "audio.mark":
                self.speaker.mark(message["generation"], message["id"])
            case "audio.flush":
                generation = message["generation"]
                samples = self.speaker.flush(generation, now)
                self._say({"type": "audio.flushed", "generation": generation, "samples": samples})
            case "session.ended":
                self.ended = message["reason"]

    def sound(self, pcm: bytes) -> None:
        """See `Listener`."""
        self.speaker.audio(pcm, time.monotonic())
        last = self.exchanges[-1] if self.exchanges else None
        if self._saying is not None or last is None or last.heard_at is not None:
            return
        for generation, heard_at in self.speaker.first_heard.items():
            if generation > self._answered:
                last.heard_at = heard_at
                last.cut = heard_at < last.ended_at
                self._speak_at = float("inf")

    def closed(self, _code: int | None) -> None:
        """See `Listener`."""
        self._started = False
        if not self.over.done():
            self.over.set_result(None)

    # --- real time --------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Send the next 20 ms, and report playback."""
        socket = self._socket
        if socket is None or not self._started:
            return
        if self._saying is None and now >= self._speak_at:
            self._begin()
        if self._saying is not None:
            socket.write(next(self._saying))
            self._left -= 1
            if not self._left:
                self._finish(time.monotonic())
        else:
            socket.write(next(self._room))
        for message in self.speaker.messages(now):
            socket.say(message)
            if message["type"] == "audio.marked":
                self._reply_is_over(int(str(message["generation"])), now)

    def leave(self) -> None:
        """End the interview."""
        self._speak_at = float("inf")
        self._say({"type": "end"})

    def _begin(self) -> None:
        self._clip = next(self._clips)
        self._saying, self._left = iter(self._clip.frames), len(self._clip.frames)
        self._answered = max(self.speaker.first_heard, default=0)
        self._speak_at = float("inf")

    def _finish(self, now: float) -> None:
        self._saying = None
        if self._clip is not None:
            self.exchanges.append(Exchange(self._clip.text, now))
        self._speak_at = now + GIVEN_UP_AFTER_S
        for generation, heard_at in self.speaker.first_heard.items():
            if generation > self._answered:
                self.exchanges[-1].heard_at, self.exchanges[-1].cut = heard_at, True

    def _reply_is_over(self, generation: int, now: float) -> None:
        if not self.greeted.done():
            self.greeted.set_result(None)
        if self._saying is not None or generation <= self._answered:
            return
        if self._turns is not None and len(self.exchanges) >= self._turns:
            self.leave()
        else:
            self._speak_at = now + REACTION_S

    def _say(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            self._socket.say(message)


@dataclass(slots=True)
class Crowd:
    """All candidates, and their ticker. Use it in one loop; `late_ms` is how late each tick was."""

    candidates: list[Candidate] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    _due: float = 0.0
    _tick: int = 0
    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._due = time.monotonic()
        self._turn()

    def stop(self) -> None:
        """Tick no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _turn(self) -> None:
        now = time.monotonic()
        self.late_ms.append((now - self._due) * 1000)
        while self._due <= now:
            for candidate in self.candidates[self._tick % PHASES :: PHASES]:
                candidate.tick(self._due)
            self._tick += 1
            self._due += FRAME_S / PHASES
        delay = max(0.0, self._due - time.monotonic())
        self._timer = asyncio.get_running_loop().call_later(delay, self._turn)
