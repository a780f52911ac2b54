"""The monitor's dialect: every event has its message, and what is wrong has its code."""

import json
import struct
from uuid import UUID

import numpy as np
import pytest

from server.dialects.monitor import messages as wire
from server.dialects.monitor.dialect import (
    MonitorDialectError,
    encode,
    event_message,
    receive_audio,
    receive_text,
)
from sessions.leg import CaptionNote, CommittedNote, EndedNote, TroubleNote
from sessions.monitor.events import (
    ActionNow,
    ConnectionNow,
    CostNow,
    CoverageNow,
    FloorNow,
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
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState
from sessions.turntaking.turns import Speaker, Turn

RITA = Actor(UUID(int=1), "Rita")
EVENTS: list[tuple[MonitorEvent, str]] = [
    (CaptionNote(Speaker.RECRUITER, "recruiter-1", "Hello.", final=True), "caption"),
    (CommittedNote(Turn(3, Speaker.INTERVIEWER, "Why?", "Why", 1, 2)), "turn.committed"),
    (TroubleNote("database", "It is away."), "notice"),
    (EndedNote("completed", "Thank you."), "ended"),
    (StateNow(CandidateState.QUIET, InterviewerState.IDLE, True, 5.4), "state"),
    (TurnReopened(3), "turn.reopened"),
    (FloorNow(FloorHolder.LOST, RITA, 5.0), "floor"),
    (CoverageNow("q1", None, (("q1", "current"),)), "coverage"),
    (LatencyNow(4, 812.5, {"hold": 600.0}), "latency"),
    (QualityNow(4_000, None, -60.0, 0.0, 12.0), "audio.quality"),
    (ConnectionNow(True), "connection"),
    (CostNow(None, 1, 2, 3), "cost"),
    (ViewersNow((PresentViewer(RITA, True),)), "listeners"),
    (ActionNow(Action(ActionKind.EXTEND, RITA, detail={"ms": 300_000}), Step.DONE), "action"),
]


@pytest.mark.parametrize(("event", "kind"), EVENTS, ids=[kind for _, kind in EVENTS])
def test_every_event_has_its_message(event: MonitorEvent, kind: str) -> None:
    message = event_message(event, 7, 1_000.4)
    body = json.loads(message.model_dump_json())
    assert (body["type"], body["seq"], body["at_ms"]) == (kind, 7, 1_000)
    wire.MONITOR_SERVER_MESSAGE.validate_json(message.model_dump_json())


def test_a_message_is_made_once_for_all_monitors() -> None:
    numbered = NumberedEvent(1, 0.0, ConnectionNow(False))
    assert encode(numbered) is encode(numbered)


def test_a_frame_says_its_number_and_when_it_began() -> None:
    frame = encode(SoundFrame(70_000, 123_456.7, b"\x01\x00\x02\x00"))
    assert isinstance(frame, bytes)
    assert struct.unpack("<II", frame[:8]) == (70_000, 123_457)
    assert np.frombuffer(frame[8:], "<i2").tolist() == [1, 2]
    levels = json.loads(encode(LevelsNow(80.0, (-30, -31), (-100, -100))))
    assert levels["candidate"] == [-30, -31]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_message"),
        ("[]", "bad_message"),
        ('{"type":"pause"}', "bad_message"),
        ('{"type":"pause","ref":"a b"}', "bad_message"),
        ('{"type":"extend","ref":"1","minutes":31}', "bad_message"),
        ('{"type":"hint","ref":"1","text":" "}', "bad_message"),
        ('{"type":"ping","t":NaN}', "bad_message"),
        ("x" * 5_000, "message_too_long"),
    ],
)
def test_what_is_not_in_the_protocol_has_a_code(text: str, code: str) -> None:
    with pytest.raises(MonitorDialectError) as refused:
        receive_text(text)
    assert refused.value.code == code


def test_sound_that_is_no_sound_has_a_code() -> None:
    assert len(receive_audio(bytes(640))) == 320
    for frame, code, huge in (
        (bytes(641), "odd_audio", False),
        (bytes(1_922), "frame_too_big", False),
        (bytes(20_000), "frame_too_big", True),
    ):
        with pytest.raises(MonitorDialectError) as refused:
            receive_audio(frame)
        assert (refused.value.code, refused.value.huge) == (code, huge)
