"""Call admission: whose a call is, and who is admitted.

It knows calls and invitations, and no vendor's wire.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import UUID

import structlog

from server.auth.pins import Pins
from server.cost_caps import CostCapReached, CostCaps
from server.dialects.close_reasons import CloseReason
from server.settings import Settings
from server.sockets.admission import Entry
from server.sockets.serve import SentAway
from server.store.records import Call, Interview
from server.store.store import Store
from server.telephony.caller_number import number_of
from server.telephony.closing_announcements import COST_CAP
from server.telephony.consent import MachineAnswered, ask_for_consent, greeting_of
from server.telephony.ivr_prompts import ask_for_pin
from sessions.ivr import PhoneDialogue
from sessions.leg import Leg
from sessions.session_context import Providers

PLUS_LEFT_OUT = frozenset({"vonage"})
"""Bridges that write every number internationally, and without the plus."""

SeatReserver = Callable[[UUID | None], AbstractContextManager[None]]
"""Holds a seat while a caller is spoken to, given the interview that the call is for, if known.
Raises SessionLimitReached on entering."""

log = structlog.stdlib.get_logger()


class CallAdmission:
    """Call admission of the process."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        providers: Providers,
        pins: Pins,
        reserve_seat: SeatReserver,
        caps: CostCaps,
    ) -> None:
        """Make the call admission. `reserve_seat` holds a seat for a caller until the interview."""
        self.reserve_seat = reserve_seat
        self.store = store
        self._caps = caps
        self._settings = settings
        self._providers = providers
        self._pins = pins

    def open_dialogue(self, leg: Leg, *, after: int = 0) -> PhoneDialogue:
        """Open a dialogue before the interview; `after` is an earlier one's last reply."""
        return PhoneDialogue(leg, self._providers, after=after)

    async def take_call(self, bridge: str, ref: str, said: str) -> Call:
        """Record a call that a bridge puts through, with what it says of the caller.

        It is bound to an invitation if the caller's number leads to exactly one. Raises
        StoreUnavailable.
        """
        number = number_of(said, plus_left_out=bridge in PLUS_LEFT_OUT)
        call = await self.store.calls.find_or_create(bridge, ref, number)
        if call.interview_id is None and number and self._settings.phone_caller_id:
            found = await self.store.calls.interviews_of_phone(
                number, reentry_lifetime_s=self._settings.join_lifetime_s
            )
            if len(found) == 1:
                await self.store.calls.set_interview(call.id, found[0])
                call = await self.store.calls.find_or_create(bridge, ref, number)
        return call

    async def identify(
        self, call: Call, dialogue: PhoneDialogue, *, machine: bool = False
    ) -> Entry:
        """Find out whose call it is, greet, and ask for consent, as far as still to be done.

        With `machine` the bridge takes what has answered our call for one, perhaps wrongly.
        Raises SentAway, after the caller has been told; and StoreUnavailable.
        """
        interview = await self.store.calls.interview_of_call(call)
        if interview is None:
            interview = await self._ask_who(call, dialogue)
        if interview.over:
            await dialogue.say("Hello. This interview is over; thank you. Goodbye.")
            raise SentAway(CloseReason.INTERVIEW_OVER)
        try:
            await self._caps.check_entry(interview.id)
        except CostCapReached as error:
            log.warning("cost cap reached", problem=str(error))
            await dialogue.say(COST_CAP)
            raise SentAway(CloseReason.COST_CAP) from None
        organisation = await self._organisation(interview)
        if not interview.begun:
            await self._ask_for_consent(call, dialogue, interview, organisation, machine=machine)
        elif call.answered_at is None:
            await dialogue.say(*greeting_of(interview, organisation))
        # The line of a call that goes on comes back by itself, with the time of its first entry.
        answered_at = call.answered_at or datetime.now(UTC)
        if call.answered_at is None:
            await self.store.calls.set_answered(call.id, answered_at)
        opened_ms = round(1000 * answered_at.timestamp())
        return Entry(interview.id, begun=True, opened_ms=opened_ms)

    async def _ask_for_consent(
        self,
        call: Call,
        dialogue: PhoneDialogue,
        interview: Interview,
        organisation: str,
        *,
        machine: bool,
    ) -> None:
        """Return once the candidate has agreed. Raises SentAway."""
        outbound = call.direction == "outbound"
        try:
            agreed = await ask_for_consent(
                dialogue, interview, organisation, outbound=outbound, machine=machine and outbound
            )
        except MachineAnswered:
            log.info("answering machine detected", call=call.ref, by="what it said")
            raise SentAway(CloseReason.ANSWERING_MACHINE) from None
        if not agreed:
            raise SentAway(CloseReason.NO_CONSENT)

    async def stream_ended(self, call: Call, reason: CloseReason) -> None:
        """Note that the stream of a call has ended. Where that is for good, so has the call.

        So it is where there is no room: who has been told so is not kept waiting in silence.
        """
        if not reason.retry or reason is CloseReason.NO_ROOM:
            await self.store.calls.set_status(call.id, "ended", end_reason=reason.label)

    async def _ask_who(self, call: Call, dialogue: PhoneDialogue) -> Interview:
        async def check(pin: str) -> Interview | None:
            # withheld numbers are nobody's: they are counted by the call
            caller = call.number or call.ref or ""
            if not self._pins.may_try(caller):
                log.warning("too many wrong PINs", call=call.ref)
                return None
            found = await self.store.calls.interview_of_pin(
                self._pins.hash(pin), reentry_lifetime_s=self._settings.join_lifetime_s
            )
            if found is None:
                self._pins.was_wrong(caller)
            return found

        interview = await ask_for_pin(dialogue, check)
        if interview is None:
            raise SentAway(CloseReason.UNKNOWN_CALLER)
        if not await self.store.calls.set_interview(call.id, interview):
            raise SentAway(CloseReason.UNKNOWN_CALLER)  # meanwhile it is another interview's
        return interview

    async def _organisation(self, interview: Interview) -> str:
        named = interview.plan_document.get("organisation")
        return str(named or await self.store.accounts.organisation_name(interview.organisation_id))
