"""MediaSocket: the one socket loop that serves every dialect: messages in, a session's leg out.

Admission asks for whatever the kind of peer needs; then come frames. Every end has a `CloseReason`.
"""

import asyncio
import time
from collections.abc import Callable

import numpy as np
import structlog
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from audio.speech import SPEECH_RATE
from server.cost_caps import CostCapReached
from server.dialects.close_reasons import CloseReason, Closings
from server.dialects.dialect import (
    AudioBuffered,
    CallStarted,
    Congested,
    DialectError,
    HungUp,
    PeerReply,
    Received,
    Several,
    TicketShown,
)
from server.sockets.admission import Admission, AuthenticatedPeer, Entry, Peer
from server.sockets.serve import (
    MISTAKES_ALLOWED,
    START_WITHIN_S,
    SentAway,
    receive,
    serve_connection,
)
from server.sockets.throttle import Throttle
from server.sockets.websocket_leg import SocketLeg
from sessions.leg import ConsentGiven, OpenedElsewhere
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import InterviewNotFound, InterviewOver
from sessions.record.transaction import ValueRefused
from sessions.registry import SessionLimitReached, SessionRegistry
from sessions.session import Session
from sessions.token_bucket import TokenBucket

UNGRANTED_AT_ONCE, UNGRANTED_A_S = 50, 1.0
"""As many messages that cannot be granted: a newer client may repeat one with every event."""

log = structlog.stdlib.get_logger()

RETRY_AFTER_S = 60
"""When whoever finds no room or no database should come again, as the sentences say."""


