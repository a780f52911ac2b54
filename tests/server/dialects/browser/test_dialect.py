"""The browser's dialect: every message both ways, and whatever else a peer may send."""

import json
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel

from server.dialects.browser import messages as wire
from server.dialects.browser.dialect import HUGE_FRAME_BYTES, MAX_FRAME_BYTES, BrowserDialect
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import DialectError, MediaEvent, PeerReply, TicketShown, WireMessage
from sessions.leg import (
    CaptionNote,
    CommittedNote,
    ConsentGiven,
    EndedNote,
    EndRequestedByCandidate,
    FlushDone,
    MarkReached,
    Note,
    PlayedTo,
    ReadyNote,
    StateNote,
    TroubleNote,
)
from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState
from sessions.turntaking.turns import Speaker, Turn

TICKET = "q9Xc0fYw3mJ5rT8uVbN2kA"
TURN = Turn(
    index=4,
    speaker=Speaker.INTERVIEWER,
    text="Tell me about Python. And about Rust.",
    heard_text="Tell me about Python.",
    started_ms=1_000,
    ended_ms=2_500,
    interrupted=True,
)


@pytest.fixture
def dialect() -> BrowserDialect:
    return BrowserDialect()


T = TypeVar("T")


def outcome(receive: Callable[[], T]) -> T | DialectError:
    """What a message comes to: its meaning, or a mistake; any other error fails the test."""
    try:
        return receive()
    except DialectError as error:
        return error


def read(messages: list[WireMessage]) -> BaseModel:
    """The one JSON message, read as a client reads it."""
    (message,) = messages
    assert isinstance(message, str)
    return wire.SERVER_MESSAGE.validate_json(message)


class TestFromTheClient:
    @pytest.mark.parametrize(
        ("message", "event"),
        [
            ({"type": "hello", "ticket": TICKET}, TicketShown(TICKET)),
            (
                {"type": "hello", "ticket": TICKET, "opened_ms": 1_700_000_000_000},
                TicketShown(TICKET, 1_700_000_000_000),
            ),
            ({"type": "start", "consent": True}, ConsentGiven()),
            ({"type": "audio.played", "generation": 3, "samples": 7_200}, PlayedTo(3, 7_200)),
            ({"type": "audio.marked", "generation": 3, "id": 1}, MarkReached(3)),
            ({"type": "audio.flushed", "generation": 3, "samples": 9}, FlushDone(3, 9)),
            ({"type": "end"}, EndRequestedByCandidate()),
            ({"type": "ping", "t": 7.5}, PeerReply(('{"type":"pong","t":7.5}',))),
            ({"type": "ping", "t": 7}, PeerReply(('{"type":"pong","t":7.0}',))),
        ],
    )
    def test_every_message_is_an_event(
        self, dialect: BrowserDialect, message: dict[str, Any], event: MediaEvent
    ) -> None:
        assert dialect.receive_text(json.dumps(message)) == event

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "Invalid JSON"),
            ("hello", "Invalid JSON"),
            ("{}", "'type'"),
            ("[]", "object"),
            ("null", "object"),
            ('{"type": "goodbye"}', "no message of that type"),
            ('{"type": "hello"}', "hello.ticket"),
            ('{"type": "hello", "ticket": "short"}', "at least 16"),
            ('{"type": "hello", "ticket": "\\ud800 half of a character"}', "Invalid JSON"),
            ('{"type": "start"}', "start.consent"),
            ('{"type": "start", "consent": false}', "start.consent"),
            ('{"type": "start", "consent": "true"}', "start.consent"),
            ('{"type": "end", "why": "bored"}', "a field that is not known"),
            ('{"type": "audio.played", "generation": -1, "samples": 0}', "greater than"),
            ('{"type": "audio.played", "generation": 1, "samples": "7"}', "valid integer"),
            ('{"type": "audio.played", "generation": 1, "samples": 7.5}', "valid integer"),
            ('{"type": "audio.played", "generation": true, "samples": 7}', "valid integer"),
            ('{"type": "ping", "t": NaN}', "finite"),
            ('{"type": "ping", "t": 1e999}', "finite"),
            ("[" * 4_000, "recursion"),
        ],
    )
    def test_what_is_not_in_the_protocol_is_told_in_a_sentence(
        self, dialect: BrowserDialect, text: str, words: str
    ) -> None:
        with pytest.raises(DialectError) as caught:
            dialect.receive_text(text)
        assert (caught.value.code, caught.value.fatal) == ("bad_message", None)
        sentence = str(caught.value)
        assert sentence.startswith("That message is not in the protocol")
        assert sentence.endswith(".")
        assert words in sentence

    def test_a_message_may_be_long_but_not_too_long(self, dialect: BrowserDialect) -> None:
        text = json.dumps({"type": "end"})
        padded = text + " " * (wire.MAX_TEXT_CHARS - len(text))
        assert dialect.receive_text(padded) == EndRequestedByCandidate()
        with pytest.raises(DialectError, match="4097 characters is too long") as caught:
            dialect.receive_text(padded + " ")
        assert caught.value.code == "message_too_long"

    @given(st.text() | st.from_regex(r'\{"type": ?"[a-z.]+"(, ?"[a-z]+": ?[-0-9"a-z]+)*\}'))
    def test_no_text_is_anything_but_an_event_or_a_mistake(self, text: str) -> None:
        found = outcome(lambda: BrowserDialect().receive_text(text))
        assert isinstance(found, MediaEvent | DialectError)
        assert not (isinstance(found, DialectError) and found.fatal)

    @given(
        st.sampled_from(get_args(get_args(wire.ClientMessage)[0])),
        st.dictionaries(
            st.sampled_from(["type", "ticket", "consent", "generation", "samples", "id", "t"]),
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]),
        ),
    )
    def test_no_field_has_a_value_that_breaks_it(
        self, kind: type[BaseModel], fields: dict[str, object]
    ) -> None:
        message = {"type": kind.model_fields["type"].default} | fields
        found = outcome(lambda: BrowserDialect().receive_text(json.dumps(message)))
        assert isinstance(found, MediaEvent | DialectError)

    @given(word=st.from_regex(r"[xyz]{6,12}", fullmatch=True), place=st.integers(0, 5))
    def test_the_sentence_never_repeats_the_peers_words(self, word: str, place: int) -> None:
        message = [
            f"{word}",
            f'{{"type": "{word}"}}',
            f'{{"type": "end", "{word}": 1}}',
            f'{{"type": "hello", "ticket": "{word}"}}',
            f'{{"type": "ping", "t": "{word}"}}',
            f'{{"{word}": "end"}}',
        ][place]
        with pytest.raises(DialectError) as caught:
            BrowserDialect().receive_text(message)
        assert word not in str(caught.value)


