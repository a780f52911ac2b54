"""Telnyx bridge: the webhooks of a TeXML application, each signed with Ed25519.

https://developers.telnyx.com/docs/voice/programmable-voice/texml-translator. TeXML is TwiML but for
its streams, which must be asked for both ways ("rtp"), and for what follows them: the next verb,
here a redirect that asks us what comes next.
"""

import time
from base64 import b64decode
from collections.abc import Callable
from html import escape
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.http.problems import Problem
from server.http.urls import own_address
from server.settings import Settings
from server.store.calls import MAX_STREAMS
from server.store.records import Call
from server.telephony import twiml
from server.telephony.call_admission import CallAdmission
from server.telephony.closing_announcements import SORRY, closing_announcements, pause_before
from server.telephony.ed25519 import KEY_BYTES, Ed25519Checks, TooManyChecks
from server.telephony.lines import TELNYX_PATH
from sessions.record.retrying import StoreUnavailable

BRIDGE = "telnyx"
PREFIX = "/bridges/telnyx"
CODEC = "PCMU"

SIGNATURE_HEADER = "telnyx-signature-ed25519"
TIMESTAMP_HEADER = "telnyx-timestamp"
SIGNED_WITHIN_S = 300.0
"""Age of a signature up to which it counts: Telnyx's own advice."""

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
MAX_FIELDS = 200

log = structlog.stdlib.get_logger()


class TelnyxBridge:
    """Bridge of one account's calls. Raises ValueError for a public key that is not one."""

    def __init__(
        self,
        settings: Settings,
        call_admission: CallAdmission,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        key = b64decode(settings.telnyx_public_key, validate=True)
        if len(key) != KEY_BYTES:
            raise ValueError("VIVA_TELNYX_PUBLIC_KEY is not the public key of an account.")
        self._checks = Ed25519Checks(key)
        self._settings = settings
        self._call_admission = call_admission
        self._clock = clock

    def router(self) -> APIRouter:
        """Return the routes of the three webhooks."""
        router = APIRouter(prefix=PREFIX, include_in_schema=False)
        router.add_api_route("/voice", self.voice, methods=["POST"])
        router.add_api_route("/after", self.after, methods=["POST"])
        router.add_api_route("/status", self.status, methods=["POST"])
        return router

    async def voice(self, request: Request) -> Response:
        """Answer an incoming call."""
        form = await self._form(request)
        try:
            call = await self._call_admission.take_call(
                BRIDGE, form["CallSid"], form.get("From", "")
            )
            return await self._connect(request, call, 0)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            return _texml(twiml.say(SORRY), twiml.HANG_UP)

    async def after(self, request: Request, step: Annotated[int, Query(ge=1)]) -> Response:
        """Answer the end of the call's `step`-th stream: with another, unless all was said."""
        form = await self._form(request)
        store = self._call_admission.store
        try:
            call = await store.calls.find(BRIDGE, form["CallSid"])
            if call is None or form.get("CallStatus", "") in OVER:
                return _texml(twiml.HANG_UP)
            words = closing_announcements(call, await store.calls.interview_of_call(call))
            if words is None and step >= MAX_STREAMS:
                words = [SORRY]
            if words is not None:
                return _texml(*map(twiml.say, words), twiml.HANG_UP)
            log.info("call resumed", call=call.ref, streams=call.streams)
            waits = pause_before(step)
            before = [twiml.pause(waits)] if waits else []
            return await self._connect(request, call, step, *before)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            return _texml(twiml.say(SORRY), twiml.HANG_UP)

    async def status(self, request: Request) -> Response:
        """Record how a call goes on."""
        form = await self._form(request)
        status = form.get("CallStatus", "")
        call = await self._call_admission.store.calls.find(BRIDGE, form["CallSid"])
        if call is not None and status:
            ended = status if status in OVER else None
            await self._call_admission.store.calls.set_status(
                call.id, status[:40], end_reason=ended
            )
        return Response(status_code=204)

    async def _connect(self, request: Request, call: Call, step: int, *before: str) -> Response:
        ticket = await self._call_admission.store.calls.issue_ticket(
            call.id, step, self._settings.ticket_lifetime_s
        )
        if ticket is None:
            return _texml(twiml.HANG_UP)
        address = own_address(request)
        stream = f"ws{address.removeprefix('http')}{TELNYX_PATH}"
        after = f"{address}{PREFIX}/after?step={step + 1}"
        return _texml(*before, connect_stream(stream, ticket), redirect(after))

    async def _form(self, request: Request) -> dict[str, str]:
        """Return the fields of a signed request. Raises Problem for any other."""
        body = await request.body()
        try:
            signed = await self._is_signed(request, body)
        except TooManyChecks:
            raise Problem(
                503, "busy", "Busy", "Too many requests wait to be checked. Ask again."
            ) from None
        try:
            fields = parse_qsl(
                body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
            )
        except ValueError:
            fields = []
        form = dict(fields)
        if not (signed and form.get("CallSid")):
            log.info("webhook refused", path=request.url.path)
            raise Problem(
                403, "not-signed", "Not signed", "This address is for Telnyx's signed requests."
            )
        return form

    async def _is_signed(self, request: Request, body: bytes) -> bool:
        """Return whether the time and the body have a recent signature. Raises TooManyChecks."""
        timestamp = request.headers.get(TIMESTAMP_HEADER, "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            return False
        if abs(self._clock() - int(timestamp)) > SIGNED_WITHIN_S:
            return False
        try:
            signature = b64decode(request.headers.get(SIGNATURE_HEADER, ""), validate=True)
        except ValueError:
            return False
        return await self._checks.is_signed(f"{timestamp}|".encode() + body, signature)


def connect_stream(stream_url: str, ticket: str) -> str:
    """Connect the call to a stream both ways, with the ticket of this call."""
    parameter = f'<Parameter name="call_ticket" value="{escape(ticket)}"/>'
    attributes = (
        f'url="{escape(stream_url)}" track="inbound_track" codec="{CODEC}"'
        f' bidirectionalMode="rtp" bidirectionalCodec="{CODEC}"'
    )
    return f"<Connect><Stream {attributes}>{parameter}</Stream></Connect>"


def redirect(url: str) -> str:
    """Return the verb that asks this address what comes next."""
    return f'<Redirect method="POST">{escape(url)}</Redirect>'


def _texml(*verbs: str) -> Response:
    return Response(twiml.response(*verbs), media_type="text/xml")