class MediaSocket:
    """The sockets of one kind of peer, let in by `admission`. One object serves all connections."""

    def __init__(
        self,
        admission: Admission,
        registry: SessionRegistry,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._admission = admission
        self._registry = registry
        self._clock = clock

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one connection, from handshake to close."""
        try:
            peer = await self._admit(websocket)
        except SentAway as refused:
            log.info("socket refused", why=refused.reason.label)
            if refused.at_the_handshake:
                await websocket.send_denial_response(_denial(refused.reason))
                return
            await websocket.accept()
            await websocket.close(refused.reason.code, refused.reason.sentence)
            return
        await websocket.accept(peer.subprotocol)
        leg = SocketLeg(websocket, peer.dialect, part=peer.part)
        connection = _Connection(peer, leg, self._clock)
        await serve_connection(
            self._converse(websocket, connection),
            leg,
            gone=CloseReason.GOING_AWAY,
            failed=CloseReason.INTERNAL_ERROR,
            unfit=CloseReason.BAD_VALUE,
        )

    async def _admit(self, websocket: WebSocket) -> Peer:
        try:
            return await self._admission.admit(websocket)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            raise SentAway(CloseReason.DATABASE_DOWN) from None
        except ValueRefused as error:
            log.warning("value refused", problem=str(error))
            raise SentAway(CloseReason.BAD_VALUE) from None

    async def _converse(self, websocket: WebSocket, connection: "_Connection") -> None:
        """Read until the peer goes, and let it in meanwhile. Raises as `_Connection.read`."""
        reading = asyncio.create_task(connection.read(websocket))
        entering = asyncio.create_task(self._enter(connection))
        try:
            await asyncio.wait({reading, entering}, return_when=asyncio.FIRST_EXCEPTION)
            for task in (reading, entering):
                if task.done():
                    task.result()
        finally:
            reading.cancel()
            entering.cancel()
            await asyncio.gather(reading, entering, return_exceptions=True)
            connection.leave()

    async def _enter(self, connection: "_Connection") -> None:
        """Let the peer in, or tell it why not, and wait until it begins. Raises SentAway."""
        try:
            await self._open(connection)
        except SentAway as away:
            await connection.peer.turned_away(connection.leg, away.reason)
            raise
        await connection.begun_within(START_WITHIN_S)

    async def _open(self, connection: "_Connection") -> None:
        """Let the peer in, once it is known to which interview it belongs. Raises SentAway."""
        try:
            entry = await connection.peer.enter(connection.leg)
            session = await self._registry.open(entry.interview_id)
            await connection.enter(session, entry)
        except (InterviewOver, InterviewNotFound):
            raise SentAway(CloseReason.INTERVIEW_OVER) from None
        except OpenedElsewhere:
            raise SentAway(CloseReason.OPENED_ELSEWHERE) from None
        except CostCapReached as error:
            log.warning("cost cap reached", problem=str(error))
            raise SentAway(CloseReason.COST_CAP) from None
        except SessionLimitReached as error:
            log.warning("session limit reached", problem=str(error))
            raise SentAway(CloseReason.NO_ROOM) from None
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            raise SentAway(CloseReason.DATABASE_DOWN) from None


def _denial(reason: Closings) -> PlainTextResponse:
    """Return the HTTP response in place of a socket."""
    headers = {"Retry-After": str(RETRY_AFTER_S)} if reason.retry else None
    return PlainTextResponse(reason.sentence, status_code=reason.http_status, headers=headers)


class _Connection:
    """One peer's connection: what comes is for its admission at first, then for the session."""

    def __init__(self, peer: Peer, leg: SocketLeg, clock: Callable[[], float]) -> None:
        self.peer = peer
        self.leg = leg
        self.log = log
        self._dialect = peer.dialect
        self._session: Session | None = None
        self._entered = asyncio.Event()
        self._begun = asyncio.Event()
        self._throttle = Throttle(clock)
        self._mistakes = 0
        self._clock = clock
        self._ungranted = TokenBucket(UNGRANTED_AT_ONCE, UNGRANTED_A_S, clock())

    async def enter(self, session: Session, entry: Entry) -> None:
        """Hand what comes to this session from now on. Raises StoreUnavailable."""
        known_as = {
            "session_id": str(session.context.session_id),
            "interview_id": str(session.context.interview_id),
        }
        self.log = self.log.bind(**known_as)
        self.leg.log = self.leg.log.bind(**known_as)
        self.log.info("leg connected")
        self._session = session
        session.connect(self.leg, entry.opened_ms)
        self._entered.set()
        if entry.begun:
            await self._begin(session)

    def leave(self) -> None:
        """Detach from the session: the peer is gone."""
        if self._session is not None:
            self._session.disconnect(self.leg)
            self.log.info("leg disconnected")

    async def read(self, websocket: WebSocket) -> None:
        """Take messages until the peer goes.

        Raises WebSocketDisconnect then, and SentAway for a peer that cannot be kept.
        """
        if isinstance(self.peer, AuthenticatedPeer):
            await self._entered.wait()
        while True:
            message = await receive(websocket)
            try:
                if isinstance(message, bytes):
                    received: Received = self._dialect.receive_audio(message)
                else:
                    received = self._dialect.receive_text(message)
                await self._take(received)
            except DialectError as error:
                await self._mistake(error)

    async def _take(self, received: Received) -> None:
        session = self._session
        if isinstance(received, Several):
            for part in received.parts:
                await self._take(part)
            return
        if isinstance(received, np.ndarray):
            if session is not None:
                session.hear(self.leg, received)
            else:
                await self._take_early(received)
            await self._keep_to_audio(len(received) / SPEECH_RATE)
            return
        match received:
            case AudioBuffered(audio_s):
                await self._keep_to_audio(audio_s)
                return
            case PeerReply(messages):
                if session is None:
                    await self._take_early(received)
                self.leg.send(list(messages))
            case Congested(yes):
                self.leg.congested(yes)
            case HungUp(reason):
                self.log.info("call ended", why=reason)
                raise WebSocketDisconnect(1000)
            case _ if session is None:
                await self._take_early(received)
            case TicketShown():
                raise DialectError("already_in", "The ticket was shown already.")
            case CallStarted():
                raise DialectError("already_in", "The call was started already.")
            case ConsentGiven():
                await self._begin(session)
            case _:
                session.receive(self.leg, received)
        await self._throttle.take_message()

    async def _take_early(self, received: Received) -> None:
        if self.peer.take(received):
            await self._entered.wait()

    async def _begin(self, session: Session) -> None:
        try:
            await session.begin(self.leg)
        except StoreUnavailable as error:
            self.log.warning("database unavailable", problem=str(error))
            raise SentAway(CloseReason.DATABASE_DOWN) from None
        self._begun.set()

    async def begun_within(self, start_within_s: float) -> None:
        """Return once the peer has begun the interview. Raises SentAway if it does not."""
        try:
            async with asyncio.timeout(start_within_s):
                await self._begun.wait()
        except TimeoutError:
            raise SentAway(CloseReason.NO_START) from None

    async def _keep_to_audio(self, audio_s: float) -> None:
        if not await self._throttle.take_audio(audio_s):
            raise SentAway(CloseReason.TOO_MUCH_AUDIO)

    async def _mistake(self, error: DialectError) -> None:
        if self._session is None and (reason := self.peer.mistaken()) is not None:
            raise SentAway(reason)
        self._mistakes += not error.ungranted
        flood = error.ungranted and not self._ungranted.take(self._clock())
        if error.fatal is None and (flood or self._mistakes >= MISTAKES_ALLOWED):
            error.fatal = CloseReason.PROTOCOL_ERROR
        tell = self.log.info if error.fatal is None else self.log.warning
        tell("invalid message", code=error.code, problem=str(error), count=self._mistakes)
        self.leg.send(self._dialect.error(error))
        if error.fatal is not None:
            if error.started is not None:
                await self.peer.unusable(error.started)
            raise SentAway(error.fatal)
