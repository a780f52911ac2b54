"""Providers: what the settings choose, and that it is closed in the end."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from audio.interim_transcriber import InterimTranscriber
from audio.voice_cache import VoiceCache
from server.providers import make_providers, make_streaming_transcriber
from server.retirements import models_in_use
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from tests.audio.providers.live_transcription.lines import speech
from tests.fakes.azure_openai import azure_openai
from tests.fakes.fake_log import FakeLog
from tests.house import ROOT
from tests.server.stage import make_settings
from tests.support.openai_double import OpenAIDouble

OPENING = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING, time_left_ms=900_000)


WITHOUT_LANGCHAIN = """
import sys
from server.providers import make_interviewer
from server.settings import Settings

for llm in ("model", "scripted"):
    settings = Settings(data_dir=sys.argv[1], llm=llm, llm_model="openai:gpt-5.4-mini")
    print(make_interviewer(settings).model)
print(*[name for name in sys.modules if name.startswith("langchain")])
"""


def test_an_interviewer_is_made_without_importing_langchain(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LANGCHAIN, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["openai:gpt-5.4-mini", "scripted"], done.stderr


async def test_everything_that_openai_does_is_reached_and_closed(tmp_path: Path) -> None:
    async with OpenAIDouble() as double:
        double.text_for = lambda _request: "Hello."
        double.reply_to = lambda _messages: "[[ask background]] Hello! What do you do?"
        settings = make_settings(
            tmp_path,
            openai_api_key=SecretStr("sk-test"),
            openai_base_url=double.base_url,
            llm="auto",
            stt="openai",
            tts="openai",
        )
        providers = make_providers(settings, FakeLog({}))
        assert isinstance(providers.synthesizer, VoiceCache)
        await providers.synthesizer.warm_up()
        await providers.interviewer.warm_up()
        providers.voice_ahead(["Thank you."])
        await providers.synthesizer.prefetched()
        parts = [part async for part in providers.interviewer.reply(OPENING)]
        assert "Hello! What do you do?" in "".join(p for p in parts if isinstance(p, str))
        assert [request.body["input"] for request in double.speeches] == ["Thank you."]
        assert len(double.chats) == 1
        for part in (providers.transcriber, providers.synthesizer, providers.interviewer):
            await part.close()


async def test_a_realtime_model_speaks_over_its_socket(tmp_path: Path) -> None:
    async with OpenAIDouble() as double:
        settings = make_settings(
            tmp_path,
            openai_base_url=double.base_url,
            openai_tts_model="gpt-realtime-2.1-mini",
            tts="openai",
        )
        voice = make_providers(settings, FakeLog({})).synthesizer
        await voice.warm_up()
        assert [piece async for piece in voice.speak("Thank you.")]
        await voice.close()
        (asked,) = double.voice.asked
        assert asked["input"][0]["content"][0]["text"] == "Thank you."
        assert not double.speeches


async def test_a_model_of_another_provider_is_reached_by_its_langchain_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(
        tmp_path, llm="model", llm_model="azure_openai:interviews", stt="local", tts="local"
    )
    interviewer = make_providers(settings, FakeLog({})).interviewer
    async with azure_openai(monkeypatch) as double:
        double.reply_to = lambda _messages: "[[ask background]] Hello! What do you do?"
        await interviewer.warm_up()
        parts = [part async for part in interviewer.reply(OPENING)]
        assert parts[0] == Move(MoveKind.ASK, "background")
        assert "".join(part for part in parts if isinstance(part, str)) == "Hello! What do you do?"
        assert len(double.chats) == 1
        await interviewer.close()


def test_live_captions_and_voices_ahead_can_be_left_out(tmp_path: Path) -> None:
    local = make_settings(tmp_path, stt="local", tts="local", llm="scripted")
    assert make_providers(local, FakeLog({})).interim is not None
    plain = make_providers(
        make_settings(tmp_path, live_captions=False, stt="local", tts="local", llm="scripted"),
        FakeLog({}),
    )
    assert isinstance(plain.transcriber, InterimTranscriber)
    assert plain.interim is None


@pytest.mark.parametrize(
    ("kind", "query", "rate"),
    [
        ("openai", {"intent": "transcription"}, 24),
        ("gateway", {"intent": "transcription", "model": "own-model"}, 24),
        ("vllm", {}, 16),
    ],
)
async def test_candidates_are_heard_while_they_speak_over_the_socket_that_is_set(
    tmp_path: Path, kind: Literal["openai", "gateway", "vllm"], query: dict[str, str], rate: int
) -> None:
    async with OpenAIDouble() as double:
        double.hearing.dialect = "vllm" if kind == "vllm" else "openai"
        double.hearing.texts = ["Yes, often"]
        settings = make_settings(
            tmp_path,
            openai_base_url=double.base_url,
            openai_stt_streaming=kind,
            openai_live_stt_model="own-model",
        )
        streaming = make_providers(settings, FakeLog({})).streaming
        assert streaming is not None
        await streaming.warm_up()
        line = streaming.open(terms=("Raft",), language="en", on_partial=lambda _words: None)
        line.append(speech(500))
        final = await line.commit()
        assert (final.text, final.model) == ("Yes, often", "own-model")
        await streaming.close()
        (session,) = double.hearing.sessions
        assert session.query == query
        assert abs(session.commits[0].size - 500 * rate) <= 1


@pytest.mark.parametrize(
    ("changes", "streams"),
    [
        ({"stt": "local", "openai_stt_streaming": "openai"}, False),
        ({"openai_api_key": "sk-x"}, True),
        ({"openai_api_key": "sk-x", "openai_base_url": "http://127.0.0.1:9/v1"}, False),
        ({"openai_api_key": "sk-x", "openai_stt_streaming": "off"}, False),
    ],
)
def test_candidates_are_heard_at_pauses_where_no_socket_is_known(
    tmp_path: Path, changes: dict[str, Any], streams: bool
) -> None:
    settings = make_settings(tmp_path, **changes)
    assert (make_streaming_transcriber(settings) is not None) is streams
    assert (settings.openai_live_stt_model in models_in_use(settings)) is streams
