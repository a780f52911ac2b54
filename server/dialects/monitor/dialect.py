"""The monitor's dialect, `viva.monitor.v1`: JSON, and sound in binary. Pure."""

import struct
from collections.abc import Iterable
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from audio.pcm import AudioFormatError, from_bytes
from server.dialects.monitor import messages as wire
from server.dialects.monitor.commands import MONITOR_CLIENT_MESSAGE, MonitorClientMessage
from server.dialects.plain_text import NO_NUL, holds_nul
from sessions.leg import CaptionNote, CommittedNote, EndedNote, TroubleNote
from sessions.monitor.events import (
    ActionNow,
    ConnectionNow,
    CostNow,
    CoverageNow,
    FloorNow,
    InterviewSnapshot,
    LatencyNow,
    LevelsNow,
    MonitorEvent,
    NumberedEvent,
    PresentViewer,
    QualityNow,
    SoundFrame,
    StateNow,
    TurnReopened,
    ViewersNow,
)
from sessions.monitor.rights import Right, in_order
from sessions.plan.plan import Plan
from sessions.record.action_log import Action
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Turn

MAX_FRAME_BYTES = wire.MICROPHONE_RATE * wire.MICROPHONE_MAX_FRAME_MS // 1000 * 2
HUGE_FRAME_BYTES = 8 * MAX_FRAME_BYTES
"""A larger frame is no mistake of framing any more: the socket is closed at once."""

_HEADER = struct.Struct("<II")
_WRAPS = 2**32

_HOLDERS: dict[FloorHolder, tuple[wire.HolderName, wire.FloorStateName]] = {
    FloorHolder.INTERVIEWER: ("interviewer", "held"),
    FloorHolder.PASSING: ("recruiter", "passing"),
    FloorHolder.RECRUITER: ("recruiter", "held"),
    FloorHolder.LOST: ("recruiter", "lost"),
    FloorHolder.PAUSED: ("nobody", "paused"),
    FloorHolder.WAITING: ("nobody", "waiting"),
}


