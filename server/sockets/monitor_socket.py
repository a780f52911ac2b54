"""MonitorSocket: admits monitors, and runs two tasks for each, one that reads and one that sends.

The sender takes from a queue that the interview fills and never waits for. A monitor needs, in this
order: origin, subprotocol, ticket, seat. Then it sends commands and, while it holds the floor,
sound. Every end has a `MonitorClose`.
"""

import asyncio
import time
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket

from server.dialects.close_reasons import MonitorClose
from server.dialects.monitor import commands as said
from server.dialects.monitor import messages as wire
from server.dialects.monitor.dialect import (
    MonitorDialectError,
    as_json,
    receive_text,
    snapshot_message,
)
from server.settings import Settings
from server.sockets.monitor_access import MonitorGuard
from server.sockets.monitor_reader import MonitorReader
from server.sockets.monitor_sender import MonitorSender
from server.sockets.origins import origin_allowed
from server.sockets.serve import HELLO_WITHIN_S, SentAway, receive, serve_connection
from server.store.records import TicketGrant, TicketUser
from server.store.store import Store
from server.store.tickets import MONITOR_TICKET
from sessions.monitor.protocol import MonitorHub, RequestRefused, Seat, Since, Viewer
from sessions.monitor.rights import Right, in_order
from sessions.record.action_log import Actor
from sessions.record.retrying import StoreUnavailable

log = structlog.get_logger()


class MonitorSocket:
    """The socket at /ws/monitor. One object serves all connections."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        hub: MonitorHub,
        guard: MonitorGuard,
        *,
        clock: Callable[[], float] = time.monotonic,
        hello_within_s: float = HELLO_WITHIN_S,
    ) -> None:
        self._settings = settings
        self._store = store
        self._hub = hub
        self._guard = guard
        self._clock = clock
        self._hello_within_s = hello_within_s

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one connection, from handshake to close."""
        headers = websocket.headers
        if not origin_allowed(headers.get("origin"), headers.get("host", ""), self._settings):
            log.info("monitor refused", why="origin_refused")
            await websocket.close(MonitorClose.ACCESS_CHANGED.code)  # HTTP 403: not accepted yet
            return
        if wire.SUBPROTOCOL not in websocket.scope.get("subprotocols", []):
            await websocket.accept()
            reason = MonitorClose.WRONG_SUBPROTOCOL
            log.info("monitor refused", why=reason.label)
            await websocket.close(reason.code, reason.sentence)
            return
        await websocket.accept(wire.SUBPROTOCOL)
        sender = MonitorSender(websocket)
        await serve_connection(
            self._converse(websocket, sender),
            sender,
            gone=MonitorClose.GOING_AWAY,
            failed=MonitorClose.INTERNAL_ERROR,
            unfit=MonitorClose.BAD_VALUE,
        )

    async def _converse(self, websocket: WebSocket, sender: MonitorSender) -> None:
        hello = await self._hello(websocket)
        try:
            grant, user = await self._let_in(hello.ticket)
            seat = await self._seat(grant, user, hello)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            raise SentAway(MonitorClose.DATABASE_DOWN) from None
        structlog.contextvars.bind_contextvars(
            interview_id=str(grant.interview_id), user_id=str(user.user_id)
        )  # to the end of this task
        admitted = self._guard.enter(user, lambda: sender.close_with(MonitorClose.ACCESS_CHANGED))
        log.info("monitor connected", rights=sorted(user.rights))
        try:
            sender.begin(seat.subscription, self._opening(seat, user, hello))
            await MonitorReader(seat, sender, self._clock).read(websocket)
        finally:
            self._guard.leave(admitted)
            seat.leave()
            log.info("monitor disconnected", dropped=seat.subscription.dropped)

    async def _hello(self, websocket: WebSocket) -> said.MonitorHello:
        """Return the first message."""
        try:
            async with asyncio.timeout(self._hello_within_s):
                message = await receive(websocket)
        except TimeoutError:
            raise SentAway(MonitorClose.NO_HELLO) from None
        try:
            hello = receive_text("" if isinstance(message, bytes) else message)
        except MonitorDialectError:
            raise SentAway(MonitorClose.TICKET_REFUSED) from None
        if not isinstance(hello, said.MonitorHello):
            raise SentAway(MonitorClose.TICKET_REFUSED)
        return hello

    async def _let_in(self, ticket: str) -> tuple[TicketGrant, TicketUser]:
        grant = await self._store.tickets.consume(ticket, MONITOR_TICKET)
        if grant is None or grant.user is None:
            raise SentAway(MonitorClose.TICKET_REFUSED)
        if not await self._guard.allows(grant.user):
            raise SentAway(MonitorClose.ACCESS_CHANGED)
        return grant, grant.user

    async def _seat(self, grant: TicketGrant, user: TicketUser, hello: said.MonitorHello) -> Seat:
        account = await self._store.accounts.find_user(grant.organisation_id, user.user_id)
        interview = await self._store.interviews.find(grant.organisation_id, grant.interview_id)
        if account is None or interview is None:
            raise SentAway(MonitorClose.TICKET_REFUSED)
        viewer = Viewer(
            Actor(account.id, account.name or account.email),
            frozenset(Right(right) for right in user.rights),
            tell_listening=await self._store.accounts.tell_listening(grant.organisation_id),
        )
        since = None
        if hello.stream is not None and hello.last is not None:
            since = Since(hello.stream, hello.last)
        try:
            seat = self._hub.join(grant.interview_id, viewer, since)
        except RequestRefused as refusal:
            log.info("monitor refused", why=refusal.code)
            raise SentAway(MonitorClose.NO_ROOM) from None
        if seat is None:
            over = interview.over
            raise SentAway(MonitorClose.INTERVIEW_OVER if over else MonitorClose.NOT_LIVE)
        return seat

    def _opening(self, seat: Seat, user: TicketUser, hello: said.MonitorHello) -> str:
        """Return the answer to `hello`."""
        rights = [Right(right) for right in user.rights]
        if seat.opening is not None:
            return as_json(snapshot_message(seat.opening, rights, str(user.user_id)))
        names = [right.value for right in in_order(rights)]
        return as_json(wire.MonitorResumed(stream=seat.stream, last=hello.last or 0, rights=names))
