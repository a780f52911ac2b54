"""The one pump that serves every dialect: a socket in, a session's leg out.

In: origin, subprotocol, ticket, session; then frames. Every way out is a `CloseReason`.
"""

import asyncio
import time
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from audio.speech import SPEECH_RATE
from server.api.join import CANDIDATE_TICKET
from server.closing import CloseReason
from server.dialects import browser_messages
from server.dialects.browser import BrowserDialect
from server.dialects.dialect import (
    Answered,
    Dialect,
    DialectError,
    EndAsked,
    FlushDone,
    MarkReached,
    PlayedTo,
    Started,
    TicketShown,
)
from server.flood import CLOSE_ABOVE, MIN_FRAME_S, AudioBudget, Verdict
from server.origins import origin_allowed
from server.settings import Settings
from server.socket_leg import SocketLeg
from server.store import Directory
from sessions.checkpoint import StoreUnavailable
from sessions.registry import NoRoom, SessionRegistry
from sessions.session import Session
from sessions.store import InterviewNotFound, InterviewOver

HELLO_WITHIN_S = 5.0
MISTAKES_ALLOWED = 3
"""The third message that is not in the protocol closes the socket."""

PAUSE_S = 0.05
"""Reading pauses for this long at least, now and then: shorter pauses are inexact."""

CLOSE_WITHIN_S = 5.0
"""How long a peer that is sent away may take to read what it is told."""

log = structlog.get_logger()


