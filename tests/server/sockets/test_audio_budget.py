"""The audio budget: real time passes, a backlog passes, a flood does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sockets.audio_budget import BACKLOG_S, AudioBudget, BudgetVerdict

FRAME_S = 0.02


def send(
    budget: AudioBudget, speed: float, seconds: float, *, begin_s: float = 0.0
) -> BudgetVerdict:
    """The first verdict that is not fine of a client at `speed` times real time, or FINE."""
    frames = int(seconds * speed / FRAME_S)
    for number in range(frames):
        verdict = budget.take(FRAME_S, begin_s + number * FRAME_S / speed)
        if verdict is not BudgetVerdict.FINE:
            return verdict
    return BudgetVerdict.FINE


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.02])
def test_who_speaks_in_real_time_is_never_held_up(speed: float) -> None:
    assert send(AudioBudget(0.0), speed, 300) is BudgetVerdict.FINE


def test_what_waited_while_the_connection_was_gone_may_come_at_once() -> None:
    budget = AudioBudget(0.0)
    for _ in range(int(BACKLOG_S / FRAME_S)):
        assert budget.take(FRAME_S, 10.0) is BudgetVerdict.FINE
    assert send(budget, 1.0, 60, begin_s=10.0) is BudgetVerdict.FINE


def test_half_as_fast_again_as_real_time_must_wait_in_the_end() -> None:
    assert send(AudioBudget(0.0), 1.5, 60) is BudgetVerdict.WAIT


def test_ten_times_real_time_that_does_not_heed_is_closed_within_three_seconds() -> None:
    budget, closed_s = AudioBudget(0.0), None
    for number in range(10_000):
        now_s = number * FRAME_S / 10
        if budget.take(FRAME_S, now_s) is BudgetVerdict.CLOSE:
            closed_s = now_s
            break
    assert closed_s is not None
    assert closed_s < 3


def test_a_flood_of_empty_frames_is_a_flood() -> None:
    budget = AudioBudget(0.0)
    verdicts = {budget.take(0.0, number / 10_000) for number in range(20_000)}
    assert BudgetVerdict.CLOSE in verdicts


@given(st.lists(st.tuples(st.floats(0, 0.06), st.floats(0, 5)), max_size=200))
def test_whatever_comes_patience_restores_the_budget(frames: list[tuple[float, float]]) -> None:
    budget, now_s = AudioBudget(0.0), 0.0
    for audio_s, wait_s in frames:
        now_s += wait_s
        budget.take(audio_s, now_s)
    assert budget.take(FRAME_S, now_s + 60) is BudgetVerdict.FINE
