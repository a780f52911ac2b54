"""The writer of turns: in order, once, acknowledged after COMMIT, whatever the database does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.record.turn_log import MAX_RETRY_S, TURNS_WAIT, CheckpointWriter
from sessions.turntaking.turns import Speaker, Turn
from tests.fakes.turn_log import FakeTurnLog

SESSION = uuid4()


def turn(index: int) -> Turn:
    return Turn(index, Speaker.CANDIDATE, f"answer {index}", f"answer {index}", 0, 10)


class Bench:
    """A writer, its store, and what it told."""

    def __init__(self) -> None:
        self.log = FakeTurnLog()
        self.committed: list[int] = []
        self.troubles: list[str] = []
        self.pauses: list[float] = []
        self.all_committed = asyncio.Event()
        self.expected = 0
        self.writer = CheckpointWriter(
            self.log, SESSION, self.on_committed, self.troubles.append, sleep=self.pause
        )

    def on_committed(self, done: Turn) -> None:
        assert done.index in self.log.turns, "acknowledged before it was committed"
        self.committed.append(done.index)
        if len(self.committed) == self.expected:
            self.all_committed.set()

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def put(self, *indexes: int) -> None:
        self.expected += len(indexes)
        self.all_committed.clear()
        for index in indexes:
            self.writer.put(turn(index))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench whose writer is running."""
    bench = Bench()
    running = asyncio.create_task(bench.writer.run())
    yield bench
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_turns_are_committed_in_order_and_then_acknowledged(bench: Bench) -> None:
    bench.put(0, 1, 2)
    await bench.all_committed.wait()
    bench.put(3)
    await bench.all_committed.wait()

    assert bench.committed == bench.log.order == [0, 1, 2, 3]
    assert bench.writer.backlog == 0
    assert bench.troubles == []


async def test_putting_never_waits_for_the_database(bench: Bench) -> None:
    bench.log.gate.clear()
    bench.put(*range(100))
    await bench.log.waiting.wait()

    assert bench.writer.backlog == 100
    assert bench.committed == []


async def test_an_outage_is_told_once_and_delays_only(bench: Bench) -> None:
    bench.log.failures = 12
    bench.put(0, 1)
    await bench.all_committed.wait()

    assert bench.committed == bench.log.order == [0, 1]
    assert bench.troubles == [TURNS_WAIT]
    assert len(bench.pauses) == 12
    assert bench.pauses[0] <= 0.1
    assert MAX_RETRY_S / 2 <= bench.pauses[-1] <= MAX_RETRY_S


async def test_the_next_outage_is_told_again_and_begins_with_a_short_pause(bench: Bench) -> None:
    bench.log.failures = 8
    bench.put(0)
    await bench.all_committed.wait()
    bench.log.failures = 1
    bench.put(1)
    await bench.all_committed.wait()

    assert len(bench.troubles) == 2
    assert bench.pauses[-1] <= 0.1


async def test_a_lost_answer_doubles_nothing(bench: Bench) -> None:
    bench.log.lost_answers = 1
    bench.put(0, 1)
    await bench.all_committed.wait()

    assert bench.committed == bench.log.order == [0, 1]


async def test_draining_waits_until_the_backlog_is_committed(bench: Bench) -> None:
    bench.log.gate.clear()
    bench.put(0, 1)
    draining = asyncio.create_task(bench.writer.drain(5))
    await bench.log.waiting.wait()
    assert not draining.done()
    bench.log.gate.set()

    assert await draining is True
    assert bench.committed == [0, 1]


async def test_draining_an_unreachable_database_gives_up_and_keeps_the_turns(bench: Bench) -> None:
    bench.log.gate.clear()
    bench.put(0, 1)

    assert await bench.writer.drain(0.01) is False
    assert bench.writer.backlog == 2


async def test_what_a_cancelled_writer_left_is_drained() -> None:
    bench = Bench()
    bench.log.gate.clear()
    running = asyncio.create_task(bench.writer.run())
    bench.put(0, 1, 2)
    await bench.log.waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.writer.backlog == 3
    bench.log.gate.set()

    assert await bench.writer.drain(5) is True
    assert bench.committed == bench.log.order == [0, 1, 2]


async def test_draining_goes_on_when_the_writer_is_cancelled_meanwhile() -> None:
    bench = Bench()
    bench.log.gate.clear()
    running = asyncio.create_task(bench.writer.run())
    bench.put(0)
    await bench.log.waiting.wait()
    draining = asyncio.create_task(bench.writer.drain(5))
    running.cancel()
    bench.log.gate.set()

    assert await draining is True
    assert bench.committed == [0]


async def test_an_error_of_the_program_is_not_hidden() -> None:
    class Broken(FakeTurnLog):
        async def append(self, session_id: UUID, turn: Turn) -> None:
            raise ZeroDivisionError

    writer = CheckpointWriter(Broken(), SESSION, lambda _: None, lambda _: None)
    writer.put(turn(0))

    with pytest.raises(ZeroDivisionError):
        await writer.run()
    assert writer.backlog == 1


@given(
    steps=st.lists(
        st.one_of(
            st.just("put"),
            st.tuples(st.just("fail"), st.integers(1, 3)),
            st.tuples(st.just("lose"), st.integers(1, 2)),
            st.just("cancel"),
            st.just("drain"),
        ),
        max_size=30,
    )
)
async def test_whatever_happens_each_turn_is_acknowledged_once_and_in_order(
    steps: list[str | tuple[str, int]],
) -> None:
    bench = Bench()
    running = asyncio.create_task(bench.writer.run())
    for step in steps:
        match step:
            case "put":
                bench.put(bench.expected)
            case ("fail", int(count)):
                bench.log.failures += count
            case ("lose", int(count)):
                bench.log.lost_answers += count
            case "drain":
                assert await bench.writer.drain(5)
            case "cancel":
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running
                running = asyncio.create_task(bench.writer.run())
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert await bench.writer.drain(5)
    assert bench.committed == bench.log.order == list(range(bench.expected))