class Refused(Exception):
    """The peer is not let in, or not kept, for this reason."""

    def __init__(self, reason: CloseReason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


class MediaSocket:
    """The browser's socket at /ws/interview. One object serves all connections."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        registry: SessionRegistry,
        *,
        clock: Callable[[], float] = time.monotonic,
        hello_within_s: float = HELLO_WITHIN_S,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._registry = registry
        self._clock = clock
        self._hello_within_s = hello_within_s

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from handshake to close."""
        headers = websocket.headers
        if not origin_allowed(headers.get("origin"), headers.get("host", ""), self._settings):
            log.info("socket refused", why=CloseReason.ORIGIN_REFUSED.label)
            await websocket.close(CloseReason.ORIGIN_REFUSED.code)  # HTTP 403: not accepted yet
            return
        offered = websocket.scope.get("subprotocols", [])
        if browser_messages.SUBPROTOCOL not in offered:
            await websocket.accept()
            log.info("socket refused", why=CloseReason.WRONG_SUBPROTOCOL.label)
            reason = CloseReason.WRONG_SUBPROTOCOL
            await websocket.close(reason.code, reason.sentence)
            return
        await websocket.accept(browser_messages.SUBPROTOCOL)
        dialect = BrowserDialect()
        leg = SocketLeg(websocket, dialect)
        reading = asyncio.create_task(self._hold(websocket, dialect, leg))
        sending = asyncio.create_task(leg.run())
        try:
            await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                leg.close_with(reading.result())
                await asyncio.wait({sending}, timeout=CLOSE_WITHIN_S)
        finally:
            reading.cancel()
            sending.cancel()
            await asyncio.gather(reading, sending, return_exceptions=True)

    async def _hold(self, websocket: WebSocket, dialect: Dialect, leg: SocketLeg) -> CloseReason:
        """Read until it is over; why (which tells nothing to a peer that has gone by itself)."""
        try:
            await self._converse(websocket, dialect, leg)
        except Refused as refused:
            log.info("socket refused", why=refused.reason.label)
            return refused.reason
        except WebSocketDisconnect:
            pass
        except Exception:
            log.exception("socket failed")
            return CloseReason.INTERNAL_ERROR
        return CloseReason.GOING_AWAY

    async def _converse(self, websocket: WebSocket, dialect: Dialect, leg: SocketLeg) -> None:
        session = await self._let_in(await self._hello(websocket, dialect))
        connection = _Connection(session, dialect, leg, self._clock)
        known_as = {
            "session_id": str(session.facts.session_id),
            "interview_id": str(session.facts.interview_id),
        }
        structlog.contextvars.bind_contextvars(**known_as)  # to the end of this task
        leg.log = leg.log.bind(**known_as)
        log.info("leg connects")
        session.connect(leg)
        try:
            await connection.read(websocket)
        finally:
            session.disconnect(leg)
            log.info("leg is gone")

    async def _hello(self, websocket: WebSocket, dialect: Dialect) -> str:
        """The ticket out of the first message."""
        try:
            async with asyncio.timeout(self._hello_within_s):
                message = await websocket.receive()
        except TimeoutError:
            raise Refused(CloseReason.NO_HELLO) from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            event = dialect.receive_text(message.get("text") or "")
        except DialectError:
            raise Refused(CloseReason.TICKET_REFUSED) from None
        if not isinstance(event, TicketShown):
            raise Refused(CloseReason.TICKET_REFUSED)
        return event.ticket

    async def _let_in(self, ticket: str) -> Session:
        try:
            grant = await self._directory.consume_ticket(ticket, CANDIDATE_TICKET)
            if grant is None:
                raise Refused(CloseReason.TICKET_REFUSED)
            return await self._registry.open(grant.interview_id)
        except (InterviewOver, InterviewNotFound):
            raise Refused(CloseReason.INTERVIEW_OVER) from None
        except NoRoom as error:
            log.warning("no room", problem=str(error))
            raise Refused(CloseReason.NO_ROOM) from None
        except StoreUnavailable as error:
            log.warning("database is down", problem=str(error))
            raise Refused(CloseReason.DATABASE_DOWN) from None


class _Connection:
    """One candidate's connection, once it is let in."""

    def __init__(
        self,
        session: Session,
        dialect: Dialect,
        leg: SocketLeg,
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._dialect = dialect
        self._leg = leg
        self._clock = clock
        self._audio = AudioBudget(clock())
        self._words = AudioBudget(clock())
        self._owed_s = 0.0
        self._mistakes = 0

    async def read(self, websocket: WebSocket) -> None:
        """Take messages until the peer goes. Raises Refused for one that cannot be kept."""
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            frame = message.get("bytes")
            try:
                if frame is not None:
                    samples = self._dialect.receive_audio(frame)
                    self._session.hear(self._leg, samples)
                    await self._keep_to_audio(len(samples) / SPEECH_RATE)
                else:
                    await self._control(message.get("text") or "")
                    await self._keep_to_words()
            except DialectError as error:
                self._mistake(error)

    async def _keep_to_audio(self, audio_s: float) -> None:
        verdict = self._audio.take(audio_s, self._clock())
        if verdict is Verdict.CLOSE:
            raise Refused(CloseReason.TOO_MUCH_AUDIO)
        if verdict is Verdict.WAIT:
            # Read on at the rate that is too much, or it could never be told from a backlog.
            await self._pause(max(audio_s, MIN_FRAME_S) / CLOSE_ABOVE)

    async def _keep_to_words(self) -> None:
        """Control messages, each as a tiny frame: more than 200 a second have to wait."""
        if self._words.take(0.0, self._clock()) is not Verdict.FINE:
            await self._pause(MIN_FRAME_S)

    async def _pause(self, seconds: float) -> None:
        self._owed_s += seconds
        if self._owed_s >= PAUSE_S:
            owed, self._owed_s = self._owed_s, 0.0
            await asyncio.sleep(owed)

    async def _control(self, text: str) -> None:
        session, leg = self._session, self._leg
        match self._dialect.receive_text(text):
            case Started():
                try:
                    await session.begin(leg)
                except StoreUnavailable as error:
                    log.warning("database is down", problem=str(error))
                    raise Refused(CloseReason.DATABASE_DOWN) from None
            case PlayedTo(generation, samples):
                session.played(leg, generation, samples)
            case MarkReached(generation):
                session.marked(leg, generation)
            case FlushDone(generation, samples):
                session.flushed(leg, generation, samples)
            case EndAsked():
                session.end("ended_by_candidate")
            case Answered(messages):
                leg.send(list(messages))
            case TicketShown():
                raise DialectError("already_in", "The ticket was shown already.")

    def _mistake(self, error: DialectError) -> None:
        self._mistakes += 1
        if error.fatal is None and self._mistakes >= MISTAKES_ALLOWED:
            error.fatal = CloseReason.PROTOCOL_ERROR
        log.info("bad message", code=error.code, problem=str(error), count=self._mistakes)
        self._leg.send(self._dialect.error(error))
        if error.fatal is not None:
            raise Refused(error.fatal)
