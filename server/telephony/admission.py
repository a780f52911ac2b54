"""Admission of bridges that hold a secret of ours: Asterisk, Vonage, Telnyx, jambonz, others.

A call is admitted if its bridge knows VIVA_BRIDGE_TOKEN, as a bearer, as the password of Basic
authentication, or as the parameter `token` of the call where a bridge can send no headers; or if it
brings a ticket to an interview (the parameter `ticket`, from POST /api/v1/join/ticket); or if it
brings the ticket of this very call, which our answer to its webhook held (`call_ticket`).
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from secrets import token_hex

from pydantic import SecretStr
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, Dialect
from server.sockets.admission import Peer
from server.sockets.serve import SentAway
from server.store.records import Call, TicketGrant
from server.store.tickets import CANDIDATE_TICKET
from server.telephony.call_admission import CallAdmission
from server.telephony.phone_peer import PhonePeer

CALLER_PARAMETERS = ("caller", "from", "From", "caller_id")
"""Parameters that may hold the caller's number; the first that is there counts."""

MAX_REF_CHARS = 120
"""Longest name of a call that is kept, in characters: it is the bridge's."""


class BridgeAdmission:
    """Admission of one kind of bridge.

    `dialect` makes a connection's dialect from its handshake; with a `subprotocol`, the bridge must
    offer it, or may do so if it is `optional`.
    """

    def __init__(
        self,
        bridge: str,
        call_admission: CallAdmission,
        dialect: Callable[[WebSocket], Dialect],
        *,
        token: SecretStr | None,
        subprotocol: str | None = None,
        optional: bool = False,
    ) -> None:
        self._optional = optional
        self._bridge = bridge
        self._call_admission = call_admission
        self._dialect = dialect
        self._token = token
        self._subprotocol = subprotocol

    async def admit(self, websocket: WebSocket) -> Peer:
        """Admit a connection; see `server.sockets.admission.Admission`.

        A secret that is shown and wrong is refused at once; without one, it may still come with the
        call.
        """
        credential = _credential(websocket)
        if credential is not None and not self._is_token(credential):
            raise SentAway(CloseReason.SIGNATURE_REFUSED, at_the_handshake=True)
        offered = self._subprotocol in websocket.scope.get("subprotocols", [])
        if self._subprotocol and not (offered or self._optional):
            raise SentAway(CloseReason.WRONG_SUBPROTOCOL, at_the_handshake=True)

        async def check(started: CallStarted) -> Call | None:
            return await self._check(started, authenticated=credential is not None)

        return PhonePeer(
            self._dialect(websocket),
            self._call_admission,
            check,
            subprotocol=self._subprotocol if offered else None,
        )

    async def _check(self, started: CallStarted, *, authenticated: bool) -> Call | None:
        given = started.parameters
        store = self._call_admission.store
        ref = (started.call or token_hex(16))[:MAX_REF_CHARS]
        if call_ticket := given.get("call_ticket"):
            return await store.calls.consume_ticket(self._bridge, ref, call_ticket)
        trusted = authenticated or self._is_token(given.get("token", ""))
        grant = None
        if ticket := given.get("ticket"):
            grant = await store.tickets.consume(ticket, CANDIDATE_TICKET)
        if grant is not None:
            call = await self._take_ticket_call(grant, ref, _caller(given), trusted=trusted)
        elif trusted:
            call = await self._call_admission.take_call(self._bridge, ref, _caller(given))
        else:
            return None
        return call if call is not None and call.ended_at is None else None

    async def _take_ticket_call(
        self, grant: TicketGrant, ref: str, number: str, *, trusted: bool
    ) -> Call | None:
        """Return the call that a ticket to an interview opens; None if it is for another one.

        Where nothing but the ticket vouches for the call, its name is one among those of the
        interview: whoever has any ticket may say any name, also that of somebody else's call.
        """
        store = self._call_admission.store
        interview = await store.interviews.find(grant.organisation_id, grant.interview_id)
        if interview is None:
            return None
        name = ref if trusted else f"{interview.id}:{ref}"[:MAX_REF_CHARS]
        call = await store.calls.find_or_create(self._bridge, name, number)
        if not await store.calls.set_interview(call.id, interview):
            return None
        return await store.calls.find(self._bridge, name)

    def _is_token(self, secret: str) -> bool:
        if self._token is None:
            return False
        wanted = self._token.get_secret_value()
        return hmac.compare_digest(secret.encode(errors="replace"), wanted.encode())


def _credential(connection: HTTPConnection) -> str | None:
    """Return the secret in the handshake; None where there is none."""
    kind, _, value = connection.headers.get("authorization", "").partition(" ")
    match kind.lower():
        case "bearer":
            return value.strip()
        case "basic":
            try:
                pair = base64.b64decode(value.strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return ""
            return pair.partition(":")[2]
        case _:
            return None


def _caller(given: Mapping[str, str]) -> str:
    """Return what the bridge says of the caller."""
    return next((given[name] for name in CALLER_PARAMETERS if given.get(name)), "")
