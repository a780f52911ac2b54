"""Vonage's dialect, by the messages of its documentation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.pcm import AudioFormat
from audio.speech import SPEECH_RATE
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, DialectError, PeerReply
from server.dialects.telephony.json_messages import write_object
from server.dialects.telephony.vonage import VonageDialect
from sessions.leg import DigitPressed, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.phone import PIECE, heard, receive, sounds, spoken, texts

CALL = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
CONNECTED: dict[str, Any] = {
    "event": "websocket:connected",
    "content-type": "audio/l16;rate=16000",
    "call": CALL,
    "ticket": "let me in",
}
CLEARED = {"event": "websocket:cleared"}


def notified(name: str) -> dict[str, Any]:
    return {"event": "websocket:notify", "payload": {"mark": name}}


def started(rate: int = 16_000) -> VonageDialect:
    dialect = VonageDialect()
    start = CONNECTED | {"content-type": f"audio/l16;rate={rate}"}
    assert isinstance(receive(dialect, start), CallStarted)
    return dialect


def test_the_start_has_the_headers_of_the_ncco() -> None:
    dialect = VonageDialect()
    assert receive(dialect, CONNECTED) == CallStarted(CALL, {"call": CALL, "ticket": "let me in"})
    assert dialect.traits.input_format == dialect.traits.output_format == AudioFormat(16_000)
    assert receive(dialect, CONNECTED) == "started_twice"


@pytest.mark.parametrize(
    "content_type",
    ["audio/l16;rate=11025", "audio/l16", "audio/opus;rate=16000", "audio/l16;rate=999999999", "x"],
)
def test_another_format_is_refused(content_type: str) -> None:
    with pytest.raises(DialectError) as error:
        VonageDialect().receive_text(write_object(**(CONNECTED | {"content-type": content_type})))
    assert error.value.fatal is CloseReason.WRONG_FORMAT


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000])
def test_sound_comes_and_goes_in_frames_of_20_ms(rate: int) -> None:
    dialect = started(rate)
    frame = rate // 50 * 2
    assert heard(dialect, *[bytes(frame)] * 50) == pytest.approx(SPEECH_RATE, rel=0.05)
    dialect.begin(1, 0)
    messages = spoken(dialect, 10)
    assert {len(data) for data in sounds(messages)} == {frame}
    assert len(sounds(messages)) == pytest.approx(50, abs=1)


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ({"event": "websocket:dtmf", "digit": "5", "duration": 260}, DigitPressed("5")),
        ({"event": "websocket:dtmf", "digit": 5}, DigitPressed("5")),
        ({"event": "websocket:dtmf"}, "bad_message"),
        (CLEARED, PeerReply()),
        (notified("404"), PeerReply()),
        ({"event": "websocket:notify", "payload": {}}, "bad_message"),
        ({"event": "websocket:notify"}, "bad_message"),
        ({"event": "websocket:something"}, PeerReply()),
        ({}, "bad_message"),
        (bytes(641), "odd_audio"),
        (bytes(32_000 * 3 + 2), "frame_too_big"),
        ("no JSON", "bad_message"),
    ],
)
def test_every_event_means_something_or_is_a_mistake(message: Any, meaning: Any) -> None:
    assert receive(started(), message) == meaning


@pytest.mark.parametrize("message", [bytes(640), CLEARED, notified("1"), {"event": "x"}])
def test_nothing_comes_before_the_start(message: Any) -> None:
    assert receive(VonageDialect(), message) == "not_started"


def test_notify_is_the_mark() -> None:
    dialect = started()
    dialect.begin(1, 0)
    actions = texts(spoken(dialect, 10))
    assert {action["action"] for action in actions} == {"notify"}
    told = [receive(dialect, notified(action["payload"]["mark"])) for action in actions]
    assert told[-1] == MarkReached(1)
    assert [type(position) for position in told[:-1]] == [PlayedTo] * (len(told) - 1)


def test_clear_is_told_by_cleared_or_by_the_notify_behind_it_and_once() -> None:
    for first, second in ((CLEARED, None), (None, CLEARED)):
        dialect = started()
        dialect.begin(1, 0)
        spoken(dialect, 4)
        clear, notify = texts(dialect.flush(1))
        assert clear == {"action": "clear"}
        name = notified(notify["payload"]["mark"])
        assert receive(dialect, first or name) == FlushDone(1, 0)
        assert receive(dialect, second or name) == PeerReply()


@given(
    st.dictionaries(
        st.sampled_from([*CONNECTED, "payload", "digit"]),
        st.sampled_from(["websocket:connected", "websocket:dtmf", "websocket:notify"])
        | st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.just([])
        | st.fixed_dictionaries({"mark": st.text() | st.integers()}),
    )
)
def test_no_field_has_a_value_that_breaks_it(fields: dict[str, Any]) -> None:
    for dialect in (VonageDialect(), started()):
        receive(dialect, fields)
        receive(dialect, CONNECTED | fields)
        dialect.audio(PIECE)


@given(st.text(), st.binary(max_size=2_000))
def test_no_message_is_anything_but_an_event_or_a_mistake(text: str, frame: bytes) -> None:
    for dialect in (VonageDialect(), started()):
        receive(dialect, text)
        receive(dialect, frame)
