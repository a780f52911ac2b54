"""Retries: how long the pauses are, and when a try is the last one."""

import pytest

from sessions.record.retrying import Pauses, StoreUnavailable, retrying


class Store:
    """Fails so many times, then answers; keeps the pauses and the failures it was told of."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.tries = 0
        self.told: list[StoreUnavailable] = []
        self.pauses: list[float] = []

    async def call(self) -> str:
        self.tries += 1
        if self.tries <= self.failures:
            raise StoreUnavailable(f"failure {self.tries}")
        return "answer"

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_a_store_that_answers_is_called_once() -> None:
    store = Store(failures=0)
    assert await retrying(store.call, Pauses(1.0, 1.0), store.told.append) == "answer"
    assert store.tries == 1
    assert store.told == []


async def test_pauses_double_up_to_the_longest() -> None:
    store = Store(failures=5)
    pauses = Pauses(first_s=0.5, longest_s=3.0)
    assert await retrying(store.call, pauses, store.told.append, sleep=store.sleep) == "answer"
    assert store.pauses == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert [str(error) for error in store.told] == [f"failure {n}" for n in range(1, 6)]


async def test_failures_before_the_call_make_the_first_pause_longer() -> None:
    store = Store(failures=1)
    pauses = Pauses(first_s=0.5, longest_s=60.0)
    await retrying(store.call, pauses, store.told.append, failures=3, sleep=store.sleep)
    assert store.pauses == [4.0]


async def test_without_time_there_is_one_try() -> None:
    store = Store(failures=1)
    with pytest.raises(StoreUnavailable, match="failure 1"):
        await retrying(
            store.call, Pauses(1.0, 1.0), store.told.append, within_s=0.0, sleep=store.sleep
        )
    assert store.tries == 1
    assert store.told == []


async def test_an_error_of_the_program_is_not_tried_again() -> None:
    store = Store(failures=0)

    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await retrying(broken, Pauses(1.0, 1.0), store.told.append, sleep=store.sleep)


def test_a_pause_is_spread_below_its_length_and_never_overflows() -> None:
    pauses = Pauses(first_s=0.1, longest_s=2.0, shortest_part=0.5)
    for failures in (1, 6, 100_000):
        drawn = [pauses.after(failures) for _ in range(200)]
        longest = min(2.0, 0.1 * 2 ** min(failures - 1, 16))
        assert longest / 2 <= min(drawn) < max(drawn) <= longest
