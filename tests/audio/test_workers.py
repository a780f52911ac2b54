"""The worker pool: a bounded queue, jobs nobody awaits, generators that run in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar

import pytest

from audio.speech import SpeechBusy, SpeechUnavailable
from audio.workers import WorkerPool
from tests.patience import PATIENCE_S


class Gate:
    """A job that says when it has begun and goes on when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.open.wait(PATIENCE_S)
        return threading.current_thread().name


async def begun(gate: Gate) -> None:
    assert await asyncio.to_thread(gate.begun.wait, PATIENCE_S)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool("test", workers=1, queue_limit=2)
    yield pool
    await pool.close()


async def test_a_job_runs_in_a_named_thread_of_the_pool(pool: WorkerPool) -> None:
    assert await pool.run(lambda: threading.current_thread().name) == "test-0"
    assert await pool.run(lambda: threading.current_thread().daemon)


async def test_arguments_go_in_and_errors_come_out(pool: WorkerPool) -> None:
    assert await pool.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 7, 0)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await pool.run(next, iter(()))


async def test_a_job_sees_the_context_of_the_one_who_awaits_it(pool: WorkerPool) -> None:
    session = ContextVar("session", default="none")
    session.set("s1")
    assert await pool.run(session.get) == "s1"


async def test_the_loop_goes_on_while_a_job_blocks(pool: WorkerPool) -> None:
    gate = Gate()
    job = asyncio.create_task(pool.run(gate))
    await begun(gate)
    assert not job.done()
    gate.open.set()
    assert await job == "test-0"


async def test_a_full_queue_refuses_at_once(pool: WorkerPool) -> None:
    gate = Gate()
    running = asyncio.create_task(pool.run(gate))
    await begun(gate)
    waiting = [asyncio.create_task(pool.run(gate)) for _ in range(2)]
    await asyncio.sleep(0)
    assert pool.waiting == 2
    with pytest.raises(SpeechBusy, match="test workers have 2 jobs waiting") as refused:
        await pool.run(gate)
    assert refused.value.retryable
    with pytest.raises(SpeechBusy):
        await anext(pool.stream(lambda: iter("abc")))
    gate.open.set()
    assert await asyncio.gather(running, *waiting) == ["test-0"] * 3


async def test_idle_workers_count_as_room_even_before_they_wake() -> None:
    pool = WorkerPool("roomy", workers=2, queue_limit=1)
    gate = Gate()
    jobs = [asyncio.create_task(pool.run(gate)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(SpeechBusy):
        await pool.run(gate)
    gate.open.set()
    assert len(await asyncio.gather(*jobs)) == 3
    await pool.close()


async def test_a_cancelled_job_leaves_the_queue_and_is_never_run(pool: WorkerPool) -> None:
    gate = Gate()
    running = asyncio.create_task(pool.run(gate))
    await begun(gate)
    ran: list[str] = []
    unwanted = asyncio.create_task(pool.run(ran.append, "unwanted"))
    wanted = asyncio.create_task(pool.run(ran.append, "wanted"))
    await asyncio.sleep(0)
    unwanted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unwanted
    assert pool.waiting == 1
    gate.open.set()
    await asyncio.gather(running, wanted)
    assert ran == ["wanted"]


async def test_a_job_cancelled_at_the_moment_a_worker_takes_it_is_not_run(pool: WorkerPool) -> None:
    gate = Gate()
    running = asyncio.create_task(pool.run(gate))
    await begun(gate)
    ran: list[str] = []
    unwanted = asyncio.create_task(pool.run(ran.append, "unwanted"))
    await asyncio.sleep(0)
    unwanted.cancel()  # its own clean-up has had no turn of the loop yet
    gate.open.set()
    last = threading.Event()
    await asyncio.gather(running, pool.run(last.set))
    assert last.is_set()
    assert ran == []


async def test_the_result_of_a_job_cancelled_while_it_runs_is_dropped(pool: WorkerPool) -> None:
    gate = Gate()
    job = asyncio.create_task(pool.run(gate))
    await begun(gate)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    gate.open.set()
    assert await pool.run(lambda: "next") == "next"


async def test_items_of_a_stream_come_out_as_they_are_made(pool: WorkerPool) -> None:
    gate = Gate()

    def items() -> Iterator[str]:
        yield "first"
        yield gate()

    stream = pool.stream(items)
    assert await anext(stream) == "first"
    await begun(gate)
    gate.open.set()
    assert [item async for item in stream] == ["test-0"]


async def test_an_error_comes_after_the_items_before_it(pool: WorkerPool) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    stream = pool.stream(items)
    assert await anext(stream) == 1
    with pytest.raises(LookupError, match="no more"):
        await anext(stream)


async def test_closing_a_stream_stops_its_generator_before_the_next_item(pool: WorkerPool) -> None:
    gate = Gate()
    made: list[int] = []
    ended = threading.Event()

    def items() -> Iterator[int]:
        try:
            for number in range(1_000):
                made.append(number)
                yield number
                gate()
        finally:
            ended.set()

    stream = pool.stream(items)
    assert await anext(stream) == 0
    await begun(gate)
    await stream.aclose()
    gate.open.set()
    assert await asyncio.to_thread(ended.wait, PATIENCE_S)
    assert made in ([0], [0, 1])  # the item in the making when it was closed


async def test_closing_a_stream_that_waits_takes_it_from_the_queue(pool: WorkerPool) -> None:
    gate = Gate()
    running = asyncio.create_task(pool.run(gate))
    await begun(gate)
    ran: list[str] = []

    def items() -> Iterator[int]:
        ran.append("stream")
        yield 1

    consumer = asyncio.create_task(anext(pool.stream(items)))
    await asyncio.sleep(0)
    assert pool.waiting == 1
    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert pool.waiting == 0
    gate.open.set()
    await running
    await pool.run(lambda: None)
    assert ran == []


async def test_a_slow_consumer_does_not_hold_the_worker(pool: WorkerPool) -> None:
    stream = pool.stream(lambda: iter("abc"))
    assert await anext(stream) == "a"
    assert await pool.run(lambda: "another job") == "another job"
    assert [item async for item in stream] == ["b", "c"]


async def test_close_refuses_what_waits_and_what_comes_after() -> None:
    pool = WorkerPool("closing", workers=1, queue_limit=4)
    gate = Gate()
    running = asyncio.create_task(pool.run(gate))
    await begun(gate)
    waiting = asyncio.create_task(pool.run(gate))
    streaming = asyncio.create_task(anext(pool.stream(lambda: iter("abc"))))
    await asyncio.sleep(0)
    closing = asyncio.create_task(pool.close())
    for task in (waiting, streaming):
        with pytest.raises(SpeechUnavailable, match="closing workers are shutting down"):
            await task
    with pytest.raises(SpeechUnavailable):
        await pool.run(gate)
    gate.open.set()
    assert await running == "closing-0"
    await closing
    assert not [t for t in threading.enumerate() if t.name.startswith("closing-")]


async def test_close_ends_a_running_stream_between_items() -> None:
    pool = WorkerPool("ending", workers=1, queue_limit=1)
    gate = Gate()

    def items() -> Iterator[str]:
        while True:
            yield gate()

    stream = pool.stream(items)
    first = asyncio.create_task(anext(stream))
    await begun(gate)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    gate.open.set()
    assert await first == "ending-0"
    with pytest.raises(SpeechUnavailable):
        await anext(stream)
    await closing


def test_a_pool_without_workers_or_room_is_refused() -> None:
    for workers, limit in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="at least one worker"):
            WorkerPool("none", workers, limit)
