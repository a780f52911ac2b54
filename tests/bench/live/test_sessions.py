"""What is told of a crowd, and when it counts as held."""

import os
from dataclasses import replace

import pytest

from bench.live.crowd import Candidate, Clip, Exchange
from bench.live.run import crowds_of
from bench.live.sessions import Measured, Step, _step
from bench.live.testbed import Usage, usage_of

HELD = Step(
    sessions=1,
    answers=6,
    v2v_ms={"p50": 600.0, "p95": 700.0},
    cpu_s_per_session_minute=0.6,
    cpu_percent=1.0,
    core_taken_percent=0.0,
    mb_per_session=0.7,
    underruns=0,
    least_lead_ms=80.0,
    cut=0,
    unanswered=0,
    lost=0,
    lag_ms={"p50": 0.0, "p99": 5.0, "p100": 9.0},
    bench_late_ms={"p50": 0.0, "p99": 0.4, "p100": 2.0},
)
SLOW = {"p50": 700.0, "p95": 1_201.0}


@pytest.mark.parametrize(
    ("second", "breaks_at"),
    [
        (replace(HELD, sessions=40, v2v_ms={"p50": 700.0, "p95": 1_200.0}), None),
        (replace(HELD, sessions=40, v2v_ms=SLOW), 40),
        (replace(HELD, sessions=40, underruns=1), 40),
        (replace(HELD, sessions=40, lost=1), 40),
        (replace(HELD, sessions=40, v2v_ms={}), 40),
    ],
)
def test_a_crowd_is_held_without_underruns_and_within_twice_the_first_median(
    second: Step, breaks_at: int | None
) -> None:
    assert Measured([HELD, second], pinned=True).breaks_at == breaks_at


def test_the_figures_are_those_of_the_largest_crowd_and_every_step() -> None:
    figures = Measured([HELD, replace(HELD, sessions=40)], pinned=True).figures()
    assert list(figures) == [
        "sessions", "v2v_ms", "cpu_s_per_session_minute", "mb_per_session", "underruns", "steps"
    ]  # fmt: skip
    assert figures["sessions"] == 40
    assert [step["sessions"] for step in figures["steps"]] == [1, 40]


async def test_a_step_counts_the_answers_of_its_window_alone() -> None:
    candidates = [Candidate("t", (Clip("x", ()),), number) for number in range(2)]
    candidates[0].exchanges = [
        Exchange("before", 90.0, 90.6),
        Exchange("a", 110.0, 110.6),
        Exchange("without a reply", 120.0),
        Exchange("just now", 159.0),
    ]
    candidates[1].exchanges = [Exchange("cut", 130.0, 129.0, cut=True)]
    step = _step(candidates, (100.0, 160.0), Usage(1.2, 1.0, 3.0), [1.0], [0.1], 0)
    assert (step.answers, step.cut, step.unanswered) == (3, 1, 1)
    assert step.v2v_ms == {"p50": 600.0, "p95": 600.0}
    assert step.cpu_s_per_session_minute == 0.6
    assert step.cpu_percent == 2.0
    assert step.core_taken_percent == 5.0
    assert step.mb_per_session == 0.5


def test_what_a_process_uses_is_read_from_the_system() -> None:
    before = after = usage_of(os.getpid())
    while after.cpu_s == before.cpu_s:  # counted in ticks of 10 ms: more work on a quicker machine
        assert sum(number * number for number in range(100_000))
        after = usage_of(os.getpid())
    assert after.cpu_s > before.cpu_s
    assert 10 < after.rss_mb < 10_000
    assert after.waited_s >= before.waited_s


def test_crowds_are_sorted_and_bounded() -> None:
    assert crowds_of("40,1,10") == [1, 10, 40]
    for wrong in ("0", "501", "many", ""):
        with pytest.raises(ValueError, match=r"Crowds|invalid literal"):
            crowds_of(wrong)
