"""What the settings choose, and that it is closed in the end."""

import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr

from audio.interim_transcriber import InterimTranscriber
from audio.voice_cache import VoiceCache
from server.providers import make_providers
from sessions.interviewer.protocol import Conversation
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from tests.fakes.fake_log import FakeLog
from tests.house import ROOT
from tests.server.stage import make_settings
from tests.support.openai_double import OpenAIDouble

OPENING = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING, time_left_ms=900_000)


def test_the_providers_are_made_without_importing_langchain(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from server.providers import make_providers
from tests.fakes.fake_log import FakeLog
from tests.house import ROOT
from tests.server.stage import make_settings

for llm in ("model", "scripted"):
    settings = make_settings(
        Path({str(tmp_path)!r}), llm=llm, llm_model="openai:gpt-5.4-mini", stt="local", tts="local"
    )
    print(make_providers(settings, FakeLog({{}})).interviewer.model)
print(*[name for name in sys.modules if name.startswith("langchain")])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
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
            stt="auto",
            tts="auto",
        )
        providers = make_providers(settings, FakeLog({}))
        assert isinstance(providers.synthesizer, VoiceCache)
        providers.voice_ahead(["Thank you."])
        await providers.synthesizer.prefetched()
        parts = [part async for part in providers.interviewer.reply(OPENING)]
        assert "Hello! What do you do?" in "".join(p for p in parts if isinstance(p, str))
        assert [request.body["input"] for request in double.speeches] == ["Thank you."]
        assert len(double.chats) == 1
        for part in (providers.transcriber, providers.synthesizer, providers.interviewer):
            await part.close()


def test_live_captions_and_voices_ahead_can_be_left_out(tmp_path: Path) -> None:
    local = make_settings(tmp_path, stt="local", tts="local", llm="scripted")
    assert make_providers(local, FakeLog({})).interim is not None
    plain = make_providers(
        make_settings(tmp_path, live_captions=False, stt="local", tts="local", llm="scripted"),
        FakeLog({}),
    )
    assert isinstance(plain.transcriber, InterimTranscriber)
    assert plain.interim is None
