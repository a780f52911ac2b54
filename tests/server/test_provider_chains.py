"""Provider chains: what a list of providers means, and what is said of a mistaken one."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from server.provider_chains import (
    LOCAL,
    MODEL,
    OPENAI,
    SCRIPTED,
    ChainEntry,
    EntryKind,
    language_chain,
    speech_chain,
)
from server.providers import make_providers, make_synthesizer, make_transcriber
from server.services import Readiness
from tests.fakes.fake_log import FakeLog
from tests.server.stage import make_settings

VOICES = ChainEntry(EntryKind.ADDRESS, "http://voices.internal/v1")
NAMED = ChainEntry(EntryKind.ADDRESS, "https://host:8443/v1", "hexgrad/Kokoro-82M", "af_heart")


@pytest.mark.parametrize(
    ("value", "openai", "chain"),
    [
        ("auto", False, (LOCAL,)),
        ("auto", True, (OPENAI, LOCAL)),
        ("openai", True, (OPENAI,)),
        ("local", True, (LOCAL,)),
        (" OpenAI , http://voices.internal/v1/,local", True, (OPENAI, VOICES, LOCAL)),
        ("https://host:8443/v1#hexgrad/Kokoro-82M@af_heart", False, (NAMED,)),
    ],
)
def test_a_list_of_voices_is_read(value: str, openai: bool, chain: tuple[ChainEntry, ...]) -> None:
    assert speech_chain(value, openai=openai, voices=True) == chain


@pytest.mark.parametrize(
    ("value", "openai", "chain"),
    [
        ("auto", False, (SCRIPTED,)),
        ("auto", True, (MODEL, SCRIPTED)),
        ("model", False, (MODEL, SCRIPTED)),
        (
            "openai:gpt-6-luna,http://voices.internal/v1,scripted",
            True,
            (ChainEntry(EntryKind.MODEL, model="openai:gpt-6-luna"), VOICES, SCRIPTED),
        ),
    ],
)
def test_a_list_of_interviewers_is_read_and_ends_with_the_script(
    value: str, openai: bool, chain: tuple[ChainEntry, ...]
) -> None:
    assert language_chain(value, openai=openai) == chain


@pytest.mark.parametrize(
    "value",
    ["cloud", "openai,,local", "openai,openai", "auto,local", "ftp://host", "http://", "scripted",
     "http://user:secret@host/v1", "http://a b/v1", "http://host:port/v1"],
)  # fmt: skip
def test_a_mistaken_list_is_told_with_a_sentence_without_a_password(value: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        speech_chain(value, openai=True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["openai", "scripted,model", "gpt-6-luna", "openai:"])
def test_a_mistaken_list_of_interviewers_is_told_too(value: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        language_chain(value, openai=True)


def test_the_chains_are_made_and_the_key_goes_to_openai_alone(tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path,
        openai_api_key=SecretStr("sk-test"),
        stt="openai,http://ears.internal/v1#whisper,local",
        tts="http://voices.internal/v1#kokoro@af,openai",
        llm="openai:gpt-6-luna,http://llm.internal/v1#qwen",
    )
    ears, voices = make_transcriber(settings), make_synthesizer(settings)
    hosts = [link.host for link in ears.chain.links]
    assert hosts == ["api.openai.com", "ears.internal", "local"]
    assert [link.provider.model for link in ears.chain.links][1] == "whisper"
    assert [link.host for link in voices.chain.links] == ["voices.internal", "api.openai.com"]
    assert "sk-test" not in repr(vars(voices.chain.links[0].provider))
    providers = make_providers(settings, FakeLog({}))
    assert providers.interviewer.model == "openai:gpt-6-luna"
    assert set(providers.troubles) == {"hearing", "speaking"}


def test_a_part_in_trouble_keeps_the_server_from_being_ready_as_long_as_it_is() -> None:
    readiness, trouble = Readiness(), [""]
    readiness.watch({"speaking": lambda: trouble[0]})
    assert readiness.missing() == {}
    trouble[0] = "no voice answers: voices.internal cannot be reached"
    assert readiness.missing() == {"speaking": trouble[0]}
    trouble[0] = ""
    assert readiness.missing() == {}
