"""Simulated candidate: joins over HTTP, speaks and listens over a real socket."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from audio.pcm import from_bytes
from audio.speech import SPEECH_RATE, SpeechError
from server.dialects.browser.messages import SUBPROTOCOL
from server.simulator.answers import SpokenAnswer
from server.simulator.loudspeaker import Loudspeaker, PlayedSound, as_heard

FRAME_MS = 20
REACTION_S = 0.4
"""Gap between the end of the interviewer's words and the candidate's first: an ordinary one."""

NOISE_RMS = 8
"""Noise of a quiet room, about -72 dBFS: no microphone yields pure zeros."""

SILENCE_LIMIT_S = 60.0
"""Time without anything new after which the candidate leaves: an interviewer who waits for an
answer asks again within 12 s (`sessions.turntaking.rules`)."""


class Answers(Protocol):
    """Source of answers."""

    async def next(self, heard: str) -> SpokenAnswer | None:
        """Return the answer to what was heard.

        None: there is nothing more to say, so that the candidate ends the interview.
        """


@dataclass(slots=True)
class SimulatedExchange:
    """One answer and the reply that followed. Times are in seconds of the recording."""

    said: str | None
    """Words of the answer, if they are known."""

    source: str
    """Where the answer comes from."""

    began_s: float
    """Time at which the answer began."""

    ended_s: float
    """Time at which the answer ended."""

    asked: str
    """What the interviewer had said before."""

    v2v_ms: float | None = None
    """Voice-to-voice time, from the answer's last sample to the first audible one of the reply."""


@dataclass(slots=True)
class SimulatedInterview:
    """Recording of an interview, and its figures."""

    candidate: np.ndarray[Any, np.dtype[np.int16]]
    """Sound of the microphone, PCM16 at SPEECH_RATE."""

    interviewer: np.ndarray[Any, np.dtype[np.int16]]
    """Sound of the loudspeaker, PCM16 at VOICE_RATE."""

    exchanges: list[SimulatedExchange] = field(default_factory=list)
    """Answers in order."""

    ended: str | None = None
    """Reason of the end, None if there was none."""

    close_code: int | None = None
    """Code with which the socket was closed."""

    underrun_ms: float = 0.0
    """Silence in the middle of replies."""

    longest_gap_ms: float = 0.0
    """Longest single silence in the middle of a reply."""