class MonitorDialectError(Exception):
    """A message that is not in the protocol.

    `code` is for programs, the text for people; where it is `huge`, the socket is closed at once.
    """

    def __init__(self, code: str, message: str, *, huge: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.huge = huge


def receive_text(text: str) -> MonitorClientMessage:
    """Decode a JSON message of a monitor. Raises MonitorDialectError."""
    if len(text) > wire.MAX_TEXT_CHARS:
        raise MonitorDialectError(
            "message_too_long",
            f"A message of {len(text)} characters is too long: {wire.MAX_TEXT_CHARS} are allowed.",
        )
    if holds_nul(text):
        raise MonitorDialectError("bad_message", NO_NUL)
    try:
        return MONITOR_CLIENT_MESSAGE.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise MonitorDialectError(
            "bad_message", f"That message is not in the protocol: {first['msg'].rstrip('.')}."
        ) from None


def receive_audio(frame: bytes) -> NDArray[np.int16]:
    """Decode the recruiter's microphone to mono PCM16 at 16 kHz. Raises MonitorDialectError."""
    if len(frame) > MAX_FRAME_BYTES:
        raise MonitorDialectError(
            "frame_too_big",
            f"A frame of {len(frame)} bytes is too big: {wire.MICROPHONE_MAX_FRAME_MS} ms of "
            f"16 kHz PCM16 are {MAX_FRAME_BYTES} bytes.",
            huge=len(frame) > HUGE_FRAME_BYTES,
        )
    try:
        return from_bytes(frame)
    except AudioFormatError as error:
        raise MonitorDialectError("odd_audio", str(error)) from None


def encode(item: NumberedEvent | SoundFrame | LevelsNow) -> str | bytes:
    """Return the message for an item of the queue.

    It is made once for all monitors, and kept with the item.
    """
    if item.encoded is None:
        match item:
            case NumberedEvent():
                item.encoded = as_json(event_message(item.event, item.seq, item.at_ms))
            case SoundFrame():
                head = _HEADER.pack(item.number % _WRAPS, round(item.at_ms) % _WRAPS)
                item.encoded = head + item.pcm
            case LevelsNow():
                item.encoded = as_json(
                    wire.MonitorLevels(
                        at_ms=round(item.at_ms),
                        candidate=list(item.candidate),
                        interviewer=list(item.interviewer),
                    )
                )
    return item.encoded


def as_json(message: BaseModel) -> str:
    """Encode a message as it goes over the wire."""
    return message.model_dump_json()


def event_message(event: MonitorEvent, seq: int, at: float) -> wire.NumberedMessage:
    """Return a numbered event as a message. `at` is session time in ms."""
    when: dict[str, Any] = {"seq": seq, "at_ms": round(at)}
    match event:
        case CaptionNote():
            return wire.MonitorCaption(
                **when,
                speaker=event.speaker.value,
                id=event.caption_id,
                text=event.text,
                final=event.final,
            )
        case CommittedNote():
            return wire.MonitorTurnCommitted(**when, turn=_line(event.turn))
        case TurnReopened():
            return wire.MonitorTurnReopened(**when, index=event.index)
        case StateNow():
            return wire.MonitorState(
                **when, **_state(event), time_left_ms=round(event.time_left_ms)
            )
        case FloorNow():
            holder, state = _HOLDERS[event.holder]
            actor = event.actor
            return wire.MonitorFloor(
                **when,
                holder=holder,
                state=state,
                user_id=None if actor is None else str(actor.user_id),
                user_name=None if actor is None else actor.name,
                time_left_ms=round(event.time_left_ms),
            )
        case CoverageNow():
            questions = [
                wire.QuestionState.model_validate({"id": id, "state": state})
                for id, state in event.questions
            ]
            return wire.MonitorCoverage(
                **when, current=event.current, next=event.next, questions=questions
            )
        case _:
            return _measured(event, when)


def _measured(event: MonitorEvent, when: dict[str, Any]) -> wire.NumberedMessage:
    match event:
        case LatencyNow():
            return wire.MonitorLatency(
                **when,
                index=event.index,
                voice_to_voice_ms=event.voice_to_voice_ms,
                parts=dict(event.parts),
            )
        case QualityNow():
            return wire.MonitorAudioQuality(
                **when,
                over_ms=round(event.over_ms),
                voice_db=event.voice_db,
                noise_db=event.noise_db,
                clipped=event.clipped,
                missing_ms=round(event.missing_ms),
            )
        case ConnectionNow():
            return wire.MonitorConnection(**when, connected=event.connected)
        case CostNow():
            return wire.MonitorCost(
                **when,
                cost_usd=event.cost_usd,
                input_tokens=event.input_tokens,
                output_tokens=event.output_tokens,
                voiced_chars=event.voiced_chars,
                unpriced=list(event.unpriced),
                capped=event.capped,
            )
        case ViewersNow():
            return wire.MonitorListeners(**when, people=_people(event.people))
        case ActionNow():
            return _acted(event, when)
        case TroubleNote():
            return wire.MonitorNotice(**when, code=event.code, message=event.message)
        case EndedNote():
            return wire.MonitorEnded(**when, reason=event.reason)
        case CaptionNote() | CommittedNote() | TurnReopened() | StateNow() | FloorNow():
            raise TypeError(f"{type(event).__name__} is not measured")
        case CoverageNow():
            raise TypeError("coverage is not measured")
        case _:
            assert_never(event)


def _acted(event: ActionNow, when: dict[str, Any]) -> wire.MonitorAction:
    action = event.action
    minutes = round(action.detail["ms"] / 60_000) if action.kind == "extend" else None
    return wire.MonitorAction.model_validate(
        {
            **when,
            "id": str(action.id),
            "action": action.kind.value,
            "state": event.step.value,
            "user_id": str(action.actor.user_id),
            "user_name": action.actor.name,
            "text": action.text,
            "minutes": minutes,
        }
    )


def snapshot_message(
    snapshot: InterviewSnapshot, rights: Iterable[Right], user_id: str
) -> wire.MonitorSnapshot:
    """Return everything so far, for a viewer with these rights."""

    def event(event: MonitorEvent) -> Any:
        return event_message(event, snapshot.seq, snapshot.at_ms)

    return wire.MonitorSnapshot(
        stream=snapshot.stream,
        seq=snapshot.seq,
        at_ms=round(snapshot.at_ms),
        interview_id=snapshot.interview_id,
        candidate_name=snapshot.candidate_name,
        title=snapshot.plan.title,
        role=snapshot.plan.role,
        language=snapshot.language,
        rights=[right.value for right in in_order(rights)],
        user_id=user_id,
        time_limit_ms=round(snapshot.limit_ms),
        time_left_ms=round(snapshot.state.time_left_ms),
        connected=snapshot.connected,
        **_state(snapshot.state),
        floor=event(snapshot.floor),
        plan=_plan(snapshot.plan),
        coverage=event(snapshot.coverage),
        transcript=[_line(turn) for turn in snapshot.turns],
        captions=[event(caption) for caption in snapshot.captions],
        latencies=[event(latency) for latency in snapshot.latencies],
        cost=event(snapshot.cost),
        listeners=_people(snapshot.people),
        hints=[_hint(hint) for hint in snapshot.hints],
    )


def _state(state: StateNow) -> dict[str, Any]:
    return {
        "candidate": state.candidate.value,
        "interviewer": state.interviewer.value,
        "recruiter": "speaking" if state.recruiter_speaks else "quiet",
    }


def _line(turn: Turn) -> wire.TranscriptLine:
    question, move, hint = (turn.move.get(name) for name in ("question", "kind", "hint"))
    return wire.TranscriptLine(
        index=turn.index,
        revision=turn.revision,
        speaker=turn.speaker.value,
        text=turn.heard_text,
        started_ms=turn.started_ms,
        ended_ms=turn.ended_ms,
        interrupted=turn.interrupted,
        question=None if question is None else str(question),
        move=None if move is None else str(move),
        hint=None if hint is None else str(hint),
    )


def _people(people: Iterable[PresentViewer]) -> list[wire.Person]:
    return [
        wire.Person(
            user_id=str(person.actor.user_id), name=person.actor.name, listening=person.listening
        )
        for person in people
    ]


def _hint(action: Action) -> wire.WaitingHint:
    return wire.WaitingHint(id=str(action.id), text=action.text or "", user_name=action.actor.name)


def _plan(plan: Plan) -> list[wire.PlanSection]:
    return [
        wire.PlanSection(
            title=section.title,
            questions=[
                wire.PlanQuestion(
                    id=question.id,
                    text=question.text,
                    competency=question.competency,
                    must_ask=question.must_ask,
                    probes=[wire.PlanProbe(cue=p.cue, text=p.text) for p in question.probes],
                )
                for question in section.questions
            ],
        )
        for section in plan.sections
    ]
