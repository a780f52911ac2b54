"""Vonage bridge: its answer and event webhooks, each with a signed JWT.

https://developer.vonage.com/en/voice/voice-api/webhook-reference. The answer is an NCCO that
connects the call to our socket, with the ticket of this call among its headers. When that socket is
lost, Vonage requests the event webhook (`eventType` synchronous), and its NCCO opens another. All
legs of a call share its `conversation_uuid`: that identifies the call here.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import jwt
import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from server.dialects.dialect import DialectError
from server.dialects.telephony.json_messages import parameters_in, read_object
from server.dialects.telephony.vonage import CALL_HEADER
from server.http.problems import Problem
from server.http.urls import own_address
from server.settings import Settings
from server.store.calls import MAX_STREAMS
from server.store.records import Call
from server.telephony.call_admission import CallAdmission
from server.telephony.closing_announcements import SORRY, closing_announcements, pause_before
from server.telephony.lines import VONAGE_PATH
from sessions.record.retrying import StoreUnavailable

BRIDGE = "vonage"
PREFIX = "/bridges/vonage"

CONTENT_TYPE = "audio/l16;rate=16000"

OVER = frozenset({"completed", "busy", "failed", "rejected", "cancelled", "timeout", "unanswered"})
"""Values of the caller's `status` after which nothing of a call is left."""

LOST = frozenset({"disconnected", "failed", "timeout", "unanswered"})
"""Values of our socket's `status` that leave the caller without it; the socket is a leg of its own,
outbound."""

SIGNED_WITHIN_S = 300.0
"""Age of a signature, in the past or in the future, up to which it counts."""

MAX_TOKENS = 10_000
"""Tokens of requests without a body that are remembered: more than calls begin in ten minutes."""

log = structlog.stdlib.get_logger()

Ncco = list[dict[str, Any]]


class VonageBridge:
    """Bridge of one account's calls."""

    def __init__(
        self,
        settings: Settings,
        call_admission: CallAdmission,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if settings.vonage_signature_secret is None:
            raise ValueError("VIVA_VONAGE_SIGNATURE_SECRET is not set.")
        self._secret = settings.vonage_signature_secret.get_secret_value()
        self._settings = settings
        self._call_admission = call_admission
        self._clock = clock
        self._used: dict[str, tuple[str, float]] = {}

    def router(self) -> APIRouter:
        """Return the routes of the two webhooks."""
        router = APIRouter(prefix=PREFIX, include_in_schema=False)
        router.add_api_route("/answer", self.answer, methods=["GET", "POST"])
        router.add_api_route("/event", self.event, methods=["POST"])
        return router

    async def answer(self, request: Request) -> Response:
        """Answer an incoming call."""
        fields = await self._fields(request)
        try:
            call = await self._call_admission.take_call(
                BRIDGE, fields["conversation_uuid"], fields.get("from", "")
            )
            return JSONResponse(await self._connect(request, call, 0))
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            return JSONResponse([_talk(SORRY)])

    async def event(self, request: Request) -> Response:
        """Record how a call goes on.

        A caller whose socket was lost gets another, unless everything was said.
        """
        fields = await self._fields(request)
        status, ours = fields.get("status", ""), fields.get("direction") == "outbound"
        store = self._call_admission.store
        try:
            call = await store.calls.find(BRIDGE, fields["conversation_uuid"])
            if call is None:
                return JSONResponse([])
            if ours and status in LOST:
                words = closing_announcements(call, await store.calls.interview_of_call(call))
                if words is None and call.streams >= MAX_STREAMS:
                    words = [SORRY]
                if words is not None:
                    return JSONResponse([_talk(sentence) for sentence in words])
                log.info("call resumed", call=call.ref, streams=call.streams)
                waits = pause_before(call.streams)
                before = [_pause(waits)] if waits else []
                connect = await self._connect(request, call, call.streams)
                return JSONResponse([*before, *connect] if connect else [])
            if status and not ours:
                ended = status if status in OVER else None
                await store.calls.set_status(call.id, status[:40], end_reason=ended)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
        return JSONResponse([])

    async def _connect(self, request: Request, call: Call, step: int) -> Ncco:
        """Return an NCCO for the call's next socket.

        It is empty, which ends the call, for a request that is seen a second time.
        """
        ticket = await self._call_admission.store.calls.issue_ticket(
            call.id, step, self._settings.ticket_lifetime_s
        )
        if ticket is None:
            return []
        address = own_address(request)
        return ncco(
            socket_url=f"ws{address.removeprefix('http')}{VONAGE_PATH}",
            event_url=f"{address}{PREFIX}/event",
            headers={CALL_HEADER: call.ref or "", "call_ticket": ticket},
        )

    async def _fields(self, request: Request) -> dict[str, str]:
        """Return the fields of a signed request. Raises Problem for any other."""
        body = await request.body()
        try:
            sent = read_object(body.decode(errors="replace")) if body else {}
        except DialectError:
            sent = {}
        # what the token does not cover counts for nothing: a query beside a body
        fields = parameters_in(sent) if body else dict(request.query_params)
        if not (self._is_signed(request, body) and fields.get("conversation_uuid")):
            log.info("webhook refused", path=request.url.path)
            raise Problem(
                403, "not-signed", "Not signed", "This address is for Vonage's signed requests."
            )
        return fields

    def _is_signed(self, request: Request, body: bytes) -> bool:
        """Return whether a recent JWT with the account's signature secret covers this very body."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return False
        try:
            claims = jwt.decode(
                token.strip(),
                self._secret,
                algorithms=["HS256"],
                options={"require": ["iat"], "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidTokenError:
            return False
        issued = claims["iat"]
        if not isinstance(issued, int | float) or abs(self._clock() - issued) > SIGNED_WITHIN_S:
            return False
        if not body:
            return self._first_use(claims.get("jti"), request.url.query)
        hashed = claims.get("payload_hash")
        wanted = hashlib.sha256(body).hexdigest()
        return isinstance(hashed, str) and hmac.compare_digest(hashed.encode(), wanted.encode())

    def _first_use(self, token_id: object, query: str) -> bool:
        """Return whether this token is used for the first time, or again for the same query.

        No token of Vonage's covers a query. So each is good for the one that it came with, and
        whoever has seen it gets nothing by it.
        """
        if not isinstance(token_id, str) or not token_id:
            return False
        now = self._clock()
        while self._used:
            first = next(iter(self._used))
            if self._used[first][1] > now and len(self._used) < MAX_TOKENS:
                break
            del self._used[first]
        came_with, _ = self._used.setdefault(token_id, (query, now + 2 * SIGNED_WITHIN_S))
        return came_with == query


def ncco(*, socket_url: str, event_url: str, headers: dict[str, str]) -> Ncco:
    """Return the NCCO that connects the call to our socket, and asks us when that is lost."""
    endpoint = {
        "type": "websocket",
        "uri": socket_url,
        "content-type": CONTENT_TYPE,
        "headers": headers,
    }
    return [
        {
            "action": "connect",
            "eventType": "synchronous",
            "eventUrl": [event_url],
            "endpoint": [endpoint],
        }
    ]


def _pause(seconds: int) -> dict[str, Any]:
    """Wait in silence: an NCCO has no verb for that but speech with a break in it."""
    return _talk(f'<speak><break time="{seconds}s"/></speak>')


def _talk(text: str) -> dict[str, Any]:
    return {"action": "talk", "text": text}
