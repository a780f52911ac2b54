"""Retries: how often, how long after, and when not."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.retrying import MAX_RETRY_AFTER_S, retry_after_s, with_retries
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable


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


async def test_a_passing_fault_is_tried_again_twice_at_most() -> None:
    attempts = Attempts(fault(), fault())
    assert await retried(attempts) == "done"
    attempts = Attempts(fault(), fault(), fault())
    with pytest.raises(SpeechBusy):
        await retried(attempts)
    assert attempts.count == 3


async def test_a_refusal_is_not_tried_again() -> None:
    attempts = Attempts(SpeechRejected("no"))
    with pytest.raises(SpeechRejected):
        await retried(attempts)
    assert attempts.count == 1


async def test_the_wait_is_no_shorter_than_what_the_provider_asks_for() -> None:
    began = time.monotonic()
    assert await retried(Attempts(fault(0.05))) == "done"
    assert time.monotonic() - began >= 0.05


async def test_a_wait_that_would_outlast_the_deadline_is_not_begun() -> None:
    attempts = Attempts(fault(60.0))
    with pytest.raises(SpeechBusy) as refused:
        await retried(attempts)
    assert attempts.count == 1
    assert refused.value.retry_after_s == 60.0


async def test_a_deadline_that_passes_during_a_try_is_lateness() -> None:
    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    with pytest.raises(SpeechUnavailable, match="late"):
        await with_retries(
            never,
            deadline=asyncio.get_running_loop().time() + 0.01,
            timeout_error=lambda: SpeechUnavailable("late"),
            max_retries=2,
            pause_s=0.001,
        )


def test_retry_after_is_read_in_all_its_forms_and_bounded() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after_s({}) is None
    assert retry_after_s({"retry-after": "1.5"}) == 1.5
    assert retry_after_s({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert retry_after_s({"retry-after": soon}) == pytest.approx(30, abs=3)
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
