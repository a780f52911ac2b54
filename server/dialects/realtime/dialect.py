"""The dialect of the OpenAI Realtime protocol (GA): JSON events, sound as base64 inside them.

See docs/realtime.md for what is supported. It keeps state of the wire only: ids, formats, which
response belongs to which generation. A client of this protocol plays by itself and never tells how
far, but it truncates what it has not played when it is interrupted.
"""

import json
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from audio.pcm import Encoding
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    Answered,
    DialectError,
    MarksOnFlush,
    PacedBy,
    Received,
    Several,
    Traits,
    WireMessage,
)
from server.dialects.realtime import messages as wire
from server.dialects.realtime.input import Heard
from server.dialects.realtime.items import Conversation, reply, spoken_answer
from server.dialects.realtime.output import Spoken
from server.dialects.realtime.session_settings import (
    MODEL,
    Refusal,
    SessionSettings,
    refused_of_response,
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


class RealtimeMistake(DialectError):
    """A mistake with what the protocol tells of it: the client's own id for the event, and the
    field that is wrong."""

    def __init__(self, code: str, message: str, event_id: str | None, param: str | None) -> None:
        super().__init__(code, message)
        self.event_id = event_id
        self.param = param


class RealtimeDialect:
    """One connection. `name` makes its ids differ from all others', `asked_model` is the model
    that the client has named."""

    def __init__(self, name: str, asked_model: str = MODEL) -> None:
        self._conversation = Conversation(name)
        self._settings = SessionSettings(asked_model)
        self._heard = Heard(self._conversation, self._settings)
        self._spoken = Spoken(self._conversation, self._settings)
        self._started = False
        self._reply_due = True  # the greeting
        self._waiting = False  # for the candidate

    @property
    def traits(self) -> Traits:
        """See `Dialect`."""
        return Traits(
            heard=self._settings.heard,
            spoken=self._settings.spoken,
            paced_by=PacedBy.PEER,
            marks_on_flush=MarksOnFlush.REPORTED,
            acknowledges=False,
            telephone=self._settings.heard.encoding is not Encoding.PCM16,
        )

    # --- from the client -------------------------------------------------------------------------

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Always a mistake: sound is base64 in JSON."""
        raise DialectError("binary_message", "Events are JSON in text messages.")

    def receive_text(self, text: str) -> Received:
        """A client event."""
        event = _read(text)
        try:
            return self._mean(event)
        except DialectError as error:
            raise RealtimeMistake(error.code, str(error), event.event_id, None) from None

    def _mean(self, event: wire.AnyClientEvent) -> Received:
        match event:
            case wire.AudioAppend():
                return self._start(self._heard.append(event.audio))
            case wire.AudioCommit():
                return self._start(self._expect(self._heard.commit(event.event_id)))
            case wire.AudioClear():
                return self._heard.clear()
            case wire.ItemCreate():
                return self._start(self._expect(self._heard.write(event)))
            case wire.ItemTruncate():
                return self._truncate(event)
            case wire.ItemRetrieve():
                return self._retrieve(event)
            case wire.ResponseCreate():
                return self._respond(event)
            case wire.ResponseCancel():
                refusal = self._spoken.cancel(event.response_id)
                return self._refuse([refusal], event) if refusal else InterruptRequested()
            case wire.SessionUpdate():
                refusals = self._settings.update(event.session)
                told = self._conversation.event(
                    "session.updated", session=self._settings.as_object()
                )
                return Answered((*self._refuse(refusals, event).messages, told))
            case wire.ItemDelete():
                sentence = "What was said stays on record."
                return self._refuse([_not_allowed(sentence, "item_id")], event)
            case wire.OutputClear():
                sentence = "The output buffer is the client's own on a WebSocket."
                return self._refuse([_not_allowed(sentence, "type")], event)
            case _:
                assert_never(event)

    def _start(self, received: Received) -> Received:
        """The interview begins with the first sound, word or wish for a reply."""
        if self._started:
            return received
        self._started = True
        parts = received.parts if isinstance(received, Several) else (received,)
        return Several((ConsentGiven(), *parts))

    def _expect(self, received: Received) -> Received:
        """An answer that was taken will be replied to."""
        self._reply_due = self._reply_due or not isinstance(received, Answered)
        return received

    def _respond(self, event: wire.ResponseCreate) -> Received:
        """The interviewer answers by itself: it can be asked to, but not to say anything else."""
        refusals = refused_of_response(event.response or {})
        if not refusals and self._waiting and not self._reply_due:
            sentence = "The interviewer is waiting for the candidate, and will then answer."
            refusals = [Refusal("not_its_turn", sentence, "type")]
        return self._start(self._refuse(refusals, event))

    def _truncate(self, event: wire.ItemTruncate) -> Received:
        speaks = self._spoken.speaks(event.item_id)
        found = self._spoken.truncate(event.item_id, event.content_index, event.audio_end_ms)
        if isinstance(found, Refusal):
            return self._refuse([found], event)
        told = Answered(
            (
                self._conversation.event(
                    "conversation.item.truncated",
                    item_id=event.item_id,
                    content_index=0,
                    audio_end_ms=event.audio_end_ms,
                ),
            )
        )
        if found is None:
            return told
        if speaks:  # who throws away what is being spoken does not want the rest
            self._spoken.cancel(None)
            return Several((InterruptRequested(), found, told))
        return Several((found, told))

    def _retrieve(self, event: wire.ItemRetrieve) -> Received:
        item = self._conversation.find(event.item_id)
        if item is None:
            refusal = Refusal("item_not_found", "There is no item of that id.", "item_id")
            return self._refuse([refusal], event)
        return Answered((self._conversation.event("conversation.item.retrieved", item=item),))

    def _refuse(self, refusals: list[Refusal], event: wire.ClientEvent) -> Answered:
        return Answered(
            tuple(
                self._conversation.error(
                    refusal.code, refusal.message, param=refusal.param, event_id=event.event_id
                )
                for refusal in refusals
            )
        )

    # --- from the session ------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """A response, from its first sound on."""
        return [*self._spoken.begin(generation, offset)]

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """`response.output_audio.delta`."""
        return [*self._spoken.audio(pcm)]

    def mark(self, generation: int) -> list[WireMessage]:
        """The response is done. It is played by then, or will be; nobody says so."""
        return [*self._spoken.finish()]

    def flush(self, generation: int) -> list[WireMessage]:
        """Nothing yet: the state that is told next says what has interrupted the reply."""
        self._spoken.flush()
        return []

    def note(self, note: Note) -> list[WireMessage]:
        """The events that say it."""
        match note:
            case ReadyNote():
                return [*self._ready(note)]
            case StateNote():
                return [*self._moved(note)]
            case CaptionNote():
                return [*self._caption(note)]
            case TroubleNote():
                return [self._conversation.error(note.code, note.message, kind="server_error")]
            case EndedNote():
                told = self._spoken.settle(heard=False, idle=True)
                if note.reason != "completed":
                    kind = "interview_ended"
                    told.append(self._conversation.error(note.reason, note.message, kind=kind))
                return [*told]
            case CommittedNote():
                return []
            case _:
                assert_never(note)

    def error(self, error: DialectError) -> list[WireMessage]:
        """An `error` event."""
        event_id, param = None, None
        if isinstance(error, RealtimeMistake):
            event_id, param = error.event_id, error.param
        return [self._conversation.error(error.code, str(error), param=param, event_id=event_id)]

    def goodbye(self, reason: CloseReason) -> list[WireMessage]:
        """Why the connection is closed, where the interview is not simply over."""
        if reason in (CloseReason.NORMAL, CloseReason.GOING_AWAY):
            return []
        kind = "server_error" if reason.retry else "invalid_request_error"
        return [self._conversation.error(reason.label, reason.sentence, kind=kind)]

    def _ready(self, note: ReadyNote) -> list[str]:
        self._settings.session_id = f"sess_{note.session_id}"
        conversation = {"id": self._conversation.id, "object": "realtime.conversation"}
        told = [
            self._conversation.event("session.created", session=self._settings.as_object()),
            self._conversation.event("conversation.created", conversation=conversation),
        ]
        for turn in note.turns:
            item = _item_of(turn, self._conversation.new_id("item"))
            told += [self._conversation.add(item), self._conversation.done(item)]
        return told

    def _moved(self, note: StateNote) -> list[str]:
        quiet = note.candidate is CandidateState.QUIET
        idle = note.interviewer is InterviewerState.IDLE
        self._waiting = quiet and idle
        if not idle:
            self._reply_due = False
        told = self._heard.moved(note.candidate, answered=not idle)
        told += self._spoken.settle(heard=not quiet, idle=idle)
        if note.interviewer is InterviewerState.THINKING:
            told += self._spoken.think()
        return told

    def _caption(self, note: CaptionNote) -> list[str]:
        if note.speaker is Speaker.INTERVIEWER:
            if not note.final:
                return self._spoken.caption(note.text)
            self._spoken.heard(note.text)
            return []
        return self._heard.settled(note.caption_id, note.text) if note.final else []


def _read(text: str) -> wire.AnyClientEvent:
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
        param = ".".join(place[1:]) if len(place) > 1 else "type"
        message = f"That event cannot be read: {what} (at {param})."
        raise RealtimeMistake(code, message, _event_id(text), param) from None


def _event_id(text: str) -> str | None:
    """The client's own id for an event that cannot be read, if that much can be read."""
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
        return spoken_answer(item_id, turn.heard_text)
    return reply(item_id, turn.heard_text, "incomplete" if turn.interrupted else "completed")
