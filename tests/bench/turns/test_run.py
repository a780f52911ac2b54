"""The bench of turns on a handful of answers: real sessions, Whisper and voice, in virtual time."""

import itertools
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from audio.local_voice import LocalVoice
from audio.local_whisper import LocalWhisper
from bench.__main__ import app
from bench.corpus.generate import Script, Voice, make
from bench.turns import report
from bench.turns.metered import Workshop
from bench.turns.recordings import Recording, read_recordings
from bench.turns.run import (
    Setting,
    answer_figures,
    live_rules,
    measure,
    silence_rules,
    sweep_settings,
)
from bench.turns.trials import AnswerTrial
from sessions.turntaking.rules import Rules

PLAN = (
    "Thank you, that was very helpful. Let me tell you a little about the team before we go on. "
    "There are nine of us, and we look after everything that has to do with payments."
)

SCRIPTS = (
    Script("plain", "Do you speak French?", "Yes, I do.", (5, 1)),
    Script("thinking", "How do you test your work?", "I write a test, and | I run it.", (5, 6)),
    Script("wait", PLAN, "Wait, can I ask something?", (5, 3), label="stop"),
    Script("knock", PLAN, "", (5, 5), label="resume", sound="knock"),
)


@pytest.fixture(scope="module")
async def folder(
    tmp_path_factory: pytest.TempPathFactory, real_models: None
) -> AsyncIterator[Path]:
    """Four recordings, one with a pause of more than a second."""
    folder = tmp_path_factory.mktemp("recordings")
    synthesizer = LocalVoice()
    voice = Voice(synthesizer)
    for script in SCRIPTS:
        wav, document = await make(script, voice)
        (folder / f"{script.name}.wav").write_bytes(wav)
        (folder / f"{script.name}.json").write_text(json.dumps(document), encoding="utf-8")
    yield folder
    await synthesizer.close()


@pytest.fixture(scope="module")
def recordings(folder: Path) -> list[Recording]:
    return read_recordings(folder)


class SteadyClock:
    """Clock by which every job takes 0.1 s: what is tested does not hang on the processor."""

    def __init__(self) -> None:
        self._readings = itertools.count()

    def perf_counter(self) -> float:
        """In seconds; it is read twice before each job, and twice after it."""
        return next(self._readings) / 20

    process_time = perf_counter


