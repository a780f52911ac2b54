"""Asterisk's queue of 1,000 frames is never filled: MEDIA_XOFF holds sound back until MEDIA_XON."""

import asyncio
from collections import deque

from audio.speech import VOICE_RATE
from server.dialects.dialect import Congested
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.json_messages import write_object
from server.sockets.websocket_leg import SocketLeg
from tests.server.dialects.telephony.test_asterisk import START
from tests.server.sockets.test_websocket_leg import Wire, running, settle

XOFF, XON, FULL = 900, 800, 1_000
FRAME = 160
TICK_S = 0.02
PIECE = bytes(VOICE_RATE // 10 * 2)
TICKS_OF_A_PIECE = 5


class Queue:
    """chan_websocket's, by its source: it takes messages, plays a frame a tick, and says when it is
    too full; what it says arrives `late` ticks later."""

    def __init__(self, wire: Wire, dialect: AsteriskDialect, late: int) -> None:
        self._wire, self._dialect = wire, dialect
        self.leg = SocketLeg(wire, dialect, sleep=self.sleep)
        self._news: deque[tuple[int, str]] = deque()
        self._late = late
        self._taken = 0
        self._tick = 0
        self._full = False
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.frames = self.most = self.dropped = self.played = 0

    async def sleep(self, seconds: float) -> None:
        """The leg's, by these ticks."""
        awake = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._tick + seconds / TICK_S, awake))
        await awake

    async def tick(self, *, playing: bool) -> None:
        """20 ms."""
        await settle()
        for message in self._wire.came[self._taken :]:
            if isinstance(message, bytes):
                self._take(len(message) // FRAME)
        self._taken = len(self._wire.came)
        if playing and self.frames:
            self.frames -= 1
            self.played += 1
        if self._full and self.frames < XON:
            self._full = False
            self._say("MEDIA_XON")
        self._tick += 1
        for at, awake in [entry for entry in self._sleepers if entry[0] <= self._tick]:
            awake.set_result(None)
            self._sleepers.remove((at, awake))
        while self._news and self._news[0][0] <= self._tick:
            event = self._dialect.receive_text(write_object(event=self._news.popleft()[1]))
            assert isinstance(event, Congested)
            self.leg.congested(event.yes)

    def _take(self, frames: int) -> None:
        if self.frames >= FULL:
            self.dropped += frames
            return
        self.frames += frames
        self.most = max(self.most, self.frames)
        if not self._full and self.frames >= XOFF:
            self._full = True
            self._say("MEDIA_XOFF")

    def _say(self, event: str) -> None:
        self._news.append((self._tick + self._late, event))


async def test_a_call_on_hold_for_half_a_minute_loses_no_frame() -> None:
    dialect = AsteriskDialect()
    dialect.receive_text(write_object(**START))
    wire = Wire()
    queue = Queue(wire, dialect, late=25)
    leg = queue.leg
    pieces = 300
    async with running(leg):
        leg.begin(1, 0)
        for tick in range(pieces * TICKS_OF_A_PIECE):  # half a minute of speech, and nobody plays
            if tick % TICKS_OF_A_PIECE == 0:
                leg.play(PIECE)
            await queue.tick(playing=False)
        assert XOFF <= queue.most < FULL
        assert leg.queued_bytes > 0, "the rest waits here"
        leg.mark(1)
        ticks = 0
        while queue.played < pieces * TICKS_OF_A_PIECE and ticks < 4_000:
            ticks += 1
            await queue.tick(playing=True)
    assert queue.dropped == 0
    assert queue.most < FULL
    assert queue.played == pieces * TICKS_OF_A_PIECE


async def test_a_flush_frees_what_was_held_back() -> None:
    dialect = AsteriskDialect()
    dialect.receive_text(write_object(**START))
    wire = Wire()
    leg = SocketLeg(wire, dialect)
    async with running(leg):
        leg.begin(1, 0)
        leg.congested(True)
        leg.play(PIECE)
        await settle()
        assert wire.came == []
        leg.flush(1)
        await settle()
    commands = [message for message in wire.came if isinstance(message, str)]
    assert "FLUSH_MEDIA" in commands[0]
    assert "MARK_MEDIA" in commands[1]
    assert not [message for message in wire.came if isinstance(message, bytes)]
