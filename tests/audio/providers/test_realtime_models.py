"""Models of the Realtime socket, told by name, and the addresses that are OpenAI's own."""

import pytest

from audio.providers.realtime_models import default_voice, is_openai, is_realtime_model


@pytest.mark.parametrize(
    ("model", "realtime", "voice"),
    [
        ("gpt-realtime-2.1-mini", True, "marin"),
        ("GPT-Realtime", True, "marin"),
        ("gpt-realtime-2.1", True, "marin"),
        ("gpt-4o-mini-tts", False, "alloy"),
        ("tts-1", False, "alloy"),
        ("kokoro", False, "alloy"),
    ],
)
def test_realtime_models_are_told_by_their_name(model: str, realtime: bool, voice: str) -> None:
    assert is_realtime_model(model) is realtime
    assert default_voice(model) == voice


@pytest.mark.parametrize(
    ("address", "openai"),
    [
        (None, True),
        ("", True),
        ("https://api.openai.com/v1", True),
        ("https://API.openai.com/v1", True),
        ("https://eu.api.openai.com/v1/", True),
        ("http://127.0.0.1:8080/v1", False),
        ("https://openai.internal/v1", False),
        ("https://notapi.openai.com.example/v1", False),
        ("https://evilapi.openai.com/v1", False),
        ("https://openrouter.ai/api/v1", False),
        ("http://[::1", False),
    ],
)
def test_openai_is_told_by_its_host(address: str | None, openai: bool) -> None:
    assert is_openai(address) is openai
