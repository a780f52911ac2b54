"""Foreign formats: whatever the bridge, the error names format, setting and call."""

import json
from typing import Any

import pytest

from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import Dialect, DialectError
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.l16 import L16Dialect
from server.dialects.telephony.telnyx import TelnyxDialect
from server.dialects.telephony.twilio import TwilioDialect
from server.dialects.telephony.vonage import VonageDialect


def telnyx(encoding: str, rate: int) -> dict[str, Any]:
    media_format = {"encoding": encoding, "sample_rate": rate, "channels": 1}
    start = {"call_control_id": "C1", "media_format": media_format, "custom_parameters": {"t": "1"}}
    return {"event": "start", "stream_id": "s", "start": start}


def twilio(encoding: str) -> dict[str, Any]:
    media_format = {"encoding": encoding, "sampleRate": 8000, "channels": 1}
    start = {"callSid": "C1", "streamSid": "s", "customParameters": {"t": "1"}}
    return {"event": "start", "streamSid": "s", "start": start | {"mediaFormat": media_format}}


def asterisk(name: str, size: int) -> dict[str, Any]:
    variables = {"call": "C1", "t": "1"}
    event = {"event": "MEDIA_START", "format": name, "optimal_frame_size": size}
    return event | {"channel_id": "c", "channel_variables": variables}


def vonage(content_type: str) -> dict[str, Any]:
    return {"event": "websocket:connected", "content-type": content_type, "call": "C1", "t": "1"}


@pytest.mark.parametrize(
    ("dialect", "message", "stated", "setting"),
    [
        (TelnyxDialect(), telnyx("G722", 8000), "G722", "stream_codec"),
        (TelnyxDialect(), telnyx("OPUS", 16000), "OPUS", "stream_codec"),
        (TelnyxDialect(), telnyx("AMR-WB", 16000), "AMR-WB", "stream_codec"),
        (TelnyxDialect(), telnyx("L16", 44100), "44100", "stream_codec"),
        (TwilioDialect(), twilio("audio/opus"), "audio/opus", "audio/x-mulaw"),
        (AsteriskDialect(), asterisk("opus", 0), "opus", "c(ulaw)"),
        (AsteriskDialect(), asterisk("g722", 160), "g722", "c(ulaw)"),
        (AsteriskDialect(), asterisk("slin16", 641), "641", "c(slin16)"),
        (VonageDialect(), vonage("audio/l16;rate=44100"), "44100", "content-type"),
        (VonageDialect(), vonage("audio/opus"), "opus", "content-type"),
        (L16Dialect(), {"sampleRate": 44100, "callSid": "C1", "t": "1"}, "44100", "sampleRate"),
        (
            L16Dialect(),
            {"sampleRate": 8000, "mixType": "stereo", "callSid": "C1", "t": "1"},
            "stereo",
            "mixType",
        ),
    ],
)
def test_the_error_names_the_format_the_setting_and_the_call(
    dialect: Dialect, message: dict[str, Any], stated: str, setting: str
) -> None:
    with pytest.raises(DialectError) as refused:
        dialect.receive_text(json.dumps(message))
    error = refused.value
    assert error.fatal is CloseReason.WRONG_FORMAT
    assert stated in str(error)
    assert setting in str(error)
    assert error.started is not None
    assert (error.started.call, error.started.parameters.get("t")) == ("C1", "1")
