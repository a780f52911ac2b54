"""What a demo leaves behind: the recording on two channels, the words, the figures, the table."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from audio.container import read_audio
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.simulator.candidate import SimulatedExchange, SimulatedInterview
from server.simulator.report import STAGES, metrics, print_table, stereo, write_report
from sessions.turn_history import STAMPS
from sessions.turntaking.turns import Speaker, Turn


def turn(index: int, speaker: Speaker, text: str, **latency: Any) -> Turn:
    return Turn(index, speaker, text, text, 1_000 * index, 1_000 * index + 900, latency=latency)


TURNS = [
    turn(0, Speaker.INTERVIEWER, "Which tree?"),
    turn(1, Speaker.CANDIDATE, "Größe [red]oak[/red]."),
    turn(
        2,
        Speaker.INTERVIEWER,
        "Goodbye.",
        speech_end=1_900,
        transcript_final=2_150,
        endpoint=2_600,
        first_audio_played=2_750,
        voice_to_voice_ms=850,
        breakdown={"transcribe": 250.0, "hold": 450.0, "play": 150.0},
        thrown_away=2,
    ),
]


def test_stages_are_stamps_that_turns_hold() -> None:
    assert set(STAGES) <= set(STAMPS)


def interview(**changes: Any) -> SimulatedInterview:
    values: dict[str, Any] = {
        "candidate": np.full(SPEECH_RATE, 1_000, np.int16),
        "interviewer": np.full(VOICE_RATE // 2, -2_000, np.int16),
        "exchanges": [
            SimulatedExchange("I like oak.", "tts", 1.0, 1.9, "Which tree?", 900.0),
            SimulatedExchange("And ash.", "tts", 3.0, 3.9, "What else?", 1_100.0),
            SimulatedExchange(None, "03.wav", 5.0, 5.9, "Goodbye.", None),
        ],
        "ended": "completed",
        "close_code": 1000,
        "underrun_ms": 12.34,
        "longest_gap_ms": 7.0,
    }
    return SimulatedInterview(**(values | changes))


def test_each_voice_has_its_channel() -> None:
    both = stereo(interview())
    assert both.shape == (VOICE_RATE, 2)
    middle = both[VOICE_RATE // 4]
    assert middle[0] == pytest.approx(1_000, abs=5)
    assert middle[1] == -2_000
    assert not both[VOICE_RATE // 2 :, 1].any()


def test_figures_are_percentiles_of_what_was_heard_and_what_was_stamped() -> None:
    figures = metrics(interview(), TURNS)
    assert (figures["turns"], figures["candidate_turns"]) == (3, 1)
    assert figures["v2v_ms"] == {"p50": 1_000.0, "p95": 1_090.0}
    assert figures["v2v_server_ms"] == {"p50": 850.0, "p95": 850.0}
    parts = figures["breakdown"]
    assert parts["transcribe"] == {"p50": 250.0, "p95": 250.0}
    assert sum(part["p50"] for part in parts.values() if part) == 850
    assert parts["think"] == {}
    stages = figures["ms_after_speech_end"]
    assert stages["transcript_final"]["p50"] == 250
    assert stages["endpoint"]["p50"] == 700
    assert stages["first_token"] == {}
    assert (figures["underrun_ms"], figures["longest_gap_ms"]) == (12.3, 7.0)
    assert figures["thrown_away_replies"] == 2


@pytest.mark.parametrize(
    ("ended", "completed"),
    [("completed", True), ("time_limit", True), ("ended_by_candidate", False), (None, False)],
)
def test_an_interview_that_broke_off_is_not_complete(ended: str | None, completed: bool) -> None:
    figures = metrics(interview(ended=ended, exchanges=[]), [])
    assert (figures["completed"], figures["ended"]) == (completed, ended)
    assert figures["v2v_ms"] == {}


def test_everything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    figures = write_report(out, interview(), TURNS)
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == figures
    transcript = json.loads((out / "transcript.json").read_text(encoding="utf-8"))
    assert [line["text"] for line in transcript["turns"]] == [line.text for line in TURNS]
    assert transcript["candidate_said"] == ["I like oak.", "And ash.", None]
    assert transcript["exchanges"][0]["v2v_ms"] == 900.0
    text = (out / "transcript.md").read_text(encoding="utf-8")
    assert "**Candidate:** Größe [red]oak[/red]." in text
    assert len(read_audio(out / "interview.wav", VOICE_RATE)) == VOICE_RATE


def test_the_table_shows_every_turn_as_it_was_said() -> None:
    console = Console(file=io.StringIO(), width=120)
    print_table(console, interview(), TURNS)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "Größe [red]oak[/red]." in printed
    assert "850" in printed
