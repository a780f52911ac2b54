"""Virtual time: it passes by itself, in order, and stops for nobody."""

import asyncio

import pytest

from tests.support.virtual_time import NothingWillHappen, now_ms, pass_ms, run_virtual


def test_hours_pass_at_once_and_in_order() -> None:
    async def story() -> list[tuple[str, float]]:
        begun, seen = now_ms(), []

        async def sleeper(name: str, ms: float) -> None:
            await pass_ms(ms)
            seen.append((name, now_ms() - begun))

        async with asyncio.TaskGroup() as group:
            group.create_task(sleeper("a day", 86_400_000))
            group.create_task(sleeper("an hour", 3_600_000))
            group.create_task(sleeper("a second", 1_000))
        return seen

    seen = run_virtual(story(), limit_s=100_000)  # really, it would take a day
    assert [name for name, _ in seen] == ["a second", "an hour", "a day"]
    assert [ms for _, ms in seen] == pytest.approx([1_000, 3_600_000, 86_400_000], abs=1)


def test_a_timer_that_is_armed_again_for_now_does_not_stop_the_clock() -> None:
    async def story() -> int:
        loop = asyncio.get_running_loop()
        until, rounds = loop.time() + 0.001, 0

        def again() -> None:
            nonlocal rounds
            rounds += 1
            if loop.time() < until:
                loop.call_at(loop.time(), again)

        again()
        await pass_ms(2)
        return rounds

    assert 1 < run_virtual(story()) < 5_000


def test_a_story_in_which_nothing_can_happen_any_more_fails() -> None:
    async def story() -> None:
        await asyncio.Event().wait()

    async def outside_of_any_limit() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: None)
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_virtual(story(), limit_s=10)
    with pytest.raises(NothingWillHappen), asyncio.Runner(loop_factory=_virtual_loop) as runner:
        runner.run(outside_of_any_limit())


def _virtual_loop() -> asyncio.AbstractEventLoop:
    from tests.support.virtual_time import VirtualTimeLoop

    return VirtualTimeLoop()


def test_an_exception_in_a_callback_fails_the_test() -> None:
    async def story() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await pass_ms(1)

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run_virtual(story())
