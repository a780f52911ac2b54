"""Telnyx's dialect, by the messages of its documentation, in any order."""

import random
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.g711 import ulaw_encode
from audio.pcm import AudioFormat, Encoding
from audio.speech import SPEECH_RATE
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, DialectError, HungUp, PeerReply
from server.dialects.telephony.json_messages import write_object
from server.dialects.telephony.reordering import MAX_WAITING
from server.dialects.telephony.telnyx import TelnyxDialect
from sessions.leg import DigitPressed, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.phone import PIECE, heard, receive, spoken, texts
from tests.server.dialects.telephony.test_codec import tone

STREAM = "32DE0DEA-53CB-4B21-89A4-9E1819C043BC"
CALL = "v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
START: dict[str, Any] = {
    "event": "start",
    "sequence_number": "1",
    "stream_id": STREAM,
    "start": {
        "user_id": "3E6F995F-85F7-4705-9741-53B116D28237",
        "call_control_id": CALL,
        "call_session_id": "ff55a038-6f5d-11ef-9692-02420aeffb1f",
        "from": "+13122010094",
        "to": "+13122123456",
        "tags": ["TAG1", "TAG2"],
        "client_state": "aGF2ZSBhIG5pY2UgZGF5ID1d",
        "custom_parameters": {"ticket": "let me in"},
        "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
    },
}


def start(**media_format: Any) -> dict[str, Any]:
    inner = START["start"]
    return START | {"start": inner | {"media_format": inner["media_format"] | media_format}}


def media(number: Any, payload: Any = None, **changes: Any) -> dict[str, Any]:
    sound = b64encode(bytes(160)).decode() if payload is None else payload
    inner = {"track": "inbound", "chunk": number, "timestamp": "5", "payload": sound} | changes
    return {"event": "media", "sequence_number": "4", "stream_id": STREAM, "media": inner}


def mark(name: str) -> dict[str, Any]:
    return {"event": "mark", "sequence_number": "5", "stream_id": STREAM, "mark": {"name": name}}


STOP = {
    "event": "stop",
    "sequence_number": "9",
    "stream_id": STREAM,
    "stop": {"user_id": "3E6F995F", "call_control_id": CALL},
}


def started(message: Any = START) -> TelnyxDialect:
    dialect = TelnyxDialect()
    assert receive(dialect, {"event": "connected", "version": "1.0.0"}) == PeerReply()
    assert isinstance(receive(dialect, message), CallStarted)
    return dialect


def test_the_start_has_the_call_the_numbers_and_the_parameters() -> None:
    dialect = TelnyxDialect()
    call = receive(dialect, START)
    numbers = {"from": "+13122010094", "to": "+13122123456"}
    assert call == CallStarted(CALL, numbers | {"ticket": "let me in"})
    assert dialect.traits.input_format == AudioFormat(8_000, Encoding.ULAW)
    assert dialect.traits.may_reorder
    assert receive(dialect, START) == "started_twice"


@pytest.mark.parametrize(
    "media_format",
    [{"encoding": name} for name in ("OPUS", "G722", "AMR-WB", None, 7)]
    + [{"sample_rate": 16_000}, {"channels": 2}, {"encoding": "L16", "sample_rate": 44_100}],
)
def test_another_format_is_refused(media_format: dict[str, Any]) -> None:
    with pytest.raises(DialectError) as error:
        TelnyxDialect().receive_text(write_object(**start(**media_format)))
    assert error.value.fatal is CloseReason.WRONG_FORMAT


@pytest.mark.parametrize(
    ("encoding", "rate", "size"),
    [("PCMU", 8_000, 160), ("PCMA", 8_000, 160), ("L16", 8_000, 320), ("L16", 16_000, 640)],
)
def test_every_codec_comes_and_goes(encoding: str, rate: Any, size: int) -> None:
    dialect = started(start(encoding=encoding, sample_rate=str(rate)))
    payload = b64encode(bytes(size)).decode()
    pieces = [media(number, payload) for number in range(1, 51)]
    assert heard(dialect, *pieces) == pytest.approx(SPEECH_RATE, rel=0.05)
    dialect.begin(1, 0)
    sent = [m["media"]["payload"] for m in texts(spoken(dialect, 10)) if m["event"] == "media"]
    lengths = [len(b64decode(payload)) for payload in sent]
    assert all(length >= size and length % size == 0 for length in lengths), "20 ms at least"
    assert sum(lengths) == pytest.approx(50 * size, abs=size)


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ({"event": "dtmf", "stream_id": STREAM, "dtmf": {"digit": "#"}}, DigitPressed("#")),
        ({"event": "dtmf", "stream_id": STREAM, "dtmf": {}}, "bad_message"),
        ({"event": "dtmf", "stream_id": STREAM}, "bad_message"),
        (mark("404"), PeerReply()),
        (mark(""), "bad_message"),
        (STOP, HungUp("stop")),
        (media("3", track="outbound"), PeerReply()),
        (media("3", "not base64!"), "bad_base64"),
        (media("3", "A" * 40_000), "frame_too_big"),
        (media("3", 7), "bad_message"),
        (media("3", []), "bad_message"),
        (media(None) | {"sequence_number": None}, "bad_message"),
        (STOP | {"stream_id": "another"}, "other_stream"),
        (
            {"event": "error", "payload": {"code": 100002, "title": "malformed_frame"}},
            "refused_by_bridge",
        ),
        ({"event": "something", "stream_id": STREAM}, PeerReply()),
        ({"stream_id": STREAM}, "bad_message"),
        (bytes(160), "binary_message"),
        ("no JSON", "bad_message"),
    ],
)
def test_every_message_means_something_or_is_a_mistake(message: Any, meaning: Any) -> None:
    assert receive(started(), message) == meaning


