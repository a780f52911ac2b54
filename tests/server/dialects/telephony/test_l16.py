"""The plain dialect, by the messages of jambonz's documentation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.pcm import AudioFormat
from audio.speech import SPEECH_RATE
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, DialectError, HungUp, PeerReply
from server.dialects.telephony.json_messages import write_object
from server.dialects.telephony.l16 import L16Dialect
from sessions.leg import DigitPressed, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.phone import PIECE, heard, receive, sounds, spoken, texts

CALL = "ed2ac9a6-1d5b-4d3a-8f0a-3c9c7b1e5a10"
START: dict[str, Any] = {
    "sampleRate": 8000,
    "mixType": "mono",
    "callSid": CALL,
    "direction": "inbound",
    "from": "+15083084809",
    "to": "+15083728299",
    "sipStatus": 200,
    "ticket": "let me in",
}
"""As jambonz-feature-server puts it together: rate, call attributes, the verb's metadata."""


def mark(name: str, event: str = "playout") -> dict[str, Any]:
    return {"type": "mark", "data": {"name": name, "event": event}}


def started(**changes: Any) -> L16Dialect:
    dialect = L16Dialect()
    assert isinstance(receive(dialect, START | changes), CallStarted)
    return dialect


def test_the_start_has_the_calls_attributes() -> None:
    dialect = L16Dialect()
    call = receive(dialect, START | {"metadata": {"pin": "1234"}})
    assert isinstance(call, CallStarted)
    assert call.call == CALL
    assert call.parameters["ticket"] == "let me in"
    assert call.parameters["from"] == "+15083084809"
    assert call.parameters["pin"] == "1234"
    assert "sampleRate" not in call.parameters
    assert dialect.traits.input_format == dialect.traits.output_format == AudioFormat(8_000)
    assert receive(dialect, START) == "started_twice"


def test_a_bridge_of_ones_own_needs_no_more_than_a_rate() -> None:
    assert receive(L16Dialect(), {"sampleRate": "16000"}) == CallStarted("", {})


@pytest.mark.parametrize(
    "changes",
    [{"mixType": "stereo"}, {"mixType": "mixed"}]
    + [{"sampleRate": rate} for rate in (0, 11_025, 64_000, -1, "fast", None)],
)
def test_another_format_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DialectError) as error:
        L16Dialect().receive_text(write_object(**(START | changes)))
    assert error.value.fatal is CloseReason.WRONG_FORMAT


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_sound_comes_and_goes(rate: int) -> None:
    dialect = started(sampleRate=rate)
    frame = rate // 50 * 2
    assert heard(dialect, *[bytes(frame)] * 50) == pytest.approx(SPEECH_RATE, rel=0.05)
    dialect.begin(1, 0)
    assert len(b"".join(sounds(spoken(dialect, 10)))) == pytest.approx(50 * frame, abs=frame)


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ({"event": "dtmf", "dtmf": "2", "duration": "1600"}, DigitPressed("2")),
        ({"event": "dtmf", "dtmf": "D"}, PeerReply()),
        ({"event": "dtmf"}, "bad_message"),
        (mark("404"), PeerReply()),
        (mark("404", "cleared"), PeerReply()),
        ({"type": "mark"}, "bad_message"),
        ({"type": "mark", "data": {}}, "bad_message"),
        ({"type": "playDone"}, PeerReply()),
        ({"type": "disconnect"}, HungUp("disconnect")),
        (bytes(321), "odd_audio"),
        (bytes(16_000 * 3 + 2), "frame_too_big"),
        ("{}", "started_twice"),
        ("[]", "bad_message"),
    ],
)
def test_every_message_means_something_or_is_a_mistake(message: Any, meaning: Any) -> None:
    assert receive(started(), message) == meaning


@pytest.mark.parametrize("message", [bytes(320), mark("1"), {"event": "dtmf", "dtmf": "1"}])
def test_nothing_comes_before_the_start(message: Any) -> None:
    assert receive(L16Dialect(), message) == "not_started"


def test_nothing_comes_after_the_end() -> None:
    dialect = started()
    receive(dialect, {"type": "disconnect"})
    assert receive(dialect, bytes(320)) == "stopped"
    assert receive(dialect, {"event": "dtmf", "dtmf": "1"}) == "stopped"


def test_marks_tell_how_far_it_was_heard() -> None:
    dialect = started()
    dialect.begin(1, 0)
    commands = texts(spoken(dialect, 10))
    assert {command["type"] for command in commands} == {"mark"}
    told = [receive(dialect, mark(command["data"]["name"])) for command in commands]
    assert told[-1] == MarkReached(1)
    assert [type(position) for position in told[:-1]] == [PlayedTo] * (len(told) - 1)


def test_kill_audio_is_told_by_a_cleared_mark_or_by_the_one_behind_it_and_once() -> None:
    for by_cleared in (True, False):
        dialect = started()
        dialect.begin(1, 0)
        pending = texts(spoken(dialect, 4))[-1]["data"]["name"]
        kill, behind = texts(dialect.flush(1))
        assert kill == {"type": "killAudio"}
        answers = [mark(pending, "cleared"), mark(behind["data"]["name"])]
        first, second = answers if by_cleared else reversed(answers)
        assert receive(dialect, first) == FlushDone(1, 0)
        assert receive(dialect, second) == PeerReply()


def test_the_verb_ends_only_with_the_interview() -> None:
    dialect = started()
    assert texts(dialect.closing_messages(CloseReason.NORMAL)) == [{"type": "disconnect"}]
    assert dialect.closing_messages(CloseReason.RESTART) == []
    assert L16Dialect().closing_messages(CloseReason.NORMAL) == []


@given(
    st.dictionaries(
        st.sampled_from([*START, "type", "event", "data", "dtmf", "metadata"]),
        st.sampled_from(["mark", "dtmf", "disconnect", "cleared", "mono"])
        | st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.just([])
        | st.fixed_dictionaries({"name": st.text() | st.integers()}),
    )
)
def test_no_field_has_a_value_that_breaks_it(fields: dict[str, Any]) -> None:
    for dialect in (L16Dialect(), started()):
        receive(dialect, fields)
        receive(dialect, START | fields)
        dialect.audio(PIECE)


@given(st.text(), st.binary(max_size=2_000))
def test_no_message_is_anything_but_an_event_or_a_mistake(text: str, frame: bytes) -> None:
    for dialect in (L16Dialect(), started()):
        receive(dialect, text)
        receive(dialect, frame)
