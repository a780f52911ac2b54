"""Retries and deadlines of speech providers: when a call is repeated, and when it is given up."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from audio.speech import SpeechError

T = TypeVar("T")

MAX_RETRY_AFTER_S = 300.0
"""Longest Retry-After that is reported: nobody waits longer in an interview."""

_random = random.SystemRandom()


async def with_retries(
    attempt: Callable[[], Awaitable[T]],
    *,
    deadline: float,
    timeout_error: Callable[[], SpeechError],
    max_retries: int,
    pause_s: float,
) -> T:
    """Await `attempt()`, again after a retryable SpeechError, `max_retries` times at most.

    The n-th pause is `pause_s` x 2^n, jittered by half, and no shorter than the Retry-After the
    error carries; a pause that would not end before `deadline` (loop time, seconds) is not begun.
    Raises the last SpeechError, or `timeout_error()` if the deadline passes during an attempt.
    """
    loop = asyncio.get_running_loop()
    tried = 0
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                return await attempt()
        except TimeoutError:
            raise timeout_error() from None
        except SpeechError as error:
            pause = (error.retry_after_s or 0.0) + pause_s * 2**tried * _random.uniform(0.5, 1.0)
            out_of_time = loop.time() + pause >= deadline
            if not error.retryable or tried == max_retries or out_of_time:
                raise
        await asyncio.sleep(pause)
        tried += 1


async def keeping_up(
    piece: bytes,
    following: Callable[[], Awaitable[bytes]],
    *,
    behind_s: float,
    rate: int,
    late: Callable[[], SpeechError],
) -> AsyncGenerator[bytes, None]:
    """Yield a first piece of PCM16 at `rate` Hz, then what `following()` returns until it is b"".

    The sound may fall `behind_s` behind real time, counting only time spent waiting for it, so that
    neither a stall nor a very slow stream goes unnoticed: then `late()` is raised.
    """
    loop = asyncio.get_running_loop()
    lead_s = behind_s
    while piece:
        yield piece
        lead_s += len(piece) / 2 / rate
        asked = loop.time()
        try:
            async with asyncio.timeout(min(lead_s, behind_s)):
                piece = await following()
        except TimeoutError:
            raise late() from None
        lead_s -= loop.time() - asked


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the wait a response asks for, 0 to MAX_RETRY_AFTER_S seconds, or None.

    Retry-After holds seconds or a date (RFC 9110, 10.2.3); OpenAI adds retry-after-ms.
    """
    seconds = _number(headers.get("retry-after-ms"))
    if seconds is not None:
        seconds /= 1000
    else:
        stated = headers.get("retry-after")
        seconds = _number(stated)
        if seconds is None and stated is not None:
            seconds = _seconds_until(stated)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if number == number else None  # "nan" is not equal to itself


def _seconds_until(date: str) -> float | None:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - datetime.now(UTC)).total_seconds()
