"""Asterisk's dialect, by transcripts of chan_websocket in JSON and in plain text."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.g711 import ulaw_encode
from audio.pcm import AudioFormat, Encoding
from audio.speech import SPEECH_RATE
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, Congested, DialectError, MarksOnFlush, PeerReply
from server.dialects.telephony.asterisk import MAX_COMMAND_BYTES, MAX_MESSAGE_BYTES, AsteriskDialect
from sessions.leg import DigitPressed, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.phone import PIECE, heard, receive, sounds, spoken, texts
from tests.server.dialects.telephony.test_codec import tone

START: dict[str, Any] = {
    "event": "MEDIA_START",
    "connection_id": "viva",
    "channel": "WebSocket/viva/0x5140001a0040",
    "channel_id": "1761245643.1",
    "format": "ulaw",
    "optimal_frame_size": 160,
    "ptime": 20,
    "channel_variables": {
        "DIALEDPEERNUMBER": "viva/c(ulaw)f(json)",
        "MEDIA_WEBSOCKET_CONNECTION_ID": "viva",
        "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "160",
    },
}
"""As Asterisk 22.8 writes it."""

PLAIN_START = (
    "MEDIA_START connection_id:e226e283-c90a-4ea9-9e37-389000b9ef47 channel:WebSocket/viva"
    " channel_id:1761245643.1 format:slin16 optimal_frame_size:640 ptime:20"
)


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"event": name, "channel_id": "1761245643.1"} | fields


def started(start: Any = START, **parameters: str) -> AsteriskDialect:
    dialect = AsteriskDialect(parameters)
    assert isinstance(receive(dialect, start), CallStarted)
    return dialect


class TestTheStart:
    def test_it_tells_the_channel_and_what_the_dialplan_gave(self) -> None:
        dialect = AsteriskDialect({"number": "+491701234567", "ticket": "let me in"})
        call = receive(dialect, START)
        assert isinstance(call, CallStarted)
        assert call.call == "1761245643.1"
        assert call.parameters["ticket"] == "let me in"
        assert call.parameters["MEDIA_WEBSOCKET_CONNECTION_ID"] == "viva"
        assert dialect.traits.input_format == AudioFormat(8_000, Encoding.ULAW)
        assert dialect.traits.marks_on_flush is MarksOnFlush.LOST

    def test_the_dialplan_may_name_the_call(self) -> None:
        call = receive(AsteriskDialect({"call": "1761245600.9"}), START)
        assert isinstance(call, CallStarted)
        assert call.call == "1761245600.9"

    def test_plain_text_says_the_same(self) -> None:
        dialect = AsteriskDialect({"pin": "123456"})
        call = receive(dialect, PLAIN_START)
        assert call == CallStarted("1761245643.1", {"pin": "123456"})
        assert dialect.traits.output_format == AudioFormat(16_000)

    @pytest.mark.parametrize(
        "changes",
        [{"format": "opus", "optimal_frame_size": 0}, {"format": "g722"}, {"format": "pcmu"}]
        + [{"optimal_frame_size": size} for size in (0, -160, 66_000, "many", None)]
        + [{"format": "slin16", "optimal_frame_size": 641}],
    )
    def test_a_format_that_cannot_be_paced_here_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(DialectError) as error:
            AsteriskDialect().receive_text(
                str(START | changes).replace("'", '"').replace("None", "0")
            )
        assert error.value.fatal is CloseReason.WRONG_FORMAT

    def test_it_comes_once_and_first(self) -> None:
        dialect = AsteriskDialect()
        assert receive(dialect, event("MEDIA_XOFF")) == "not_started"
        receive(dialect, START)
        assert receive(dialect, START) == "started_twice"
        assert receive(dialect, PLAIN_START) == "started_twice"
        assert texts(dialect.flush(1))[0] == {"command": "FLUSH_MEDIA"}, "still in JSON"


class TestIn:
    def test_sound_before_the_start_is_dropped(self) -> None:
        dialect = AsteriskDialect()
        assert heard(dialect, bytes(160), bytes(7)) == 0
        receive(dialect, START)
        assert heard(dialect, *[bytes(160)] * 50) == pytest.approx(SPEECH_RATE, rel=0.05)

    @pytest.mark.parametrize("wire", ["ulaw", "alaw", "slin", "slin16", "slin24"])
    def test_every_format_is_heard(self, wire: str) -> None:
        size = {"ulaw": 160, "alaw": 160, "slin": 320, "slin16": 640, "slin24": 960}[wire]
        dialect = started(START | {"format": wire, "optimal_frame_size": size})
        assert heard(dialect, *[bytes(size)] * 50) == pytest.approx(SPEECH_RATE, rel=0.05)

    def test_sound_is_what_was_said(self) -> None:
        dialect = started()
        said = ulaw_encode(tone(8_000))
        sound = np.concatenate(
            [dialect.receive_audio(said[at : at + 160]) for at in range(0, 8_000, 160)]
        )
        spectrum = np.abs(np.fft.rfft(sound[1_000:15_000].astype(float)))
        assert np.argmax(spectrum) / 14_000 * SPEECH_RATE == pytest.approx(440, abs=2)

    @pytest.mark.parametrize(
        ("message", "meaning"),
        [
            (event("DTMF_END", digit="5"), DigitPressed("5")),
            (event("DTMF_END", digit="#"), DigitPressed("#")),
            (event("DTMF_END", digit="A"), PeerReply()),
            (event("MEDIA_XOFF"), Congested(True)),
            (event("MEDIA_XON"), Congested(False)),
            (event("QUEUE_DRAINED"), PeerReply()),
            (event("MEDIA_BUFFERING_COMPLETED", correlation_id=""), PeerReply()),
            (event("STATUS", queue_length=43, xon_level=800, queue_full=False), PeerReply()),
            (event("SOMETHING_NEW"), PeerReply()),
            (event("MEDIA_MARK_PROCESSED", correlation_id="404"), PeerReply()),
            (event("MEDIA_MARK_PROCESSED"), "bad_message"),
            (event("DTMF_END"), "bad_message"),
            ({"no": "event"}, "bad_message"),
            ({"event": 7}, "bad_message"),
            ("{", "bad_message"),
            ("", "bad_message"),
            ("   ", "bad_message"),
            ("DTMF_END digit:7 channel_id:1761245643.1", DigitPressed("7")),
            ("MEDIA_XOFF channel_id:1761245643.1", Congested(True)),
            ("MEDIA_XON", Congested(False)),
            ("QUEUE_DRAINED", PeerReply()),
            ("STATUS channel_id:1 queue_length:43 xon_level:800 queue_full:false", PeerReply()),
            (event("ERROR", error_text="Unable to parse JSON command"), "refused_by_bridge"),
            ("ERROR channel_id:1 error_text:Unable to parse", "refused_by_bridge"),
            (bytes(160 * 200), "frame_too_big"),
        ],
    )
    def test_every_event_means_something_or_is_a_mistake(self, message: Any, meaning: Any) -> None:
        assert receive(started(), message) == meaning

    @pytest.mark.parametrize(
        "message",
        [
            event("ERROR", error_text="FLUSH_MEDIA not supported in passthrough mode"),
            "ERROR channel_id:1 error_text:MARK_MEDIA not supported in passthrough mode",
        ],
    )
    def test_passthrough_shows_by_the_first_refusal(self, message: Any) -> None:
        with pytest.raises(DialectError) as error:
            started().receive_text(
                message if isinstance(message, str) else str(message).replace("'", '"')
            )
        assert error.value.fatal is CloseReason.WRONG_FORMAT

    def test_odd_pcm_is_a_mistake(self) -> None:
        assert receive(started(PLAIN_START), bytes(641)) == "odd_audio"

    @given(st.text() | st.from_regex(r"(MEDIA_[A-Z]+|DTMF_END|ERROR)( [a-z_]+:[\w ]*)*"))
    def test_no_text_is_anything_but_an_event_or_a_mistake(self, text: str) -> None:
        for dialect in (AsteriskDialect(), started()):
            receive(dialect, text)

    @given(
        st.dictionaries(
            st.sampled_from([*START, "digit", "correlation_id", "error_text", "command"]),
            st.sampled_from(["MEDIA_START", "DTMF_END", "ERROR", "ulaw", "slin16", "160", "5"])
            | st.none()
            | st.booleans()
            | st.integers()
            | st.text()
            | st.just([])
            | st.just({}),
        )
    )
    def test_no_field_has_a_value_that_breaks_it(self, fields: dict[str, Any]) -> None:
        for dialect in (AsteriskDialect(), started()):
            receive(dialect, fields)
            receive(dialect, START | fields)
            dialect.audio(PIECE)


class TestOut:
    @pytest.mark.parametrize(
        ("start", "size"),
        [(START, 160), (START | {"format": "slin", "optimal_frame_size": 320}, 320)],
    )
    def test_only_whole_frames_go_out_and_the_last_is_filled(self, start: Any, size: int) -> None:
        dialect = started(start)
        dialect.begin(1, 0)
        messages = spoken(dialect, 10)
        assert all(len(data) % size == 0 for data in sounds(messages))
        assert sum(map(len, sounds(messages))) == pytest.approx(50 * size, abs=2 * size)

    def test_nothing_is_longer_than_asterisk_takes(self) -> None:
        dialect = started()
        dialect.begin(1, 0)
        messages = [*dialect.audio(PIECE * 600), *dialect.mark(1), *dialect.flush(1)]
        assert all(
            len(data) <= MAX_MESSAGE_BYTES and len(data) % 160 == 0 for data in sounds(messages)
        )
        commands = [message for message in messages if isinstance(message, str)]
        commands += [m for m in dialect.closing_messages(CloseReason.NORMAL) if isinstance(m, str)]
        assert all(len(command.encode()) <= MAX_COMMAND_BYTES for command in commands)

    def test_marks_tell_how_far_it_was_heard(self) -> None:
        dialect = started()
        dialect.begin(1, 0)
        commands = texts(spoken(dialect, 10))
        assert {command["command"] for command in commands} == {"MARK_MEDIA"}
        names = [command["correlation_id"] for command in commands]
        told = [receive(dialect, event("MEDIA_MARK_PROCESSED", correlation_id=n)) for n in names]
        assert told[-1] == MarkReached(1)
        assert all(isinstance(position, PlayedTo) for position in told[:-1])
        assert told[-2].samples <= 24_000
        again = [receive(dialect, event("MEDIA_MARK_PROCESSED", correlation_id=n)) for n in names]
        assert again == [PeerReply()] * len(names)

    def test_a_flush_loses_the_marks_and_is_told_by_its_own(self) -> None:
        dialect = started()
        dialect.begin(1, 0)
        first = texts([m for _ in range(10) for m in dialect.audio(PIECE)])[0]["correlation_id"]
        position = receive(dialect, event("MEDIA_MARK_PROCESSED", correlation_id=first))
        flush, mark = texts(dialect.flush(1))
        assert flush == {"command": "FLUSH_MEDIA"}
        told = receive(
            dialect, event("MEDIA_MARK_PROCESSED", correlation_id=mark["correlation_id"])
        )
        assert told == FlushDone(1, position.samples)

    def test_plain_text_is_answered_in_plain_text(self) -> None:
        dialect = started(PLAIN_START)
        dialect.begin(1, 0)
        commands = texts(spoken(dialect, 4))
        assert commands[-1].startswith("MARK_MEDIA ")
        flush, mark = texts(dialect.flush(1))
        assert flush == "FLUSH_MEDIA"
        name = mark.removeprefix("MARK_MEDIA ")
        assert receive(dialect, f"MEDIA_MARK_PROCESSED {name}") == FlushDone(1, 0)
        assert dialect.closing_messages(CloseReason.NORMAL) == ["HANGUP"]

    def test_the_caller_is_hung_up_on_only_at_the_end(self) -> None:
        dialect = started()
        assert texts(dialect.closing_messages(CloseReason.NORMAL)) == [{"command": "HANGUP"}]
        assert texts(dialect.closing_messages(CloseReason.INTERVIEW_OVER)) == [
            {"command": "HANGUP"}
        ]
        assert dialect.closing_messages(CloseReason.RESTART) == [], "the dialplan calls again"
        assert AsteriskDialect().closing_messages(CloseReason.NORMAL) == []

    def test_before_the_start_nothing_is_sent(self) -> None:
        dialect = AsteriskDialect()
        dialect.begin(1, 0)
        assert [*spoken(dialect, 2), *dialect.flush(1)] == []
