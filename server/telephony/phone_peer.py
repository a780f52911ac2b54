"""Phone peer: a call, from its stream's first message through the dialogue into its interview."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import structlog

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, Dialect, DialectError, Received
from server.sockets.admission import Entry
from server.sockets.serve import SentAway
from server.store.records import Call
from server.telephony.call_admission import CallAdmission
from server.telephony.closing_announcements import TURNED_AWAY
from sessions.ivr import PhoneDialogue
from sessions.leg import DigitPressed, Leg, LegEvent
from sessions.record.retrying import StoreUnavailable

START_WITHIN_S = 5.0
"""Time within which a bridge must say what call it puts through; all do so at once."""

MAX_EARLY_KEYS = 32

ANSWERED_BY = "answered_by"
"""Parameter by which a bridge says what has answered our call: a value that begins with `machine`
is a machine's, as far as it can tell."""

CallCheck = Callable[[CallStarted], Awaitable[Call | None]]
"""Function that returns which call a stream is of, by what the bridge says of it; None: none that
may be admitted."""

log = structlog.stdlib.get_logger()


class PhonePeer:
    """Call, from its stream's first message to the interview's first word.

    See `server.sockets.admission.Peer`.
    """

    def __init__(
        self,
        dialect: Dialect,
        call_admission: CallAdmission,
        check: CallCheck,
        *,
        subprotocol: str | None = None,
        start_within_s: float = START_WITHIN_S,
    ) -> None:
        self.dialect = dialect
        self.subprotocol = subprotocol
        self._call_admission = call_admission
        self._check = check
        self._start_within_s = start_within_s
        self._started: asyncio.Future[CallStarted] = asyncio.get_running_loop().create_future()
        self._dialogue: PhoneDialogue | None = None
        self._call: Call | None = None
        self._told = False
        self._generation = 0
        self._early: list[str] = []

    def take(self, received: Received) -> bool:
        """Take a message; see `Peer`."""
        dialogue = self._dialogue
        if isinstance(received, CallStarted):
            if self._started.done():
                raise DialectError("already_in", "The call was started already.")
            self._started.set_result(received)
        elif dialogue is None:  # nobody listens yet, but keys are not lost
            if isinstance(received, DigitPressed) and len(self._early) < MAX_EARLY_KEYS:
                self._early.append(received.digit)
        elif isinstance(received, np.ndarray):
            dialogue.hear(received)
        elif isinstance(received, LegEvent):
            dialogue.receive(received)
        return False

    def mistaken(self) -> CloseReason | None:
        """Return None; see `Peer`."""
        return None

    async def unusable(self, started: CallStarted) -> None:
        """Find out which call it is, so that it ends; see `Peer`."""
        if self._call is not None:
            return
        try:
            self._call = await self._check(started)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))

    async def enter(self, leg: Leg) -> Entry:
        """Wait for the call and hold the dialogue before the interview; see `Peer`."""
        try:
            async with asyncio.timeout(self._start_within_s):
                started = await self._started
        except TimeoutError:
            raise SentAway(CloseReason.NO_HELLO) from None
        self._call = await self._check(started)
        if self._call is None:
            raise SentAway(CloseReason.TICKET_REFUSED)
        log.info("call connected", call=self._call.ref, direction=self._call.direction)
        with self._call_admission.reserve_seat(self._call.interview_id):
            return await self._receive(self._call, started, leg)

    async def _receive(self, call: Call, started: CallStarted, leg: Leg) -> Entry:
        """Hold the dialogue before the interview. Raises SentAway, StoreUnavailable."""
        async with self._call_admission.open_dialogue(leg) as self._dialogue:
            for digit in self._early:
                self._dialogue.receive(DigitPressed(digit))
            try:
                machine = started.parameters.get(ANSWERED_BY, "").startswith("machine")
                return await self._call_admission.identify(call, self._dialogue, machine=machine)
            except SentAway:
                self._told = True
                raise
            finally:
                self._generation = self._dialogue.generation
                self._dialogue = None

    async def turned_away(self, leg: Leg, reason: CloseReason) -> None:
        """Say why the call leads to no interview, unless the caller has heard it; see `Peer`."""
        sentence = TURNED_AWAY.get(reason)
        if self._call is None or self._told or sentence is None:
            return
        dialogue = self._call_admission.open_dialogue(leg, after=self._generation)
        async with dialogue as self._dialogue:
            try:
                await dialogue.say(sentence)
            finally:
                self._dialogue = None

    async def part(self, reason: CloseReason) -> None:
        """Note that the stream has ended; see `Peer`."""
        if self._call is None:
            return
        try:
            await self._call_admission.stream_ended(self._call, reason)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
