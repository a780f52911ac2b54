"""Languages: what does not know one is told beforehand, and English is never warned of."""

from typing import Any

import pytest

from server.languages import language_warnings
from server.settings import Settings


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize("language", ["en", "en-GB", "en-us"])
def test_english_of_every_region_needs_no_warning(language: str) -> None:
    assert language_warnings(settings(), language, by_phone=True) == []


@pytest.mark.parametrize("language", ["de", "de-CH", "pt-BR", "enm"])
def test_what_is_included_knows_english_alone_and_says_so(language: str) -> None:
    told = " ".join(language_warnings(settings(), language))
    for part in ("VIVA_WHISPER_MODEL", "VIVA_TTS", "VIVA_LLM"):
        assert part in told
    assert f"'{language}'" in told
    assert "telephone" not in told


@pytest.mark.parametrize(
    ("model", "english_alone"),
    [
        ("tiny.en", True),
        ("/models/small.en", True),
        ("distil-large-v3", True),
        ("small", False),
        ("/models/my.english", False),
        ("large-v3-turbo", False),
    ],
)
def test_a_whisper_model_for_english_is_known_by_its_name(model: str, english_alone: bool) -> None:
    told = " ".join(language_warnings(settings(whisper_model=model), "de"))
    assert ("VIVA_WHISPER_MODEL" in told) is english_alone


def test_models_that_speak_many_languages_leave_the_telephone_alone_to_be_told() -> None:
    capable = settings(openai_base_url="http://127.0.0.1:1/v1", tts="openai")
    assert language_warnings(capable, "de") == []
    (by_phone,) = language_warnings(capable, "de", by_phone=True)
    assert "telephone" in by_phone
    bridged = settings(
        openai_base_url="http://127.0.0.1:1/v1", tts="openai", bridge_token="0123456789abcdef"
    )
    assert language_warnings(bridged, "de") == [by_phone]


def test_a_local_voice_that_stands_behind_another_is_told_of() -> None:
    (behind,) = language_warnings(settings(openai_base_url="http://127.0.0.1:1/v1"), "de")
    assert "local one steps in" in behind
