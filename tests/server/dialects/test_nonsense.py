"""Tests: whatever a text message holds, the answer at every door is a typed one."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.dialects.browser.dialect import BrowserDialect
from server.dialects.dialect import DialectError
from server.dialects.monitor import dialect as monitor
from server.dialects.plain_text import holds_nul
from server.dialects.realtime.dialect import RealtimeDialect
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.l16 import L16Dialect
from server.dialects.telephony.telnyx import TelnyxDialect
from server.dialects.telephony.twilio import TwilioDialect
from server.dialects.telephony.vonage import VonageDialect

Receive = Callable[[str], object]

DOORS: dict[str, Callable[[], Receive]] = {
    "browser": lambda: BrowserDialect().receive_text,
    "monitor": lambda: monitor.receive_text,
    "realtime": lambda: RealtimeDialect("a").receive_text,
    "asterisk": lambda: AsteriskDialect().receive_text,
    "l16": lambda: L16Dialect().receive_text,
    "telnyx": lambda: TelnyxDialect().receive_text,
    "twilio": lambda: TwilioDialect().receive_text,
    "vonage": lambda: VonageDialect().receive_text,
}

MESSAGES: dict[str, list[dict[str, Any]]] = {
    "browser": [
        {"type": "hello", "ticket": "t" * 40, "opened_ms": 1},
        {"type": "start", "consent": True},
        {"type": "audio.played", "generation": 1, "samples": 1},
        {"type": "audio.marked", "generation": 1, "id": 1},
        {"type": "audio.flushed", "generation": 1, "samples": 1},
        {"type": "ping", "t": 1},
    ],
    "monitor": [
        {"type": "hello", "ticket": "t" * 40, "stream": "s", "last": 1},
        {"type": "hint", "ref": "r", "text": "ask about it"},
        {"type": "extend", "ref": "r", "minutes": 5},
        {"type": "ping", "t": 1},
    ],
    "realtime": [
        {"type": "session.update", "event_id": "e", "session": {"type": "realtime", "a": "b"}},
        {"type": "input_audio_buffer.append", "audio": "AAAA"},
        {"type": "input_audio_buffer.commit"},
        {
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "id": "i",
                "role": "user",
                "content": [{"type": "input_text", "text": "yes"}],
            },
            "previous_item_id": None,
        },
        {
            "type": "conversation.item.truncate",
            "item_id": "i",
            "content_index": 0,
            "audio_end_ms": 5,
        },
        {"type": "conversation.item.delete", "item_id": "i"},
        {"type": "conversation.item.retrieve", "item_id": "i"},
        {"type": "response.create", "response": {"instructions": "be kind"}},
        {"type": "response.cancel", "response_id": "r"},
    ],
    "asterisk": [
        {"event": "MEDIA_START", "format": "ulaw", "optimal_frame_size": 160, "channel": "c"}
        | {"channel_variables": {"call": "c", "caller": "+441632960961"}},
        {"event": "DTMF_END", "digit": "1"},
        {"event": "MEDIA_MARK_PROCESSED", "correlation_id": "1"},
    ],
    "l16": [
        {"callSid": "c", "sampleRate": 16000, "mixType": "mono", "call_ticket": "t"},
        {"event": "dtmf", "dtmf": "1", "duration": "1"},
    ],
    "telnyx": [
        {"event": "connected", "version": "1.0.0"},
        {"event": "start", "stream_id": "s", "sequence_number": "1"}
        | {"start": {"call_control_id": "c", "custom_parameters": {"call_ticket": "t"}}}
        | {"media_format": {"encoding": "L16", "sample_rate": 16000, "channels": 1}},
        {"event": "media", "sequence_number": "2", "media": {"payload": "AAAA", "chunk": "1"}},
        {"event": "dtmf", "dtmf": {"digit": "1"}},
    ],
    "twilio": [
        {"event": "start", "streamSid": "s", "start": {"callSid": "c", "customParameters": {}}}
        | {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}},
        {"event": "media", "media": {"payload": "AAAA", "timestamp": "5", "chunk": "1"}},
        {"event": "mark", "mark": {"name": "1"}},
        {"event": "dtmf", "dtmf": {"digit": "1"}},
    ],
    "vonage": [
        {"event": "websocket:connected", "content-type": "audio/l16;rate=16000", "call": "c"},
        {"event": "websocket:dtmf", "digit": "1", "duration": 260},
    ],
}

NONSENSE: list[Any] = [
    None, True, 0, -1, 1.5, -0.5, 1e308, 2**31, 2**53, 2**63, 2**64, 10**400, "", " ", "\0",
    "a\0b", "\ud800", "\u202e", "\x1b[31m", "\x7f", "\n", "x" * 5_000, "9" * 400, "-1", "1e9",
    "NaN", [], {}, [[[]]], {"\0": "\0"}, {"a": {"b": None}}, ["\0"], "0001-01-01T00:00:00+14:00",
]  # fmt: skip


def paths(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all fields."""
    if not isinstance(value, dict | list):
        return [place]
    fields = value.items() if isinstance(value, dict) else enumerate(value)
    return [place, *(path for key, part in fields for path in paths(part, (*place, key)))]


def with_nonsense(message: Any, place: tuple[Any, ...], nonsense: Any) -> Any:
    """The message with this in one place."""
    if not place:
        return nonsense
    copy = json.loads(json.dumps(message))
    part = copy
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = nonsense
    return copy


def answered(receive: Receive, text: str) -> object:
    """What comes of a message; None for a mistake, which is the only error there may be."""
    with suppress(DialectError, monitor.MonitorDialectError):
        return receive(text)
    return None


@pytest.mark.parametrize("door", DOORS)
def test_nonsense_in_any_field_of_any_message_is_taken_or_is_a_mistake(door: str) -> None:
    for message in MESSAGES[door]:
        for place in paths(message):
            for nonsense in NONSENSE:
                for begins in MESSAGES[door][:2], []:
                    receive = DOORS[door]()
                    for beginning in begins:
                        answered(receive, json.dumps(beginning))
                    text = json.dumps(with_nonsense(message, place, nonsense))
                    assert "\\x00" not in repr(answered(receive, text))


@pytest.mark.parametrize("door", DOORS)
@given(text=st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
@settings(max_examples=50)
def test_any_text_is_taken_or_is_a_mistake(door: str, text: str) -> None:
    assert "\\x00" not in repr(answered(DOORS[door](), text))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("text", ["[" * 60_000, '{"a":' * 9_000, '{"type":' + "9" * 9_000 + "}"])
def test_depth_and_length_are_a_mistake_like_any_other(door: str, text: str) -> None:
    answered(DOORS[door](), text)


def test_plain_words_of_asterisk_hold_no_nul_either() -> None:
    receive = AsteriskDialect().receive_text
    with pytest.raises(DialectError, match="NUL"):
        receive("MEDIA_START format:ulaw optimal_frame_size:160 channel_id:a\0b")


@given(st.text())
def test_nul_is_found_in_json_however_it_is_written(text: str) -> None:
    for ensure_ascii in (True, False):
        assert holds_nul(json.dumps(text, ensure_ascii=ensure_ascii)) == ("\0" in text)


@pytest.mark.parametrize("backslashes", range(6))
def test_a_backslash_before_u0000_is_told_from_nul(backslashes: int) -> None:
    text = '"' + "\\" * backslashes + 'u0000"'
    assert holds_nul(text) == ("\0" in json.loads(text))
