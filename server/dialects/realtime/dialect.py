"""Realtime dialect: the OpenAI Realtime protocol (GA), JSON events with audio as base64 inside.

See docs/realtime.md for what is supported. It keeps state of the wire only: ids, formats, which
response belongs to which generation. A client of this protocol plays by itself and never reports
how far, but it truncates what it has not played when it is interrupted.
"""

import json
import time
from collections.abc import Callable
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from audio.pcm import Encoding
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    DialectError,
    MarksOnFlush,
    PacedBy,
    PeerReply,
    Received,
    Several,
    Traits,
    WireMessage,
)
from server.dialects.plain_text import NO_NUL, holds_nul
from server.dialects.realtime import messages as wire
from server.dialects.realtime.input import RealtimeInput
from server.dialects.realtime.items import ConversationItems, Fields, reply_item, spoken_item
from server.dialects.realtime.output import RealtimeOutput
from server.dialects.realtime.session_settings import (
    MAX_PARAM_CHARS,
    Refusal,
    SessionSettings,
    response_refusals,
)
from sessions.leg import (
    CaptionNote,
    CommittedNote,
    ConsentGiven,
    EndedNote,
    InterruptRequested,
    Note,
    ReadyNote,
    StateNote,
    TroubleNote,
)
from sessions.turntaking.transitions import CandidateState, InterviewerState
from sessions.turntaking.turns import Speaker, Turn

NO_EVENTS = ("invalid_json", "binary_message")
"""Errors of what is no event at all; any other cannot be granted, and may be one of a
newer client."""

MAX_REFUSALS = 8
"""Most errors that one event is answered with, in full."""


class RealtimeEventError(DialectError):
    """Error in a client event, with what the protocol reports of it.

    `event_id` is the client's own id for the event, `param` the field that is wrong.
    """

    def __init__(self, code: str, message: str, event_id: str | None, param: str | None) -> None:
        super().__init__(code, message, ungranted=code not in NO_EVENTS)
        self.event_id = event_id
        self.param = param


