"""Deadlines: the earliest counts, each comes once, in the order of time."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.turntaking.timers import Deadlines, Timer


def test_nothing_is_armed_at_first() -> None:
    deadlines = Deadlines()
    assert deadlines.next is None
    assert deadlines.pop_due(1e9) is None
    deadlines.clear(Timer.IDLE)


def test_arming_anew_replaces() -> None:
    deadlines = Deadlines()
    deadlines.set(Timer.IDLE, 100)
    deadlines.set(Timer.IDLE, 300)
    assert deadlines.pop_due(200) is None
    assert deadlines.pop_due(300) is Timer.IDLE
    assert not deadlines.armed(Timer.IDLE)


@given(st.dictionaries(st.sampled_from(Timer), st.floats(0, 1e6), min_size=1))
def test_what_is_due_comes_once_and_in_order(due: dict[Timer, float]) -> None:
    deadlines = Deadlines()
    for timer, at_ms in due.items():
        deadlines.set(timer, at_ms)
    order = []
    while (earliest := deadlines.next) is not None:
        assert deadlines.pop_due(earliest - 1) is None
        popped = deadlines.pop_due(earliest)
        assert popped is not None
        assert due[popped] == earliest
        order.append(popped)
    assert sorted(order) == sorted(due)
    assert [due[timer] for timer in order] == sorted(due.values())
