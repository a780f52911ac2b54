"""Circuit breaker: who is called, who is given a rest, and how one is found to be back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.circuit_breaker import (
    FAILURES_TO_OPEN,
    MAX_OPEN_S,
    OPEN_S,
    REFUSED_S,
    Attempt,
    Circuit,
    CircuitState,
)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begun(circuit: Circuit) -> Attempt:
    attempt = circuit.attempt()
    assert attempt is not None
    return attempt


def opened(clock: Clock, **how: bool) -> Circuit:
    """Return a circuit that has just opened."""
    circuit = Circuit("voices.internal", clock)
    for _ in range(FAILURES_TO_OPEN):
        begun(circuit).failed("It cannot be reached.", **how)
    return circuit


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(clock: Clock) -> None:
    circuit = Circuit("voices.internal", clock)
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            begun(circuit).failed("It cannot be reached.")
        begun(circuit).succeeded()
    assert circuit.state is CircuitState.CLOSED
    circuit = opened(clock)
    assert circuit.state is CircuitState.OPEN
    assert circuit.attempt() is None
    assert circuit.problem == "It cannot be reached."


def test_one_probe_at_a_time_finds_out_whether_it_is_back(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += OPEN_S
    assert circuit.state is CircuitState.HALF_OPEN
    assert circuit.living
    probe = begun(circuit)
    assert circuit.attempt() is None
    probe.let_go()
    begun(circuit).succeeded()
    assert not circuit.problem
    assert all(circuit.attempt() is not None for _ in range(3))


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_a_bound(clock: Clock) -> None:
    circuit = opened(clock)
    waits = []
    for _ in range(6):
        waits.append(circuit.due_in_s())
        clock.now += circuit.due_in_s()
        begun(circuit).failed("It cannot be reached.")
    assert waits[:3] == [OPEN_S, 2 * OPEN_S, 4 * OPEN_S]
    assert max(waits) == MAX_OPEN_S


def test_the_wait_that_a_provider_asks_for_is_kept_to_the_end(clock: Clock) -> None:
    circuit = Circuit("voices.internal", clock)
    begun(circuit).failed("It takes no more requests.", retry_after_s=40.0)
    assert not circuit.living
    assert circuit.attempt(at_any_rate=True) is None
    clock.now += 39.5
    assert circuit.attempt() is None
    clock.now += 0.5
    assert circuit.attempt() is not None


def test_a_refusal_that_somebody_must_act_on_keeps_it_open_for_longer(clock: Clock) -> None:
    assert opened(clock, refused=True).due_in_s() == REFUSED_S


def test_where_there_is_nobody_else_an_open_one_is_asked_and_closes_when_it_answers(
    clock: Clock,
) -> None:
    circuit = opened(clock)
    attempt = circuit.attempt(at_any_rate=True)
    assert attempt is not None
    attempt.succeeded()
    assert circuit.state is CircuitState.CLOSED


def test_what_was_begun_before_it_opened_changes_nothing_when_it_ends(clock: Clock) -> None:
    circuit = Circuit("voices.internal", clock)
    early, late = begun(circuit), begun(circuit)
    for _ in range(FAILURES_TO_OPEN):
        begun(circuit).failed("It cannot be reached.")
    early.succeeded()
    assert circuit.state is CircuitState.OPEN
    due = circuit.due_in_s()
    late.failed("It cannot be reached.")
    assert circuit.due_in_s() == due


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "succeed", "fail", "wait for", "let go", "pass"]),
        st.integers(0, 5),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_nobody_calls_while_it_is_open_and_it_comes_back(
    steps: list[tuple[str, int]],
) -> None:
    clock = Clock()
    circuit = Circuit("voices.internal", clock)
    under_way: list[Attempt] = []
    probes: list[Attempt] = []
    for step, number in steps:
        if step == "pass":
            clock.now += number * OPEN_S / 2
        elif step == "begin":
            before = circuit.state
            attempt = circuit.attempt()
            if attempt is None:
                assert before is CircuitState.OPEN or probes
            else:
                assert before is not CircuitState.OPEN
                if before is CircuitState.HALF_OPEN:
                    assert not probes
                    probes.append(attempt)
                under_way.append(attempt)
        elif under_way:
            attempt = under_way.pop(number % len(under_way))
            if attempt in probes:
                probes.clear()
            if step == "succeed":
                attempt.succeeded()
            elif step == "let go":
                attempt.let_go()
            else:
                wait_s = float(number) if step == "wait for" else None
                attempt.failed("It failed.", retry_after_s=wait_s)
            if circuit.state is CircuitState.CLOSED:
                probes.clear()
    for attempt in under_way:
        attempt.let_go()
    clock.now += max(MAX_OPEN_S, REFUSED_S)
    begun(circuit).succeeded()
    assert circuit.state is CircuitState.CLOSED