class TestSound:
    def test_frames_are_little_endian_samples(self, dialect: BrowserDialect) -> None:
        samples = dialect.receive_audio(b"\x01\x00\xff\x7f\x00\x80")
        assert samples.dtype == np.int16
        assert samples.tolist() == [1, 32_767, -32_768]

    def test_an_odd_number_of_bytes_is_a_mistake(self, dialect: BrowserDialect) -> None:
        with pytest.raises(DialectError, match=r"two bytes a sample.*odd number: 641") as caught:
            dialect.receive_audio(bytes(641))
        assert (caught.value.code, caught.value.fatal) == ("odd_audio", None)

    def test_a_frame_has_sixty_milliseconds_at_most(self, dialect: BrowserDialect) -> None:
        assert MAX_FRAME_BYTES == 1_920
        assert len(dialect.receive_audio(bytes(1_920))) == 960
        with pytest.raises(DialectError, match="1922 bytes is too big: 60 ms") as caught:
            dialect.receive_audio(bytes(1_922))
        assert (caught.value.code, caught.value.fatal) == ("frame_too_big", None)

    def test_a_huge_frame_ends_the_connection(self, dialect: BrowserDialect) -> None:
        with pytest.raises(DialectError) as caught:
            dialect.receive_audio(bytes(HUGE_FRAME_BYTES))
        assert caught.value.fatal is None
        with pytest.raises(DialectError) as caught:
            dialect.receive_audio(bytes(HUGE_FRAME_BYTES + 2))
        assert caught.value.fatal is CloseReason.FRAME_TOO_BIG

    @given(st.binary(max_size=MAX_FRAME_BYTES + 100))
    def test_no_frame_is_anything_but_sound_or_a_mistake(self, frame: bytes) -> None:
        found = outcome(lambda: BrowserDialect().receive_audio(frame))
        if len(frame) % 2 or len(frame) > MAX_FRAME_BYTES:
            assert isinstance(found, DialectError)
            assert found.fatal is None
        else:
            assert isinstance(found, np.ndarray)
            assert found.astype("<i2").tobytes() == frame


