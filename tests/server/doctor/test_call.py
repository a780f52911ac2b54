"""Trial calls: what they tell of providers that work, that are slow, and that do not."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from server.doctor.call import SENTENCE, agreement, call_hearing, call_interviewer, call_voice
from server.doctor.report import CheckStatus, DoctorContext
from server.doctor.run import CHECKS, run_doctor
from server.settings import Settings
from sessions.interviewer.language_model.learnt_refusals import forget_all
from tests.support.openai_double import OpenAIDouble

OPENING = "[[ask background]] Hello Ada! What do you work on?"

SPOKEN = np.random.default_rng(1).integers(-9_000, 9_000, 80_000).astype(np.int16)
"""Five seconds, a quarter of each in silence: steady noise would be no speech."""
SPOKEN.reshape(5, -1)[:, :4_000] = 0


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    forget_all()
    async with OpenAIDouble() as served:
        served.text_for = lambda _request: SENTENCE
        served.reply_to = lambda _messages: OPENING
        yield served
    forget_all()


def context_for(tmp_path: Path, double: OpenAIDouble, **values: Any) -> DoctorContext:
    given: dict[str, Any] = {
        "data_dir": tmp_path / ".viva",
        "openai_api_key": SecretStr("sk-test"),
        "openai_base_url": double.base_url,
        "openai_tts_model": "tts-1",
        "openai_max_retries": 0,
    }
    return DoctorContext(Settings(**(given | values)), date(2026, 11, 26))


async def test_a_voice_that_speaks_is_timed_and_priced(
    tmp_path: Path, double: OpenAIDouble
) -> None:
    context = context_for(tmp_path, double)
    finding = await call_voice(context)
    assert finding.status is CheckStatus.OK, finding
    assert "first sound after" in finding.seen
    assert f"{len(SENTENCE) * 15 / 10_000:.4f} cents" in finding.seen
    assert double.speeches[0].body["input"] == SENTENCE
    assert context.spoken is not None


async def test_a_transcriber_that_hears_is_timed_and_priced(
    tmp_path: Path, double: OpenAIDouble
) -> None:
    context = context_for(tmp_path, double)
    context.spoken = SPOKEN
    finding = await call_hearing(context)
    assert finding.status is CheckStatus.OK, finding
    assert "5.0 s of speech heard in" in finding.seen
    assert "100% of the words; 0.0375 cents" in finding.seen


async def test_a_transcriber_that_hears_something_else_is_warned_of(
    tmp_path: Path, double: OpenAIDouble
) -> None:
    double.text_for = lambda _request: "Bananas grow in warm lands."
    context = context_for(tmp_path, double)
    context.spoken = SPOKEN
    finding = await call_hearing(context)
    assert finding.status is CheckStatus.WARN
    assert 'it heard "Bananas grow in warm lands."' in finding.seen


async def test_an_interviewer_that_replies_is_timed_and_priced(
    tmp_path: Path, double: OpenAIDouble
) -> None:
    finding = await call_interviewer(context_for(tmp_path, double))
    assert finding.status is CheckStatus.OK, finding
    assert finding.seen.startswith("openai:gpt-6-luna: first words after")
    assert "cents" in finding.seen


@pytest.mark.parametrize(
    ("mode", "words"), [("401", "does not accept the key"), ("500", "failed (HTTP 500)")]
)
async def test_an_interviewer_whose_script_steps_in_is_a_failure_with_its_reason(
    tmp_path: Path, double: OpenAIDouble, mode: str, words: str
) -> None:
    double.fail("chat", mode)
    finding = await call_interviewer(context_for(tmp_path, double))
    assert finding.status is CheckStatus.FAIL
    assert "the script stepped in" in finding.seen
    assert words in finding.seen


@pytest.mark.parametrize("mode", ["401", "500", "cut"])
async def test_speech_that_fails_is_told_with_what_to_do(
    tmp_path: Path, double: OpenAIDouble, mode: str
) -> None:
    double.fail("speech", mode)
    double.fail("transcriptions", mode)
    context = context_for(tmp_path, double)
    voice = await call_voice(context)
    context.spoken = SPOKEN
    heard = await call_hearing(context)
    assert [voice.status, heard.status] == [CheckStatus.FAIL] * 2
    assert "VIVA_TTS" in voice.advice
    assert "VIVA_STT" in heard.advice


async def test_a_model_without_a_price_is_said_to_have_none(
    tmp_path: Path, double: OpenAIDouble
) -> None:
    finding = await call_voice(context_for(tmp_path, double, openai_tts_model="kokoro"))
    assert "the price of kokoro is not known" in finding.seen


async def test_calls_are_made_only_when_they_are_asked_for(
    tmp_path: Path, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.doctor.run.CHECKS", {})
    settings = context_for(tmp_path, double).settings
    assert (await run_doctor(settings)).checks == ()
    assert double.chats == []
    report = await run_doctor(settings, call=True)
    assert [check.name for check in report.checks] == [
        "Call: voice",
        "Call: hearing",
        "Call: interviewer",
    ]
    assert report.exit_code == 0, report
    assert not set(CHECKS) & {check.name for check in report.checks}


def test_words_agree_as_far_as_they_were_heard() -> None:
    assert agreement("Good morning, you.", "good morning you") == 1.0
    assert agreement("Good morning, you.", "") == 0.0
    assert agreement("One two three four", "two four") == 0.5
