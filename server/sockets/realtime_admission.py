"""Admission of clients of the OpenAI Realtime protocol, which show the key of one interview."""

import secrets
from collections.abc import Callable
from uuid import UUID

import structlog
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from server.cost_caps import CostCapReached, CostCaps
from server.dialects.close_reasons import CloseReason
from server.dialects.realtime.dialect import RealtimeDialect
from server.dialects.realtime.messages import KEY_SUBPROTOCOL, SUBPROTOCOL
from server.dialects.realtime.session_settings import MAX_MODEL_CHARS
from server.settings import Settings
from server.sockets.admission import AuthenticatedPeer, Entry, Peer
from server.sockets.origins import origin_allowed
from server.sockets.serve import SentAway
from server.store.records import TicketGrant
from server.store.tickets import REALTIME_KEY, TicketStore
from sessions.record.retrying import StoreUnavailable

log = structlog.get_logger()

MAX_KEY_CHARS = 256
"""Longest key that is looked up."""


class RealtimeAdmission:
    """Lets in programs, which show their key as a bearer token, and pages, in a subprotocol.

    Pages must be of an origin that may open sockets; programs have no origin. Whoever cannot hold
    the interview gets no socket at all: clients count their attempts anew with each that opens.
    """

    def __init__(
        self,
        settings: Settings,
        tickets: TicketStore,
        has_room: Callable[[UUID], bool],
        caps: CostCaps,
    ) -> None:
        self._settings = settings
        self._tickets = tickets
        self._has_room = has_room
        self._caps = caps

    async def admit(self, websocket: WebSocket) -> Peer:
        """See `Admission`."""
        headers = websocket.headers
        origin = headers.get("origin")
        host = headers.get("host", "")
        if origin is not None and not origin_allowed(origin, host, self._settings):
            raise SentAway(CloseReason.ORIGIN_REFUSED, at_the_handshake=True)
        offered = websocket.scope.get("subprotocols", [])
        key = bearer_of(websocket) or _offered_key(offered)
        if key is None or len(key) > MAX_KEY_CHARS:
            raise SentAway(CloseReason.TICKET_REFUSED, at_the_handshake=True)
        grant = await self._checked(key)
        asked = websocket.query_params.get("model", "")[:MAX_MODEL_CHARS]
        session = dict(grant.session or {})
        named = session.pop("model", None)
        return AuthenticatedPeer(
            RealtimeDialect(
                secrets.token_hex(6),
                asked or named,
                quiet=self._settings.realtime_refuse_quietly,
                session=session,
            ),
            SUBPROTOCOL if SUBPROTOCOL in offered else None,
            Entry(grant.interview_id),
        )

    async def _checked(self, key: str) -> TicketGrant:
        """Return what a key opens. Raises SentAway where it opens nothing just now."""
        try:
            grant = await self._tickets.check(key, REALTIME_KEY)
            if grant is not None and not grant.over:
                await self._caps.check_entry(grant.interview_id)
        except CostCapReached as error:
            log.warning("cost cap reached", problem=str(error))
            raise SentAway(CloseReason.COST_CAP, at_the_handshake=True) from None
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            raise SentAway(CloseReason.DATABASE_DOWN, at_the_handshake=True) from None
        if grant is None:
            raise SentAway(CloseReason.TICKET_REFUSED, at_the_handshake=True)
        if grant.over:
            raise SentAway(CloseReason.INTERVIEW_OVER, at_the_handshake=True)
        if not self._has_room(grant.interview_id):
            raise SentAway(CloseReason.NO_ROOM, at_the_handshake=True)
        return grant


def bearer_of(connection: HTTPConnection) -> str | None:
    """Return the bearer token that came with a request; None without any."""
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _offered_key(offered: list[str]) -> str | None:
    for name in offered:
        if name.startswith(KEY_SUBPROTOCOL):
            return name.removeprefix(KEY_SUBPROTOCOL) or None
    return None
