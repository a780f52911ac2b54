"""The throttle: what comes too fast has to wait, and what comes much too fast is not kept."""

import pytest

from server.sockets.audio_budget import BACKLOG_S, CLOSE_ABOVE, WINDOW_S
from server.sockets.throttle import PAUSE_S, Throttle


class Waits:
    """A throttle whose clock does not move, and the pauses it makes."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.throttle = Throttle(lambda: 0.0, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


async def test_what_waited_elsewhere_is_taken_at_once(waits: Waits) -> None:
    assert await waits.throttle.take_audio(BACKLOG_S)
    assert waits.pauses == []


async def test_sound_that_comes_too_fast_waits_a_part_of_its_length(waits: Waits) -> None:
    assert await waits.throttle.take_audio(BACKLOG_S + 5.0)
    assert waits.pauses == [pytest.approx((BACKLOG_S + 5.0) / CLOSE_ABOVE)]


async def test_a_flood_is_not_kept(waits: Waits) -> None:
    assert not await waits.throttle.take_audio(BACKLOG_S + CLOSE_ABOVE * WINDOW_S)
    assert waits.pauses == []


async def test_short_pauses_add_up_until_they_are_exact(waits: Waits) -> None:
    for _ in range(3_000):
        await waits.throttle.take_message()
    assert waits.pauses
    assert min(waits.pauses) >= PAUSE_S
