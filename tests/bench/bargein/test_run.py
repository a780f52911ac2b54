"""Interrupting the interviewer in a real browser: silent in time, and only what was heard stays."""

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.local_voice import LocalVoice
from audio.pcm import ms_of
from audio.speech import VOICE_RATE
from bench.bargein.analysis import Stop
from bench.bargein.line import make_line
from bench.bargein.run import Measured, bargein_command, measure, remembered
from server.settings import Settings
from sessions.turntaking.turns import Speaker, Turn

SOFT_AND_HARD = (
    "So, what about the budget?",
    "Hang on, what does that mean?",
    "Actually, I would like to add something.",
    "Sorry, could you repeat that?",
)


@pytest.mark.usefixtures("real_browser", "real_models", "unhurried")
async def test_interrupted_in_the_browser_the_interviewer_is_silent_and_only_what_was_heard_stays(
    database_url: str, clean_database: AsyncEngine, tmp_path: Path
) -> None:
    voice = LocalVoice()
    line = await make_line(voice, SOFT_AND_HARD, first_s=12.0, after_s=(8.0, 10.0))
    await voice.close()
    settings = Settings(data_dir=tmp_path / "data", port=0)
    measured = await measure(settings, database_url, line, tmp_path, lambda _: None)
    figures = measured.figures()
    # Said later and farther apart than in the bench: a busy machine replies after seconds, and the
    # microphone is a file, which waits for nobody. Other programs hold some of the interruptions
    # up, or a reply so long that it is not met: here it must be silent while it is still being
    # interrupted. The tests in virtual time (tests/sessions) hold the bound of GOAL_MS for each,
    # to the millisecond.
    lasts_ms = {one.words: ms_of(one.sound.size, VOICE_RATE) for one in line.interruptions}
    silent = [one for one in measured.stops if one.silent_after_ms is not None]
    in_time = [one for one in silent if 0 < (one.silent_after_ms or 0) < lasts_ms[one.words]]
    assert len(in_time) >= 2, figures
    heard = figures["heard"]
    assert heard["turns"] >= 2
    assert heard["memory_as_recorded"]
    if figures["underruns"] == 0:  # a gap of the browser's own tears a reply, and hides its end
        # Whisper may hear half a word more or less, and where a word is in a sentence is a guess.
        assert np.median(measured.words_off) <= 1, measured.pairs
        assert heard["most_words_off"] <= 8, measured.pairs


@pytest.mark.usefixtures("real_models")
def test_the_line_is_the_same_every_time_and_says_where_everything_is() -> None:
    async def made() -> list[bytes]:
        voice = LocalVoice()
        lines = [await make_line(voice, SOFT_AND_HARD[:2]) for _ in range(2)]
        await voice.close()
        first, second = lines[0].interruptions
        assert first.begin + first.sound.size < second.begin
        for one in lines[0].interruptions:
            there = lines[0].sound[one.begin : one.begin + one.sound.size]
            assert np.abs(there.astype(int) - one.sound).max() < 60
        return [line.sound.tobytes() for line in lines]

    one, other = asyncio.run(made())
    assert one == other


def test_memory_is_the_record_as_long_as_no_turn_was_reopened() -> None:
    first = Turn(0, Speaker.INTERVIEWER, "Hello there.", "Hello", 0, 500)
    answer = Turn(1, Speaker.CANDIDATE, "Yes", "Yes", 600, 900)
    whole = replace(answer, heard_text="Yes, I do", revision=1)
    assert remembered([first, answer], [first, answer])
    assert remembered([first, answer], [first, whole])
    assert not remembered([first], [replace(first, heard_text="Hello there.")])
    assert not remembered([first, answer], [first])
    assert not remembered([], [first])


def test_the_figures_leave_out_who_met_silence() -> None:
    stops = [Stop("So?", True, 100.0), Stop("No?", True, None), Stop("Oh?", True, 200.0)]
    pairs = [("We work in pairs", "We work in pairs."), ("On Fridays we", "On Fridays")]
    figures = Measured(stops, pairs, remembered=True, latency_ms=40.0, underruns=0).figures()
    assert (figures["interruptions"], figures["missed"]) == (2, 1)
    assert figures["onset_to_silence_ms"] == {"p50": 150.0, "p95": 195.0, "max": 200.0}
    assert figures["heard"] == {
        "turns": 2,
        "to_the_word": 1,
        "within_a_word": 2,
        "most_words_off": 1,
        "memory_as_recorded": True,
    }


def test_without_chromium_or_its_driver_the_bench_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.support.chromium.CHROMIUM", "absent-browser")
    assert bargein_command(None) == 2
    assert "There is no Chromium here: install it" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert bargein_command(None) == 2
    assert "which is in the dependency group dev" in " ".join(capsys.readouterr().out.split())
