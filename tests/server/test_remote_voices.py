"""Which model speaks at which address, and in which voice."""

from pathlib import Path

import pytest

from audio.providers.openai_speech import OpenAISynthesizer
from audio.providers.realtime_voice import RealtimeSynthesizer
from audio.speech import SpeechRejected
from server.remote_voices import remote_voice
from tests.server.stage import make_settings

OWN = "http://voices.internal/v1"
REALTIME = "gpt-realtime-2.1-mini"


@pytest.mark.parametrize(
    ("named", "address", "model", "kind", "expected"),
    [
        ("", None, "", RealtimeSynthesizer, REALTIME),
        ("", "https://eu.api.openai.com/v1", "", RealtimeSynthesizer, REALTIME),
        ("", OWN, "", OpenAISynthesizer, "gpt-4o-mini-tts"),
        ("", OWN, "kokoro", OpenAISynthesizer, "kokoro"),
        ("", OWN, "gpt-realtime", RealtimeSynthesizer, "gpt-realtime"),
        ("tts-1", None, "", OpenAISynthesizer, "tts-1"),
        ("tts-1", OWN, "", OpenAISynthesizer, "tts-1"),
        ("gpt-realtime", OWN, "", RealtimeSynthesizer, "gpt-realtime"),
        ("gpt-realtime", OWN, "kokoro", OpenAISynthesizer, "kokoro"),
    ],
)
def test_an_address_is_asked_for_a_model_that_it_has(
    tmp_path: Path, named: str, address: str | None, model: str, kind: type, expected: str
) -> None:
    settings = make_settings(tmp_path, **({"openai_tts_model": named} if named else {}))
    voice = remote_voice(settings, "k", address, model)
    assert type(voice) is kind
    assert voice.model == expected


def test_a_voice_that_is_named_must_fit_the_model(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, openai_tts_voice="nova")
    assert remote_voice(settings, "k", OWN).model == "gpt-4o-mini-tts"
    with pytest.raises(SpeechRejected, match="nova"):
        remote_voice(settings, "k", None)
    assert remote_voice(settings, "k", None, voice="cedar").model == REALTIME