class RealtimeDialect:
    """Dialect of one connection.

    `name` makes its ids differ from all others', `requested_model` is the model that the client has
    named; None: none, and it may name any later. `quiet`: what is refused is told by a
    `session.updated`, for clients that end the connection at the first `error`. `session` holds the
    settings to begin with, all of which are granted.
    """

    def __init__(
        self,
        name: str,
        requested_model: str | None = None,
        *,
        quiet: bool = False,
        session: Fields | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quiet = quiet
        self._items = ConversationItems(name)
        self._settings = SessionSettings(requested_model)
        self._settings.update(session or {})
        self._input = RealtimeInput(self._items, self._settings, clock)
        self._output = RealtimeOutput(self._items, self._settings)
        self._started = False
        self._reply_due = True  # the greeting
        self._candidate_due = False

    @property
    def traits(self) -> Traits:
        """Properties of this wire."""
        return Traits(
            input_format=self._settings.input_format,
            output_format=self._settings.output_format,
            paced_by=PacedBy.PEER,
            marks_on_flush=MarksOnFlush.REPORTED,
            acknowledges=False,
            telephone=self._settings.input_format.encoding is not Encoding.PCM16,
        )

    # --- from the client -------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Raise DialectError: audio is base64 in JSON."""
        raise DialectError("binary_message", "Events are JSON in text messages.")

    def receive_text(self, text: str) -> Received:
        """Parse a client event."""
        event = _read(text)
        try:
            return self._handle(event)
        except DialectError as error:
            raise RealtimeEventError(error.code, str(error), event.event_id, None) from None

    def _handle(self, event: wire.AnyClientEvent) -> Received:
        match event:
            case wire.AudioAppend():
                return self._start(self._input.append(event.audio))
            case wire.AudioCommit():
                return self._start(self._expect(self._input.commit(event.event_id)))
            case wire.AudioClear():
                return self._input.clear()
            case wire.ItemCreate():
                return self._start(self._expect(self._input.create_item(event)))
            case wire.ItemTruncate():
                return self._truncate(event)
            case wire.ItemRetrieve():
                return self._retrieve(event)
            case wire.ResponseCreate():
                return self._respond(event)
            case wire.ResponseCancel():
                refusal = self._output.cancel(event.response_id)
                return self._refuse([refusal], event) if refusal else InterruptRequested()
            case wire.SessionUpdate():
                refusals = self._settings.update(event.session)
                events = self._items.event("session.updated", session=self._settings.as_object())
                return PeerReply((*self._refuse(refusals, event).messages, events))
            case wire.ItemDelete():
                sentence = "What was said stays on record."
                return self._refuse([_not_allowed(sentence, "item_id")], event)
            case wire.OutputClear():
                sentence = "The output buffer is the client's own on a WebSocket."
                return self._refuse([_not_allowed(sentence, "type")], event)
            case _:
                assert_never(event)

    def _start(self, received: Received) -> Received:
        """Start the interview with the first audio, text or request for a reply."""
        if self._started:
            return received
        self._started = True
        parts = received.parts if isinstance(received, Several) else (received,)
        return Several((ConsentGiven(), *parts))

    def _expect(self, received: Received) -> Received:
        """Note that an answer was taken and will be replied to."""
        self._reply_due = self._reply_due or not isinstance(received, PeerReply)
        return received

    def _respond(self, event: wire.ResponseCreate) -> Received:
        """Check a request for a response.

        The interviewer replies by itself: it can be asked to, but not to say anything else.
        """
        refusals = response_refusals(event.response or {})
        if not refusals and self._candidate_due and not self._reply_due:
            sentence = "The interviewer is waiting for the candidate, and will then answer."
            refusals = [Refusal("not_its_turn", sentence, "type")]
        return self._start(self._refuse(refusals, event))

    def _truncate(self, event: wire.ItemTruncate) -> Received:
        is_playing = self._output.is_playing(event.item_id)
        found = self._output.truncate(event.item_id, event.content_index, event.audio_end_ms)
        if isinstance(found, Refusal):
            return self._refuse([found], event)
        events = PeerReply(
            (
                self._items.event(
                    "conversation.item.truncated",
                    item_id=event.item_id,
                    content_index=0,
                    audio_end_ms=event.audio_end_ms,
                ),
            )
        )
        if found is None:
            return events
        if is_playing:  # a client that drops what is being played does not want the rest
            self._output.cancel(None)
            return Several((InterruptRequested(), found, events))
        return Several((found, events))

    def _retrieve(self, event: wire.ItemRetrieve) -> Received:
        item = self._items.find(event.item_id)
        if item is None:
            refusal = Refusal("item_not_found", "There is no item of that id.", "item_id")
            return self._refuse([refusal], event)
        return PeerReply((self._items.event("conversation.item.retrieved", item=item),))

    def _refuse(self, refusals: list[Refusal], event: wire.ClientEvent) -> PeerReply:
        """Return an error for each refusal; where they are many, the last one counts the rest."""
        rest = len(refusals) - MAX_REFUSALS
        if rest > 0:
            sentence = f"{rest} more settings of that event cannot be changed."
            refusals = [
                *refusals[:MAX_REFUSALS],
                Refusal("not_allowed_in_interview", sentence, "type"),
            ]
        if self._quiet:
            ignored = [self._ignored(r.code, r.message, r.param, event.event_id) for r in refusals]
            return PeerReply((self._session_updated({"ignored": ignored}),) if ignored else ())
        return PeerReply(
            tuple(
                self._items.error(
                    refusal.code, refusal.message, param=refusal.param, event_id=event.event_id
                )
                for refusal in refusals
            )
        )

    # --- from the session ------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Send the events of a response, from its first audio on."""
        return [*self._output.begin(generation, offset)]

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Send `response.output_audio.delta`."""
        return [*self._output.audio(pcm)]

    def mark(self, generation: int) -> list[WireMessage]:
        """Send the end of the response. It is played by then, or will be; no client reports it."""
        return [*self._output.finish()]

    def flush(self, generation: int) -> list[WireMessage]:
        """Send nothing yet: the state that follows says what has interrupted the reply."""
        self._output.flush()
        return []

    def note(self, note: Note) -> list[WireMessage]:
        """Send the events that say it."""
        match note:
            case ReadyNote():
                return [*self._ready(note)]
            case StateNote():
                return [*self._on_state(note)]
            case CaptionNote():
                return [*self._caption(note)]
            case TroubleNote():
                told = {"notice": {"code": note.code, "message": note.message}}
                return [self._session_updated(told)]
            case EndedNote():
                events = self._output.settle(candidate_speaks=False, idle=True)
                if note.reason != "completed":
                    kind = "interview_ended"
                    events.append(self._items.error(note.reason, note.message, kind=kind))
                return [*events]
            case CommittedNote():
                return []
            case _:
                assert_never(note)

    def error(self, error: DialectError) -> list[WireMessage]:
        """Send an `error` event."""
        event_id, param = None, None
        if isinstance(error, RealtimeEventError):
            event_id, param = error.event_id, error.param
        if self._quiet and error.ungranted and error.fatal is None:
            ignored = self._ignored(error.code, str(error), param, event_id)
            return [self._session_updated({"ignored": [ignored]})]
        return [self._items.error(error.code, str(error), param=param, event_id=event_id)]

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return why the connection is closed, where the interview is not simply over."""
        if reason in (CloseReason.NORMAL, CloseReason.GOING_AWAY):
            return []
        kind = "server_error" if reason.retry else "invalid_request_error"
        return [self._items.error(reason.label, reason.sentence, kind=kind)]

    def _ignored(
        self, code: str, message: str, param: str | None, event_id: str | None
    ) -> dict[str, str | None]:
        return {"code": code, "message": message, "param": param, "event_id": event_id}

    def _session_updated(self, told: dict[str, Any] | None = None) -> str:
        """Return `session.updated`, with what is told beside the settings.

        It is no `error` since nothing is wrong with the connection, and some clients end it at any.
        """
        session = self._settings.as_object()
        return self._items.event(
            "session.updated", session=session if told is None else session | {"viva": told}
        )

    def _ready(self, note: ReadyNote) -> list[str]:
        self._settings.session_id = f"sess_{note.session_id}"
        conversation = {"id": self._items.id, "object": "realtime.conversation"}
        events = [
            self._items.event("session.created", session=self._settings.as_object()),
            self._items.event("conversation.created", conversation=conversation),
        ]
        said = [turn.heard_text for turn in note.turns if turn.speaker is Speaker.CANDIDATE]
        self._input.said_before(said)
        for turn in note.turns:
            item = _item_of(turn, self._items.new_id("item"))
            events += [self._items.add(item), self._items.done(item)]
        return events

    def _on_state(self, note: StateNote) -> list[str]:
        quiet = note.candidate is CandidateState.QUIET
        idle = note.interviewer is InterviewerState.IDLE
        self._candidate_due = quiet and idle
        if not idle:
            self._reply_due = False
        events = self._input.on_state(note.candidate, answered=not idle)
        events += self._output.settle(candidate_speaks=not quiet, idle=idle)
        if note.interviewer is InterviewerState.THINKING:
            events += self._output.on_thinking()
        return events

    def _caption(self, note: CaptionNote) -> list[str]:
        if note.final and not note.text:  # withdrawn: no item has those words
            return []
        if note.speaker is Speaker.INTERVIEWER:
            if not note.final:
                return self._output.caption(note.text)
            self._output.set_heard_text(note.text)
            return []
        return self._input.on_final_transcript(note.caption_id, note.text) if note.final else []


def _read(text: str) -> wire.AnyClientEvent:
    if holds_nul(text):
        raise RealtimeEventError("invalid_value", NO_NUL, _event_id(text), None)
    try:
        return wire.CLIENT_EVENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = [str(part) for part in first["loc"]]
        match first["type"]:
            case "json_invalid":
                code, what = "invalid_json", "it is not JSON"
            case "union_tag_invalid":
                code, what = "unknown_event", "there is no event of that type"
            case "missing" | "union_tag_not_found":
                code, what = "missing_required_parameter", "a field is missing"
            case _:
                code, what = "invalid_value", first["msg"].rstrip(".")
        param = ".".join(place[1:])[:MAX_PARAM_CHARS] if len(place) > 1 else "type"
        message = f"That event cannot be read: {what} (at {param})."
        raise RealtimeEventError(code, message, _event_id(text), param) from None


def _event_id(text: str) -> str | None:
    """Return the client's id for an event that cannot be parsed, if that much can be read."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return None
    event_id = event.get("event_id") if isinstance(event, dict) else None
    return event_id if isinstance(event_id, str) and len(event_id) <= 512 else None


def _not_allowed(sentence: str, param: str) -> Refusal:
    return Refusal("not_allowed_in_interview", sentence, param)


def _item_of(turn: Turn, item_id: str) -> dict[str, object]:
    if turn.speaker is Speaker.CANDIDATE:
        return spoken_item(item_id, turn.heard_text)
    return reply_item(item_id, turn.heard_text, "incomplete" if turn.interrupted else "completed")
