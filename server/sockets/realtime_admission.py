"""Admission of clients of the OpenAI Realtime protocol, which show the key of one interview."""

import secrets

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from server.dialects.close_reasons import CloseReason
from server.dialects.realtime.dialect import RealtimeDialect
from server.dialects.realtime.messages import KEY_SUBPROTOCOL, SUBPROTOCOL
from server.dialects.realtime.session_settings import MODEL
from server.settings import Settings
from server.sockets.admission import AuthenticatedPeer, Entry, Peer
from server.sockets.origins import origin_allowed
from server.sockets.serve import SentAway
from server.store.tickets import REALTIME_KEY, TicketStore

MAX_KEY_CHARS = 256
"""Longest key that is looked up."""

MAX_MODEL_CHARS = 64
"""Longest name of a model that is kept; longer ones are cut off."""


class RealtimeAdmission:
    """Lets in programs, which show their key as a bearer token, and pages, in a subprotocol.

    Pages must be of an origin that may open sockets; programs have no origin.
    """

    def __init__(self, settings: Settings, tickets: TicketStore) -> None:
        self._settings = settings
        self._tickets = tickets

    async def admit(self, websocket: WebSocket) -> Peer:
        """See `Admission`."""
        headers = websocket.headers
        origin = headers.get("origin")
        host = headers.get("host", "")
        if origin is not None and not origin_allowed(origin, host, self._settings):
            raise SentAway(CloseReason.ORIGIN_REFUSED, at_the_handshake=True)
        offered = websocket.scope.get("subprotocols", [])
        key = _bearer(websocket) or _offered_key(offered)
        if key is None or len(key) > MAX_KEY_CHARS:
            raise SentAway(CloseReason.TICKET_REFUSED, at_the_handshake=True)
        grant = await self._tickets.check(key, REALTIME_KEY)
        if grant is None:
            raise SentAway(CloseReason.TICKET_REFUSED, at_the_handshake=True)
        asked = websocket.query_params.get("model", MODEL)[:MAX_MODEL_CHARS]
        return AuthenticatedPeer(
            RealtimeDialect(secrets.token_hex(6), asked),
            SUBPROTOCOL if SUBPROTOCOL in offered else None,
            Entry(grant.interview_id),
        )


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _offered_key(offered: list[str]) -> str | None:
    for name in offered:
        if name.startswith(KEY_SUBPROTOCOL):
            return name.removeprefix(KEY_SUBPROTOCOL) or None
    return None