class SimulatedCandidate:
    """Candidate of one interview. `progress` takes a line of text now and then."""

    def __init__(self, answers: Answers, progress: Callable[[str], None]) -> None:
        self._answers = answers
        self._progress = progress
        self._speaker = Loudspeaker()
        self._sounds: list[PlayedSound] = []
        self._rng = np.random.default_rng(7)
        self._microphone = bytearray()
        self._saying: bytes = b""
        self._exchanges: list[SimulatedExchange] = []
        self._caption = ""
        self._answering: asyncio.Task[None] | None = None
        self._answered_generation = 0
        self._ended: str | None = None
        self._origin = 0.0
        self._played_s = 0.0  # the end of the latest tick: the loudspeaker takes sound tick by tick
        self._quiet_since = 0.0
        self._shown: set[str] = set()

    async def hold(self, base_url: str, join_token: str) -> SimulatedInterview:
        """Join, talk until the interview is over, and return what was recorded."""
        # No proxy stands between a machine and itself, whatever the environment says.
        async with httpx.AsyncClient(base_url=base_url, trust_env=False) as client:
            response = await client.post("/api/v1/join/ticket", json={"token": join_token})
            response.raise_for_status()
            ticket = response.json()
        async with connect(
            ticket["socket_url"],
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            origin=Origin(base_url),
            compression=None,
            proxy=None,
        ) as socket:
            await socket.send(json.dumps({"type": "hello", "ticket": ticket["ticket"]}))
            await self._talk(socket)
        return SimulatedInterview(
            candidate=np.frombuffer(bytes(self._microphone), np.int16),
            interviewer=from_bytes(as_heard(self._sounds, self._origin, self._played_s)),
            exchanges=self._exchanges,
            ended=self._ended,
            close_code=socket.close_code,
            underrun_ms=sum(self._speaker.gaps_ms),
            longest_gap_ms=max(self._speaker.gaps_ms, default=0.0),
        )

    async def _talk(self, socket: ClientConnection) -> None:
        """Listen and speak until the socket closes. Raises SpeechError for an answer that cannot
        be spoken."""
        self._origin = self._quiet_since = self._played_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                ticking = group.create_task(self._tick(socket, group))
                async for message in socket:
                    if isinstance(message, bytes):
                        self._sounds.append(self._speaker.audio(message, self._played_s))
                    else:
                        await self._on_message(socket, json.loads(message))
                ticking.cancel()
                if self._answering is not None:
                    self._answering.cancel()
        except* ConnectionClosed:
            pass
        except* SpeechError as errors:
            raise errors.exceptions[0] from None

    async def _on_message(self, socket: ClientConnection, message: dict[str, Any]) -> None:
        match message["type"]:
            case "session.ready":
                await socket.send(json.dumps({"type": "start", "consent": True}))
            case "audio.begin":
                self._speaker.begin(message["generation"], message["offset"])
            case "audio.mark":
                self._speaker.mark(message["generation"], message["id"])
            case "audio.flush":
                generation = message["generation"]
                samples = self._speaker.flush(generation, self._played_s)
                flushed = {"type": "audio.flushed", "generation": generation, "samples": samples}
                await socket.send(json.dumps(flushed))
            case "caption":
                self._on_caption(message)
            case "notice" | "error":
                self._progress(f"  ! {message['message']}")
            case "session.ended":
                self._ended = message["reason"]
                self._progress(f"  {message['message']}")

    def _on_caption(self, caption: dict[str, Any]) -> None:
        if caption["speaker"] == "interviewer":
            self._caption = caption["text"]
        if caption["final"] and caption["id"] not in self._shown:
            self._shown.add(caption["id"])
            self._progress(f"  {caption['speaker']}: {caption['text']}")

    # --- real time -------------------------------------------------------------------------------

    async def _tick(self, socket: ClientConnection, group: asyncio.TaskGroup) -> None:
        """Send a frame every 20 ms, and report what was played."""
        ticks = 0
        while True:
            at_s = self._origin + ticks * FRAME_MS / 1000
            delay = at_s - time.monotonic()
            if delay > 0:
                await asyncio.sleep(delay)
            try:
                await socket.send(self._frame(at_s))
                self._played_s = self._origin + (ticks + 1) * FRAME_MS / 1000
                await self._report_playback(socket, group, at_s)
            except ConnectionClosed:  # what came before the close is still to be read
                return
            ticks += 1

    def _frame(self, at_s: float) -> bytes:
        """Return the next 20 ms of the microphone: a piece of the answer, or the room."""
        count = SPEECH_RATE * FRAME_MS // 1000
        room = self._rng.normal(0, NOISE_RMS, count).astype(np.int16)
        if self._saying:
            piece, self._saying = self._saying[: 2 * count], self._saying[2 * count :]
            spoken = np.frombuffer(piece, np.int16)
            room[: len(spoken)] = spoken
            if not self._saying:
                self._exchanges[-1].ended_s = at_s - self._origin + len(spoken) / SPEECH_RATE
                self._quiet_since = at_s
        frame = room.tobytes()
        self._microphone += frame
        return frame

    async def _report_playback(
        self, socket: ClientConnection, group: asyncio.TaskGroup, at_s: float
    ) -> None:
        for message in self._speaker.messages(self._played_s):
            await socket.send(json.dumps(message))
            if message["type"] == "audio.marked":
                self._quiet_since = at_s
                # A reply that was spoken into an answer is not answered: the next one will be.
                if not self._saying and (self._answering is None or self._answering.done()):
                    answer = self._answer(socket, int(str(message["generation"])))
                    self._answering = group.create_task(answer)
        self._note_wait()
        if not self._saying and at_s - self._quiet_since > SILENCE_LIMIT_S:
            await _end(socket)
            self._quiet_since = at_s

    def _note_wait(self) -> None:
        """Note the voice-to-voice time, once the reply to the last answer has begun to sound."""
        if not self._exchanges or self._saying or self._exchanges[-1].v2v_ms is not None:
            return
        last = self._exchanges[-1]
        for generation, at_s in self._speaker.first_heard.items():
            wait_s = at_s - self._origin - last.ended_s
            if at_s > self._played_s or generation <= self._answered_generation:
                continue
            if last.ended_s and wait_s > 0:
                last.v2v_ms = wait_s * 1000
                return

    async def _answer(self, socket: ClientConnection, generation: int) -> None:
        """Choose an answer while a person would draw breath, and say it."""
        heard = self._caption
        answer, _ = await asyncio.gather(self._answers.next(heard), asyncio.sleep(REACTION_S))
        if self._ended is not None:
            return
        if answer is None:
            self._progress("  The candidate has nothing more to say, and leaves.")
            await _end(socket)
            return
        self._answered_generation = generation
        began = time.monotonic() - self._origin
        self._exchanges.append(SimulatedExchange(answer.text, answer.source, began, 0.0, heard))
        self._saying = answer.sound.astype("<i2").tobytes()


async def _end(socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        await socket.send(json.dumps({"type": "end"}))
