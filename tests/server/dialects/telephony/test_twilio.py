"""Twilio's dialect: every message both ways, marks and flushes, and whatever else may come."""

import json
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.g711 import ulaw_encode
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, DialectError, HungUp, PeerReply, WireMessage
from server.dialects.telephony.twilio import TwilioDialect
from sessions.leg import DigitPressed, EndedNote, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.test_codec import tone

STREAM, CALL = "MZ18ad3ab5a668481ce02b83e7395059f0", "CAcb1b8ae5d0a2d4a7a0b9c6c7c8c9d0e1"
PIECE = tone(VOICE_RATE, 0.1).astype("<i2").tobytes()


def start(**changes: Any) -> dict[str, Any]:
    """As Twilio sends it."""
    inner: dict[str, Any] = {
        "accountSid": "AC" + "0" * 32,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"ticket": "let me in"},
    } | changes
    return {"event": "start", "sequenceNumber": "1", "start": inner, "streamSid": STREAM}


def media(payload: Any, **changes: Any) -> dict[str, Any]:
    inner = {"track": "inbound", "chunk": "2", "timestamp": "5", "payload": payload} | changes
    return {"event": "media", "sequenceNumber": "3", "media": inner, "streamSid": STREAM}


def marked(name: str) -> dict[str, Any]:
    return {"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": name}}


def digit(key: str) -> dict[str, Any]:
    inner = {"track": "inbound_track", "digit": key}
    return {"event": "dtmf", "streamSid": STREAM, "sequenceNumber": "5", "dtmf": inner}


STOP = {
    "event": "stop",
    "sequenceNumber": "9",
    "streamSid": STREAM,
    "stop": {"accountSid": "AC" + "0" * 32, "callSid": CALL},
}


def receive(dialect: TwilioDialect, message: Any) -> Any:
    """What a message means; the code of the error where it is none."""
    try:
        return dialect.receive_text(message if isinstance(message, str) else json.dumps(message))
    except DialectError as error:
        return error.code if str(error).endswith(".") else "no sentence"


def sent(messages: list[WireMessage]) -> list[dict[str, Any]]:
    """What goes to Twilio, taken apart; nothing but what it allows."""
    parsed = [json.loads(message) for message in messages]
    assert all(message["event"] in ("media", "mark", "clear") for message in parsed)
    assert all(message["streamSid"] == STREAM for message in parsed)
    return parsed


def names(messages: list[WireMessage]) -> list[str]:
    return [part["mark"]["name"] for part in sent(messages) if part["event"] == "mark"]


@pytest.fixture
def dialect() -> TwilioDialect:
    fresh = TwilioDialect()
    receive(fresh, {"event": "connected", "protocol": "Call", "version": "1.0.0"})
    receive(fresh, start())
    return fresh


