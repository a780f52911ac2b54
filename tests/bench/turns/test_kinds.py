"""The bench's rows by kind of answer."""

from dataclasses import replace

import pytest

from bench.turns.kinds import figures_by_kind, kind_of
from bench.turns.trials import AnswerTrial


def trial(
    heard: str, shape: str = "story", *, pause_ms: float = 0, delay_ms: float | None = 500
) -> AnswerTrial:
    cut = delay_ms is not None and delay_ms < 0
    return AnswerTrial("one", shape, pause_ms, cut, False, delay_ms, (heard,), ())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trial("Could you repeat that?"), "request"),
        (trial("I don't know."), "request"),
        (trial("Yes, I do.", "yes_no"), "yes/no"),
        (trial("We build bridges."), "short"),
        (trial("We build bridges, and " * 4), "long"),
        (trial("We build bridges.", pause_ms=900), "thinking"),
    ],
)
def test_an_answer_has_one_kind(answer: AnswerTrial, kind: str) -> None:
    assert kind_of(answer) == kind


def test_a_recording_that_states_its_kind_is_of_that_kind() -> None:
    assert kind_of(replace(trial("Could you repeat that?"), kind="restart")) == "restart"


def test_each_kind_has_its_delays_without_those_that_were_cut() -> None:
    whole = [trial("Yes, it was.", delay_ms=delay_ms) for delay_ms in (500, -5, None)]
    figures = figures_by_kind(
        [trial("Sorry?", delay_ms=400), trial("Sorry?", delay_ms=600), *whole]
    )
    assert figures["request"] == {"answers": 2, "cut": 0, "p50": 500, "p95": 590}
    assert figures["short"] == {"answers": 3, "cut": 1, "p50": 500, "p95": 500}
