"""Twilio bridge: its webhooks, the admission of its streams, and calls through its API.

Twilio requests three addresses, each with its signature: `voice` when a call is answered, `after`
when a stream has ended, `status` as a call goes on. The stream's upgrade is signed too, and carries
the ticket that was made for this call, in its first message.
"""

from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted
from server.dialects.telephony.twilio import TwilioDialect
from server.http.problems import Problem
from server.http.urls import own_address
from server.services import CallNotPlaced
from server.settings import Settings
from server.sockets.admission import Peer
from server.sockets.serve import SentAway
from server.store.calls import MAX_STREAMS
from server.store.records import Call, Interview
from server.telephony import twiml
from server.telephony.call_admission import CallAdmission
from server.telephony.closing_announcements import SORRY, closing_announcements, pause_before
from server.telephony.phone_peer import ANSWERED_BY, PhonePeer
from server.telephony.twilio_api import TwilioApi
from server.telephony.twilio_signature import HEADER, SETTINGS_HEADER, is_signed
from sessions.record.retrying import StoreUnavailable

BRIDGE = "twilio"
PREFIX = "/bridges/twilio"
STREAM_PATH = f"{PREFIX}/stream"

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Values of CallStatus after which nothing of a call is left."""

MACHINE_START = "machine_start"
"""Value of AnsweredBy for what sounds like a machine, before it has said what it has to say."""

MAX_FIELDS = 200

MESSAGE = (
    "Hello, this is a message for {name}. We called about your interview. "
    "Please call us back at this number when it suits you, or use the link in your invitation."
)

log = structlog.stdlib.get_logger()


class TwilioBridge:
    """Bridge of one account's calls."""

    def __init__(self, settings: Settings, call_admission: CallAdmission) -> None:
        if settings.twilio_auth_token is None:
            raise ValueError("VIVA_TWILIO_AUTH_TOKEN is not set.")
        self._settings = settings
        self._call_admission = call_admission
        self._token = settings.twilio_auth_token.get_secret_value()
        self._api = TwilioApi(settings.twilio_api_url, settings.twilio_account_sid, self._token)

    # --- calls out -------------------------------------------------------------------------------

    async def call_candidate(self, interview: Interview, number: str, *, address: str) -> Call:
        """Call a candidate; see `server.services.Telephone`."""
        if not self._settings.twilio_from_number:
            raise CallNotPlaced(
                "VIVA_TWILIO_FROM_NUMBER is not set: there is no number to call from."
            )
        store = self._call_admission.store
        call = await store.calls.create_outbound(
            BRIDGE, interview, number, most_per_hour=self._settings.outbound_calls_per_hour
        )
        base = f"{address}{PREFIX}"
        try:
            ref = await self._api.call(
                number,
                self._settings.twilio_from_number,
                answer_url=f"{base}/voice?call={call.id}",
                status_url=f"{base}/status",
                machine=self._settings.twilio_machine,
            )
        except CallNotPlaced as error:
            await store.calls.set_status(call.id, "failed", end_reason=str(error))
            raise
        named = await store.calls.set_ref(call.id, BRIDGE, ref)
        if named is None:
            raise CallNotPlaced("Twilio answered with the name of another call.")
        log.info("call placed", call=ref, interview_id=str(interview.id))
        return named

    # --- the stream ------------------------------------------------------------------------------

    async def admit(self, websocket: WebSocket) -> Peer:
        """Admit a stream; see `server.sockets.admission.Admission`."""
        if not self._is_signed(websocket, [], socket=True):
            raise SentAway(CloseReason.SIGNATURE_REFUSED, at_the_handshake=True)
        return PhonePeer(TwilioDialect(), self._call_admission, self._check)

    async def _check(self, started: CallStarted) -> Call | None:
        ticket = started.parameters.get("ticket", "")
        return await self._call_admission.store.calls.consume_ticket(BRIDGE, started.call, ticket)

    # --- webhooks --------------------------------------------------------------------------------

    def router(self) -> APIRouter:
        """Return the routes of the three webhooks."""
        router = APIRouter(prefix=PREFIX, include_in_schema=False)
        router.add_api_route("/voice", self.voice, methods=["POST"])
        router.add_api_route("/after", self.after, methods=["POST"])
        router.add_api_route("/status", self.status, methods=["POST"])
        return router

    async def voice(
        self, request: Request, call: Annotated[UUID | None, Query()] = None
    ) -> Response:
        """Answer a call: one that came in, or (with `call`) one that we have placed."""
        form = await self._form(request)
        ref, number = form.get("CallSid", ""), form.get("From", "")
        try:
            if call is None:
                taken: Call | None = await self._call_admission.take_call(BRIDGE, ref, number)
            else:
                taken = await self._call_admission.store.calls.set_ref(call, BRIDGE, ref)
            if taken is None:
                return _twiml(twiml.HANG_UP)
            answered_by = form.get("AnsweredBy", "")
            if answered_by == MACHINE_START:  # or an assistant that screens calls: it is heard
                return await self._connect(request, taken, 0, answered_by=answered_by)
            if answered_by.startswith(("machine", "fax")):
                return await self._machine(taken, answered_by)
            return await self._connect(request, taken, 0)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            return _twiml(twiml.say(SORRY), twiml.HANG_UP)

    async def after(self, request: Request, step: Annotated[int, Query(ge=1)]) -> Response:
        """Answer the end of the call's `step`-th stream.

        Unless everything was said, the caller stays, and gets another: a server that restarts hangs
        up on nobody.
        """
        form = await self._form(request)
        try:
            call = await self._call_admission.store.calls.find(BRIDGE, form.get("CallSid", ""))
            if call is None or form.get("CallStatus", "") in OVER:
                return _twiml(twiml.HANG_UP)
            interview = await self._call_admission.store.calls.interview_of_call(call)
            words = closing_announcements(call, interview)
            if words is not None:
                return _twiml(*map(twiml.say, words), twiml.HANG_UP)
            if step >= MAX_STREAMS:
                return _twiml(twiml.say(SORRY), twiml.HANG_UP)
            log.info("call resumed", call=call.ref, streams=call.streams)
            waits = pause_before(step)
            before = [twiml.pause(waits)] if waits else []
            return await self._connect(request, call, step, *before)
        except StoreUnavailable as error:
            log.warning("database unavailable", problem=str(error))
            return _twiml(twiml.say(SORRY), twiml.HANG_UP)

    async def status(self, request: Request) -> Response:
        """Record how a call goes on."""
        form = await self._form(request)
        status = form.get("CallStatus", "")
        call = await self._call_admission.store.calls.find(BRIDGE, form.get("CallSid", ""))
        if call is not None and status:
            ended = status if status in OVER else None
            await self._call_admission.store.calls.set_status(
                call.id, status[:40], end_reason=ended
            )
        return Response(status_code=204)

    async def _connect(
        self, request: Request, call: Call, step: int, *before: str, answered_by: str = ""
    ) -> Response:
        """Connect the call's next stream; hang up for a request that is seen a second time."""
        ticket = await self._call_admission.store.calls.issue_ticket(
            call.id, step, self._settings.ticket_lifetime_s
        )
        if ticket is None:
            return _twiml(twiml.HANG_UP)
        address = own_address(request)
        stream = f"ws{address.removeprefix('http')}{STREAM_PATH}"
        after = f"{address}{PREFIX}/after?step={step + 1}"
        given = {"ticket": ticket} | ({ANSWERED_BY: answered_by} if answered_by else {})
        return _twiml(*before, twiml.connect(stream, after, **given))

    async def _machine(self, call: Call, answered_by: str) -> Response:
        store = self._call_admission.store
        log.info("answering machine detected", call=call.ref, by=answered_by)
        await store.calls.set_status(call.id, "machine", end_reason="answering_machine")
        interview = await store.calls.interview_of_call(call)
        leave = self._settings.twilio_machine == "leave_message" and answered_by != "fax"
        if interview is None or not leave:
            return _twiml(twiml.HANG_UP)
        message = MESSAGE.format(name=interview.candidate_name)
        return _twiml(twiml.say(message), twiml.HANG_UP)

    async def _form(self, request: Request) -> dict[str, str]:
        """Return the fields of a signed request of our account. Raises Problem for any other."""
        body = (await request.body()).decode(errors="replace")
        try:
            fields = parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError:
            fields = []
        form = dict(fields)
        ours = form.get("AccountSid", "") == self._settings.twilio_account_sid
        if not (self._is_signed(request, fields, socket=False) and ours and form.get("CallSid")):
            log.info("webhook refused", path=request.url.path)
            raise Problem(
                403, "not-signed", "Not signed", "This address is for Twilio's signed requests."
            )
        return form

    def _is_signed(
        self, connection: HTTPConnection, form: list[tuple[str, str]], *, socket: bool
    ) -> bool:
        """Return whether the address is signed.

        It is the address as Twilio was given it, not as a proxy may have made it.
        """
        address = own_address(connection)
        if socket and address.startswith("http"):
            address = "ws" + address.removeprefix("http")
        query = connection.url.query
        url = f"{address}{connection.url.path}{'?' + query if query else ''}"
        headers = connection.headers
        return is_signed(self._token, url, form, headers.get(HEADER), headers.get(SETTINGS_HEADER))


def _twiml(*verbs: str) -> Response:
    return Response(twiml.response(*verbs), media_type="text/xml")