class TestToTheClient:
    def test_sound_and_what_frames_it(self, dialect: BrowserDialect) -> None:
        assert dialect.audio(b"\x00\x01") == [b"\x00\x01"]
        assert read(dialect.begin(3, 480)) == wire.AudioBegin(generation=3, offset=480)
        assert read(dialect.flush(3)) == wire.AudioFlush(generation=3)

    def test_marks_are_numbered(self, dialect: BrowserDialect) -> None:
        assert read(dialect.mark(3)) == wire.AudioMark(generation=3, id=1)
        assert read(dialect.mark(3)) == wire.AudioMark(generation=3, id=2)
        assert read(dialect.mark(4)) == wire.AudioMark(generation=4, id=3)

    @pytest.mark.parametrize(
        ("note", "message"),
        [
            (
                ReadyNote("s-1", "Ada", "First talk", True, 1_234.6, (TURN,), 17),
                wire.Ready(
                    session_id="s-1",
                    candidate_name="Ada",
                    title="First talk",
                    resumed=True,
                    time_left_ms=1_235,
                    transcript=[
                        wire.Line(index=4, speaker="interviewer", text="Tell me about Python.")
                    ],
                    opened_ms=17,
                ),
            ),
            (
                CaptionNote(Speaker.CANDIDATE, "said-2", "I have", final=False),
                wire.Caption(speaker="candidate", id="said-2", text="I have", final=False),
            ),
            (
                StateNote(CandidateState.PAUSING, InterviewerState.HELD, 17.4),
                wire.State(candidate="pausing", interviewer="held", time_left_ms=17),
            ),
            (
                StateNote(
                    CandidateState.QUIET, InterviewerState.IDLE, 17.4, FloorHolder.RECRUITER, True
                ),
                wire.State(
                    candidate="quiet",
                    interviewer="idle",
                    time_left_ms=17,
                    floor="recruiter",
                    recruiter_speaks=True,
                ),
            ),
            (
                CommittedNote(TURN),
                wire.TurnCommitted(index=4, speaker="interviewer", text="Tell me about Python."),
            ),
            (
                TroubleNote("database", "One moment, please."),
                wire.Notice(code="database", message="One moment, please."),
            ),
            (
                EndedNote("completed", "Thank you."),
                wire.Ended(reason="completed", message="Thank you."),
            ),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_every_note_is_a_message(
        self, dialect: BrowserDialect, note: Note, message: wire.Message
    ) -> None:
        assert read(dialect.note(note)) == message

    @pytest.mark.parametrize("candidate", list(CandidateState))
    @pytest.mark.parametrize("interviewer", list(InterviewerState))
    def test_every_state_has_a_name_in_the_protocol(
        self, dialect: BrowserDialect, candidate: CandidateState, interviewer: InterviewerState
    ) -> None:
        assert isinstance(read(dialect.note(StateNote(candidate, interviewer, 0))), wire.State)

    def test_a_mistake_is_told_and_whether_it_was_the_last(self, dialect: BrowserDialect) -> None:
        mild = dialect.error(DialectError("odd_audio", "Odd."))
        assert mild == ['{"type":"error","code":"odd_audio","message":"Odd.","fatal":false}']
        last = DialectError("odd_audio", "Odd.", fatal=CloseReason.PROTOCOL_ERROR)
        assert read(dialect.error(last)) == wire.Error(
            code="odd_audio", message="Odd.", fatal=True, close_code=4400
        )

    @given(st.text(), st.text(), st.booleans())
    def test_any_words_get_through(self, text: str, name: str, final: bool) -> None:
        assume(not any("\ud800" <= char <= "\udfff" for char in text + name))
        dialect = BrowserDialect()
        caption = read(dialect.note(CaptionNote(Speaker.CANDIDATE, name, text, final, 3)))
        assert caption == wire.Caption(
            speaker="candidate", id=name, text=text, final=final, stable_words=3
        )
