"""Simulated caller: holds one interview over a bridge's wire, in real time.

On the telephone nothing is shown: the caller finds out that the interviewer has finished by the
silence, and what was said by speech to text, if that matters for the answer.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from audio.pcm import from_bytes
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.close_reasons import CloseReason
from server.simulator.candidate import (
    FRAME_MS,
    NOISE_RMS,
    SILENCE_LIMIT_S,
    Answers,
    SimulatedExchange,
    SimulatedInterview,
)
from server.simulator.handset import Handset
from server.simulator.loudspeaker import as_heard
from server.simulator.wire import (
    BridgeMessage,
    BridgeWire,
    DropSound,
    EndCall,
    PlaySound,
    ServerError,
    SetMark,
)

BARGE_IN_AFTER_S = 1.0
"""Length of a reply that an impatient caller listens to."""

CLOSE_WITHIN_S = 5.0

SpeechToText = Callable[[bytes], Awaitable[str]]
"""Returns what was said, from PCM16 at VOICE_RATE."""


@dataclass(slots=True)
class CallResult:
    """Outcome of a call."""

    interview: SimulatedInterview
    """Recording of the interview."""

    close_reason: str
    """Reason with which the socket was closed."""

    silenced_ms: list[float] = field(default_factory=list)
    """Time until the interviewer fell silent, for each interruption."""

    troubles: list[str] = field(default_factory=list)
    """Errors that the server reported."""

    @property
    def completed(self) -> bool:
        """Whether the interview came to its end."""
        ended = CloseReason.NORMAL
        return (self.interview.close_code, self.close_reason) == (ended.code, ended.sentence)


class Caller:
    """Caller of one call.

    `transcribe` finds out what the interviewer said. `keys` are pressed instead of the first
    answers, one string each; the turns in `barge_in` (the first is 1) are talked over.
    """

    def __init__(
        self,
        wire: BridgeWire,
        answers: Answers,
        progress: Callable[[str], None],
        *,
        transcribe: SpeechToText | None = None,
        keys: Sequence[str] = (),
        barge_in: frozenset[int] = frozenset(),
    ) -> None:
        self._wire = wire
        self._answers = answers
        self._progress = progress
        self._transcribe = transcribe
        self._keys = list(keys)
        self._barge_in = barge_in
        self._handset = Handset()
        self._rng = np.random.default_rng(7)
        self._microphone = bytearray()
        self._saying = b""
        self._interrupts = False
        self._interrupting_from_s: float | None = None
        self._exchanges: list[SimulatedExchange] = []
        self._turns = 0
        self._answering: asyncio.Task[None] | None = None
        self._silenced_ms: list[float] = []
        self._troubles: list[str] = []
        self._origin = self._quiet_since = 0.0
        self._played_s = 0.0  # the end of the latest tick: the handset takes sound tick by tick

    async def hold(self, url: str) -> CallResult:
        """Call, talk until the call is over, and return what was recorded.

        Raises WireError for a message that no bridge would take, OSError, WebSocketException,
        SpeechError.
        """
        address = self._wire.address(url)
        subprotocol = self._wire.subprotocol
        async with connect(
            address,
            additional_headers=self._wire.headers(address),
            subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
            compression=None,
            proxy=None,
            open_timeout=30,
            close_timeout=CLOSE_WITHIN_S,
        ) as socket:
            await self._talk(socket)
        handset = self._handset
        gaps_ms = handset.speaker.gaps_ms
        interview = SimulatedInterview(
            candidate=np.frombuffer(bytes(self._microphone), np.int16),
            interviewer=from_bytes(as_heard(handset.sounds, self._origin, self._played_s)),
            exchanges=self._exchanges,
            ended=socket.close_reason,
            close_code=socket.close_code,
            underrun_ms=sum(gaps_ms),
            longest_gap_ms=max(gaps_ms, default=0.0),
        )
        return CallResult(interview, socket.close_reason or "", self._silenced_ms, self._troubles)

    async def _talk(self, socket: ClientConnection) -> None:
        self._origin = self._quiet_since = self._played_s = time.monotonic()
        await self._send(socket, self._wire.hello())
        try:
            async with asyncio.TaskGroup() as group:
                ticking = group.create_task(self._tick(socket, group))
                async for message in socket:
                    await self._take(socket, message)
                ticking.cancel()
                if self._answering is not None:
                    self._answering.cancel()
        except* ConnectionClosed:
            pass
        except* Exception as errors:
            raise errors.exceptions[0] from None

    async def _take(self, socket: ClientConnection, message: BridgeMessage) -> None:
        for order in self._wire.receive(message):
            match order:
                case PlaySound():
                    self._handset.take(order, self._played_s)
                case SetMark(name):
                    self._handset.mark(name)
                case DropSound():
                    self._note_silence()
                    silenced = self._handset.silence(self._played_s)
                    await self._send(socket, self._wire.flushed(*silenced))
                case ServerError(what):
                    self._troubles.append(what)
                    self._progress(f"  ! {what}")
                case EndCall():
                    self._progress("  The server hangs up.")

    def _note_silence(self) -> None:
        """Note how long the interviewer was heard behind the beginning of an interruption.

        The order may come when all that was sent has been played: nothing more was sent, then.
        """
        if self._interrupting_from_s is None:
            return
        speaker = self._handset.speaker
        now_s = time.monotonic()
        silent_s = now_s if speaker.busy(self._played_s) else min(now_s, speaker.silent_from_s)
        self._silenced_ms.append(max(0.0, silent_s - self._interrupting_from_s) * 1000)
        self._interrupting_from_s = None

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
                await self._send(socket, self._wire.audio(self._frame(at_s)))
                self._played_s = self._origin + (ticks + 1) * FRAME_MS / 1000
                for name in self._handset.reached(self._played_s):
                    await self._send(socket, self._wire.mark_played(name))
                await self._turn(socket, group, at_s)
            except ConnectionClosed:  # what came before the close is still to be read
                return
            ticks += 1

    def _frame(self, at_s: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
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
        self._microphone += room.tobytes()
        return room

    async def _turn(self, socket: ClientConnection, group: asyncio.TaskGroup, at_s: float) -> None:
        """Answer when the interviewer has finished, or before; hang up when nothing comes."""
        handset = self._handset
        self._note_wait()
        if self._saying or (self._answering is not None and not self._answering.done()):
            return
        since = handset.audible_since_s(self._played_s)
        impatient = self._turns + 1 in self._barge_in and since is not None
        finished = handset.finished(at_s)
        if finished or (impatient and at_s - (since or at_s) > BARGE_IN_AFTER_S):
            self._turns += 1
            self._interrupts, self._interrupting_from_s = not finished, None
            self._quiet_since = at_s
            heard = handset.next_turn(self._played_s)
            self._answering = group.create_task(self._answer(socket, heard))
        elif since is None and at_s - self._quiet_since > SILENCE_LIMIT_S:
            self._progress("  Nothing was heard for a minute; the caller hangs up.")
            await self._hang_up(socket)

    def _note_wait(self) -> None:
        """Note the voice-to-voice time, once the reply to the last answer has begun to sound."""
        if not self._exchanges or self._saying or self._exchanges[-1].v2v_ms is not None:
            return
        last, since = self._exchanges[-1], self._handset.audible_since_s(self._played_s)
        if since is not None and last.ended_s and since - self._origin > last.ended_s:
            last.v2v_ms = (since - self._origin - last.ended_s) * 1000

    async def _answer(self, socket: ClientConnection, pcm: bytes) -> None:
        heard = "" if self._transcribe is None else await self._transcribe(pcm)
        self._progress(f"  interviewer: {heard or f'({len(pcm) / 2 / VOICE_RATE:.1f} s)'}")
        if self._keys:
            keys = self._keys.pop(0)
            self._progress(f"  candidate presses {keys}")
            for key in keys:
                await self._send(socket, self._wire.press(key))
            return
        answer = await self._answers.next(heard)
        if answer is None:
            self._progress("  The candidate has nothing more to say, and hangs up.")
            await self._hang_up(socket)
            return
        self._progress(f"  candidate: {answer.text or answer.source}")
        said_from_s = time.monotonic()
        if self._interrupts:
            self._interrupting_from_s = said_from_s
        began_s = said_from_s - self._origin
        self._exchanges.append(SimulatedExchange(answer.text, answer.source, began_s, 0.0, heard))
        self._saying = answer.sound.astype("<i2").tobytes()

    async def _hang_up(self, socket: ClientConnection) -> None:
        await self._send(socket, self._wire.hang_up())
        await socket.close()

    async def _send(self, socket: ClientConnection, messages: Sequence[BridgeMessage]) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in messages:
                await socket.send(message)
