"""Retries: how often, how long after, and when not."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.retrying import MAX_RETRY_AFTER_S, retry_after_s, with_retries
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable
from tests.support.virtual_time import now_ms, run_virtual


class Attempts:
    """Raises the given errors one by one, then returns "done"."""

    def __init__(self, *errors: SpeechError) -> None:
        self.errors = list(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def retried(attempts: Attempts, within_s: float = 5.0, pause_s: float = 0.001) -> str:
    return await with_retries(
        attempts,
        deadline=asyncio.get_running_loop().time() + within_s,
        timeout_error=lambda: SpeechUnavailable("late", retryable=True),
        max_retries=2,
        pause_s=pause_s,
    )


def fault(retry_after: float | None = None) -> SpeechError:
    return SpeechBusy("busy", retryable=True, retry_after_s=retry_after)


def test_a_passing_fault_is_tried_again_twice_at_most() -> None:
    attempts = Attempts(fault(), fault())
    assert run_virtual(retried(attempts)) == "done"
    attempts = Attempts(fault(), fault(), fault())
    with pytest.raises(SpeechBusy):
        run_virtual(retried(attempts))
    assert attempts.count == 3


def test_a_refusal_is_not_tried_again() -> None:
    attempts = Attempts(SpeechRejected("no"))
    with pytest.raises(SpeechRejected):
        run_virtual(retried(attempts))
    assert attempts.count == 1


def test_the_wait_is_no_shorter_than_what_the_provider_asks_for() -> None:
    async def story() -> float:
        began = now_ms()
        assert await retried(Attempts(fault(0.05))) == "done"
        return now_ms() - began

    assert 50 <= run_virtual(story()) < 52


def test_a_wait_that_would_outlast_the_deadline_is_not_begun() -> None:
    attempts = Attempts(fault(60.0))
    with pytest.raises(SpeechBusy) as refused:
        run_virtual(retried(attempts))
    assert attempts.count == 1
    assert refused.value.retry_after_s == 60.0


def test_a_deadline_that_passes_during_a_try_is_lateness() -> None:
    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    async def story() -> str:
        return await with_retries(
            never,
            deadline=asyncio.get_running_loop().time() + 0.01,
            timeout_error=lambda: SpeechUnavailable("late"),
            max_retries=2,
            pause_s=0.001,
        )

    with pytest.raises(SpeechUnavailable, match="late"):
        run_virtual(story())


def test_retry_after_is_read_in_all_its_forms_and_bounded() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=240), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after_s({}) is None
    assert retry_after_s({"retry-after": "1.5"}) == 1.5
    assert retry_after_s({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert 120 < (retry_after_s({"retry-after": soon}) or 0) <= 240
    assert retry_after_s({"retry-after": past}) == 0.0
    assert retry_after_s({"retry-after": past.replace("GMT", "-0000")}) == 0.0
    assert retry_after_s({"retry-after": "99999"}) == MAX_RETRY_AFTER_S
    assert retry_after_s({"retry-after": "-1"}) == 0.0
    assert retry_after_s({"retry-after": "tomorrow"}) is None
    assert retry_after_s({"retry-after": "nan"}) is None


@given(st.text(max_size=40) | st.floats().map(str))
def test_no_retry_after_breaks_the_reader(stated: str) -> None:
    wait = retry_after_s({"retry-after": stated})
    assert wait is None or 0.0 <= wait <= MAX_RETRY_AFTER_S