class TestIn:
    def test_a_call_begins_with_what_it_was_given(self) -> None:
        dialect = TwilioDialect()
        connected = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        assert receive(dialect, connected) == PeerReply()
        assert receive(dialect, start()) == CallStarted(CALL, {"ticket": "let me in"})

    def test_numbers_may_be_strings_and_parameters_missing(self) -> None:
        line = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}
        message = start(mediaFormat=line)
        del message["start"]["customParameters"]
        assert receive(TwilioDialect(), message) == CallStarted(CALL, {})

    def test_sound_comes_as_pcm_at_16_khz(self, dialect: TwilioDialect) -> None:
        wire = ulaw_encode(tone(8_000))
        frames = [wire[at : at + 160] for at in range(0, len(wire), 160)]
        heard = [receive(dialect, media(b64encode(frame).decode())) for frame in frames]
        sound = np.concatenate(heard)
        assert sound.dtype == np.int16
        assert 0.95 * SPEECH_RATE < len(sound) <= SPEECH_RATE

    def test_our_own_voice_is_not_heard(self, dialect: TwilioDialect) -> None:
        assert receive(dialect, media("AAAA", track="outbound")) == PeerReply()

    def test_keys_and_the_end(self, dialect: TwilioDialect) -> None:
        pressed = [receive(dialect, digit(key)) for key in "0123456789*#"]
        assert pressed == [DigitPressed(key) for key in "0123456789*#"]
        assert receive(dialect, digit("A")) == PeerReply()
        assert receive(dialect, STOP) == HungUp("stop")
        assert receive(dialect, media("AAAA")) == "stopped"

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ("", "bad_message"),
            ("[]", "bad_message"),
            ('{"event": "media"', "bad_message"),
            ("[" * 5_000, "bad_message"),
            ({"event": "sing", "streamSid": STREAM}, "unknown_event"),
            ({"event": 7, "streamSid": STREAM}, "unknown_event"),
            ({"event": "media", "streamSid": STREAM}, "bad_message"),
            ({"event": "mark", "streamSid": STREAM, "mark": {"name": 7}}, "bad_message"),
            ({"event": "dtmf", "streamSid": STREAM, "dtmf": {}}, "bad_message"),
            (start(), "started_twice"),
            (media(1234), "bad_message"),
            (media(""), "bad_message"),
            (media("no base64!"), "bad_base64"),
            (media("AAA"), "bad_base64"),
            (media("A" * 40_000), "frame_too_big"),
            ({**media("AAAA"), "streamSid": "MZ" + "f" * 32}, "other_stream"),
            ({**STOP, "streamSid": None}, "other_stream"),
        ],
    )
    def test_what_is_no_message_of_the_stream(
        self, dialect: TwilioDialect, message: Any, code: str
    ) -> None:
        assert receive(dialect, message) == code
        assert len(receive(dialect, media("AAAA" * 400))) > 0, "and the stream goes on"

    @pytest.mark.parametrize("message", [media("AAAA"), marked("1"), digit("1"), STOP])
    def test_nothing_comes_before_the_start(self, message: dict[str, Any]) -> None:
        assert receive(TwilioDialect(), message) == "not_started"

    @pytest.mark.parametrize(
        "line",
        [
            {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1},
            {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
            {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
            {"encoding": "audio/x-mulaw", "sampleRate": "8kHz", "channels": 1},
            {"encoding": "audio/x-mulaw", "sampleRate": True, "channels": 1},
            {},
        ],
    )
    def test_another_codec_or_rate_ends_it(self, line: dict[str, Any]) -> None:
        with pytest.raises(DialectError) as refused:
            TwilioDialect().receive_text(json.dumps(start(mediaFormat=line)))
        assert refused.value.fatal is CloseReason.WRONG_FORMAT

    def test_binary_messages_are_refused(self, dialect: TwilioDialect) -> None:
        with pytest.raises(DialectError):
            dialect.receive_audio(bytes(160))


class TestOut:
    def test_a_reply_is_mu_law_with_marks_and_one_at_its_end(self, dialect: TwilioDialect) -> None:
        assert dialect.begin(1, 0) == []
        messages = [message for _ in range(10) for message in dialect.audio(PIECE)]
        last = dialect.mark(1)
        parsed = sent(messages + last)
        assert parsed[-1]["event"] == "mark"
        line = b"".join(
            b64decode(part["media"]["payload"]) for part in parsed if part["event"] == "media"
        )
        assert len(line) == pytest.approx(8_000, abs=2)
        events = [receive(dialect, marked(name)) for name in names(messages)]
        assert 4 <= len(events) <= 5
        assert all(isinstance(event, PlayedTo) for event in events)
        assert events == sorted(events, key=lambda event: event.samples)
        assert events[-1].samples == pytest.approx(VOICE_RATE, abs=VOICE_RATE // 5 + 1_000)
        assert receive(dialect, marked(names(last)[-1])) == MarkReached(1)

    def test_what_a_clear_returns_was_not_played(self, dialect: TwilioDialect) -> None:
        dialect.begin(3, 0)
        pending = names([message for _ in range(10) for message in dialect.audio(PIECE)])
        first = receive(dialect, marked(pending[0]))
        assert isinstance(first, PlayedTo)
        clear, silent = sent(dialect.flush(3))
        assert clear["event"] == "clear"
        returned = [receive(dialect, marked(name)) for name in pending[1:]]
        assert set(map(str, returned)) == {str(PeerReply())}
        done = receive(dialect, marked(silent["mark"]["name"]))
        assert done == FlushDone(3, first.samples)

    def test_marks_returned_twice_or_never_set_mean_nothing(self, dialect: TwilioDialect) -> None:
        dialect.begin(1, 0)
        (name,) = names([*dialect.audio(PIECE), *dialect.audio(PIECE), *dialect.audio(PIECE)])
        assert isinstance(receive(dialect, marked(name)), PlayedTo)
        assert receive(dialect, marked(name)) == PeerReply()
        assert receive(dialect, marked("somebody else's")) == PeerReply()

    def test_after_a_flush_nothing_is_left_of_the_reply(self, dialect: TwilioDialect) -> None:
        dialect.begin(1, 0)
        dialect.audio(PIECE)
        dialect.flush(1)
        dialect.begin(2, 0)
        silence = dialect.audio(bytes(4_800)) + dialect.mark(2)
        heard = [part["media"]["payload"] for part in sent(silence) if part["event"] == "media"]
        assert set(b"".join(map(b64decode, heard))) <= {0x7F, 0xFF}

    def test_it_is_told_nothing_else(self, dialect: TwilioDialect) -> None:
        assert dialect.note(EndedNote("completed", "Thank you.")) == []
        assert dialect.error(DialectError("bad_base64", "No.")) == []
        assert dialect.closing_messages(CloseReason.NORMAL) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PLACES = ("event", "streamSid", "start", "media", "mark", "dtmf")


@given(
    st.lists(
        st.sampled_from([start(), media("AAAA"), marked("1"), digit("5"), STOP]).flatmap(
            lambda message: st.dictionaries(st.sampled_from(PLACES), JSON, max_size=2).map(
                lambda changes: json.dumps(message | changes)
            )
        )
        | st.text(max_size=60),
        max_size=8,
    )
)
def test_whatever_comes_is_an_event_sound_or_a_typed_error(messages: list[str]) -> None:
    dialect = TwilioDialect()
    for message in messages:
        received = receive(dialect, message)
        if isinstance(received, np.ndarray):
            assert received.dtype == np.int16