def test_nothing_comes_before_the_start_or_after_the_stop() -> None:
    dialect = TelnyxDialect()
    assert receive(dialect, media("1")) == "not_started"
    receive(dialect, START)
    receive(dialect, STOP)
    assert receive(dialect, media("1")) == "stopped"


def test_odd_l16_is_a_mistake_and_harms_nothing_that_waits() -> None:
    dialect = started(start(encoding="L16"))
    assert receive(dialect, media(1, b64encode(bytes(319)).decode())) == "odd_audio"
    assert heard(dialect, media(1, b64encode(bytes(320)).decode())) >= 0


@pytest.mark.parametrize("as_text", [True, False])
def test_sound_in_any_order_is_the_same_sound(as_text: bool) -> None:
    said = ulaw_encode(tone(8_000))
    pieces = [b64encode(said[at : at + 160]).decode() for at in range(0, 8_000, 160)]
    messages = [media(str(n) if as_text else n, piece) for n, piece in enumerate(pieces, 1)]
    chance = random.Random(4)
    shuffled = [
        messages[0],
        *sorted(messages[1:], key=lambda m: int(m["media"]["chunk"]) + chance.uniform(0, 3)),
    ]
    assert shuffled != messages

    def sound(order: list[Any]) -> bytes:
        dialect = started()
        return np.concatenate([receive(dialect, message) for message in order]).tobytes()

    assert sound(shuffled) == sound(messages)


def test_a_lost_message_leaves_a_silence_of_its_length() -> None:
    dialect = started()
    numbers = [number for number in range(1, 51) if number != 20]
    assert heard(dialect, *[media(number) for number in numbers]) == pytest.approx(
        SPEECH_RATE, rel=0.05
    )
    assert MAX_WAITING * 20 <= 100, "it waits for no longer than this, in ms"


def test_the_sequence_number_stands_in_for_the_chunk() -> None:
    dialect = started()
    frames = [media(None) | {"sequence_number": str(number)} for number in (2, 4, 3, 5)]
    assert heard(dialect, *frames) > 0


def test_marks_tell_how_far_it_was_heard_and_a_clear_voids_them() -> None:
    dialect = started()
    dialect.begin(1, 0)
    names = [m["mark"]["name"] for m in texts(spoken(dialect, 10)) if m["event"] == "mark"]
    first = receive(dialect, mark(names[0]))
    assert isinstance(first, PlayedTo)
    clear, behind = texts(dialect.flush(1))
    assert clear == {"event": "clear"}
    assert [receive(dialect, mark(name)) for name in names[1:]] == [PeerReply()] * (len(names) - 1)
    assert receive(dialect, mark(behind["mark"]["name"])) == FlushDone(1, first.samples)
    dialect.begin(2, 0)
    last = texts(dialect.mark(2))[-1]["mark"]["name"]
    assert receive(dialect, mark(last)) == MarkReached(2)


@given(
    st.dictionaries(
        st.sampled_from([*START, "media", "mark", "dtmf"]),
        st.sampled_from(["start", "media", "mark", "stop", STREAM])
        | st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.just([])
        | st.dictionaries(
            st.sampled_from(
                ["chunk", "payload", "name", "digit", "media_format", "call_control_id"]
            ),
            st.text() | st.integers() | st.none() | st.just({"encoding": "PCMU"}),
        ),
    )
)
def test_no_field_has_a_value_that_breaks_it(fields: dict[str, Any]) -> None:
    for dialect in (TelnyxDialect(), started()):
        for message in (fields, START | fields, media("3") | fields):
            receive(dialect, message)
        dialect.audio(PIECE)


@given(st.text(), st.binary(max_size=500))
def test_no_message_is_anything_but_an_event_or_a_mistake(text: str, frame: bytes) -> None:
    for dialect in (TelnyxDialect(), started()):
        receive(dialect, text)
        receive(dialect, frame)