@pytest.fixture(scope="module")
def workshop(real_models: None) -> Iterator[Workshop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.turns.metered.time", SteadyClock())
        with Workshop(LocalWhisper(), LocalVoice()) as workshop:
            yield workshop


def detail(figures: Mapping[str, Any], name: str) -> dict[str, Any]:
    details = (*figures["details"], *figures["interjection_details"])
    found: dict[str, Any] = next(one for one in details if one["name"] == name)
    return found


def test_a_short_silence_rule_cuts_the_pause_and_a_long_one_does_not(
    recordings: list[Recording], workshop: Workshop
) -> None:
    answers = [one for one in recordings if one.label is None]
    hasty = measure(answers, workshop, rules=silence_rules(400))
    patient = measure(answers, workshop, rules=silence_rules(3_000))
    assert detail(hasty, "thinking")["longest_pause_ms"] > 1_000
    assert detail(hasty, "thinking")["cut"]
    assert detail(hasty, "thinking")["delay_ms"] < 0
    assert hasty["cut_off_rate"] == 0.5
    assert hasty["delay_ms"]["p50"] == hasty["yes_no_delay_ms"]["p50"]
    assert 400 < hasty["yes_no_delay_ms"]["p50"] < 700
    assert patient["cut_off_rate"] == 0
    assert patient["taken_back_rate"] == 1.0
    assert 3_000 < patient["delay_ms"]["p50"] < 3_300
    assert "run" in detail(patient, "thinking")["heard"][-1]


def test_without_taking_back_a_cut_answer_is_two_turns(
    recordings: list[Recording], workshop: Workshop
) -> None:
    answers = [one for one in recordings if one.name == "thinking"]
    rules = Rules(endpoint_silence_ms=400, take_back_ms=0)
    figures = measure(answers, workshop, rules=rules)
    assert figures["taken_back_rate"] == 0
    assert len(detail(figures, "thinking")["heard"]) == 2


def test_a_candidate_who_wants_the_floor_gets_it_and_a_knock_does_not(
    recordings: list[Recording], workshop: Workshop
) -> None:
    figures = measure(recordings, workshop, rules=live_rules())
    assert detail(figures, "wait")["stopped"]
    assert not detail(figures, "knock")["stopped"]
    assert figures["interjections"] == 2
    assert figures["interjections_right"] == 1.0


def test_the_same_run_gives_the_same_figures(
    recordings: list[Recording], workshop: Workshop
) -> None:
    settings = [Setting("silence", 700.0, silence_rules(700))]
    first = measure(recordings, workshop, rules=silence_rules(700), settings=settings)
    again = measure(recordings, workshop, rules=silence_rules(700), settings=settings)
    assert first == again
    point = first["sweep"][0]
    assert {name: point[name] for name in ("cut_off_rate", "delay_ms")} == {
        name: first[name] for name in ("cut_off_rate", "delay_ms")
    }


def test_the_command_writes_the_figures_and_the_plot(folder: Path, tmp_path: Path) -> None:
    figures_path, plot_path = tmp_path / "new" / "turns.json", tmp_path / "turns.svg"
    arguments = ["turns", str(folder), "--json", str(figures_path), "--plot", str(plot_path)]
    result = CliRunner().invoke(app, [*arguments, "--cache", str(tmp_path / "cache")])
    assert result.exit_code == 0, result.output
    assert "live rules" in result.output
    figures = json.loads(figures_path.read_text(encoding="utf-8"))
    assert figures["answers"] == 2
    assert {"cut_off_rate", "taken_back_rate", "delay_ms", "interjections_right"} <= set(figures)
    assert set(figures["delay_ms"]) == {"p50", "p90"}
    assert [(point["rule"], point["value"]) for point in figures["sweep"]] == [
        (setting.rule, setting.value) for setting in sweep_settings()
    ]
    assert "<svg" in plot_path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_used_ends_with_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["turns", str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert "is no folder" in " ".join(result.output.split())


def test_a_plot_without_matplotlib_is_refused_before_the_work(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = CliRunner().invoke(app, ["turns", str(folder), "--plot", str(tmp_path / "a.png")])
    assert result.exit_code == 1
    assert "--group bench" in " ".join(result.output.split())


def trial(delay_ms: float | None, *, shape: str = "story", taken_back: bool = False) -> AnswerTrial:
    cut = delay_ms is not None and delay_ms < 0
    return AnswerTrial("one", shape, 0.0, cut, taken_back, delay_ms, (), ())


def test_delays_are_those_of_the_answers_that_were_not_cut() -> None:
    figures = answer_figures(
        [
            trial(-500, taken_back=True),
            trial(-900),
            trial(1_000),
            trial(2_000),
            trial(3_000, shape="yes_no"),
            trial(None),
        ]
    )
    assert figures["answers"] == 6
    assert figures["cut_off_rate"] == pytest.approx(2 / 6, abs=1e-4)
    assert figures["taken_back_rate"] == 0.5
    assert figures["unanswered"] == 1
    assert figures["delay_ms"] == {"p50": 2_000, "p90": 2_800}
    assert figures["yes_no_delay_ms"] == {"p50": 3_000}


def test_nothing_measured_is_told_as_nothing(tmp_path: Path) -> None:
    figures = answer_figures([trial(-100)])
    assert figures["delay_ms"] == {"p50": None, "p90": None}
    point = {"rule": "silence", "value": 400.0, **figures}
    report.plot({**figures, "sweep": [point]}, tmp_path / "empty.png")
    assert (tmp_path / "empty.png").stat().st_size > 0
