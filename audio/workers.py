"""Worker threads: a bounded queue for inference that would block the event loop.

Decided here and nowhere else: how much work may wait, that a job nobody awaits any more is not run,
and how the items of a generator that runs in a thread come out on the loop.
"""

import asyncio
import atexit
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar, TypeVarTuple

from audio.speech import SpeechBusy, SpeechError, SpeechUnavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CLOSE_GRACE_S = 5.0
"""Time for which `close` waits for the jobs that are already running; the threads are daemons."""


class WorkerPool:
    """Pool of `workers` named daemon threads, started with the first job.

    At most `queue_limit` jobs wait for them, first come first served. For use from one event loop.
    """

    def __init__(self, name: str, workers: int, queue_limit: int) -> None:
        if workers < 1 or queue_limit < 1:
            raise ValueError("A worker pool needs at least one worker and room for one job.")
        self.name = name
        self._workers = workers
        self._queue_limit = queue_limit
        self._waiting: deque[_Job] = deque()
        self._running = 0
        self._closed = False
        self._threads: list[threading.Thread] = []
        # Held for a few instructions at a time only, so the loop may take it.
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """Number of jobs accepted that no worker has begun."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Number of jobs in a worker just now."""
        return self._running

    async def run(self, fn: Callable[[*Ts], T], *args: *Ts) -> T:
        """Call `fn(*args)` in a worker and return (or raise) what it does.

        Cancelled while it waits, the job leaves the queue; cancelled while it runs, it goes on
        and its result is dropped. Raises SpeechBusy at once when the queue is full, and
        SpeechUnavailable when the pool is closed before the job begins.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        context = copy_context()

        def work() -> None:
            try:
                result = context.run(fn, *args)
            except BaseException as error:  # whatever it is belongs to the one who awaits
                _on_loop(loop, _fail, future, error)
            else:
                _on_loop(loop, _resolve, future, result)

        job = _Job(work, lambda error: _on_loop(loop, _fail, future, error), future.cancelled)
        self._submit(job)
        try:
            return await future
        finally:
            self._withdraw(job)

    async def stream(self, fn: Callable[[], Iterator[T]]) -> AsyncGenerator[T, None]:
        """Iterate `fn()` in a worker; its items come out here, in order, as they are made.

        The worker never waits for the consumer: items are held until they are fetched, so `fn` must
        be finite and its items few. Closing this iterator (or cancelling the task that waits on it)
        takes a waiting job from the queue and stops a running one before its next item. Raises,
        while iterated, SpeechBusy, SpeechUnavailable and whatever `fn` raises.
        """
        loop = asyncio.get_running_loop()
        out: asyncio.Queue[_Item[T] | _End] = asyncio.Queue()
        stopped = threading.Event()
        context = copy_context()

        def put(entry: _Item[T] | _End) -> None:
            _on_loop(loop, out.put_nowait, entry)

        def work() -> None:
            try:
                context.run(self._drain, fn, lambda item: put(_Item(item)), stopped)
            except BaseException as error:  # as in `run`
                put(_End(error))
            else:
                put(_End())

        job = _Job(work, lambda error: put(_End(error)), stopped.is_set)
        self._submit(job)
        try:
            while isinstance(entry := await out.get(), _Item):
                yield entry.value
            if entry.error is not None:
                raise entry.error
        finally:
            stopped.set()
            self._withdraw(job)

    async def close(self) -> None:
        """Refuse new jobs, fail the waiting ones with SpeechUnavailable, and stop streams.

        Streams stop before their next item. Waits up to CLOSE_GRACE_S for what is running.
        """
        self._refuse_all()
        await asyncio.to_thread(self._join)
        atexit.unregister(self._stop)

    def _submit(self, job: "_Job") -> None:
        with self._changed:
            if self._closed:
                raise self._closed_error()
            # Counted against workers and queue together: a job just handed in is not "waiting"
            # merely because an idle worker has not woken up yet.
            if self._running + len(self._waiting) >= self._workers + self._queue_limit:
                raise SpeechBusy(
                    f"The {self.name} workers have {len(self._waiting)} jobs waiting already.",
                    retryable=True,
                )
            self._waiting.append(job)
            self._changed.notify()
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._work, name=f"{self.name}-{n}", daemon=True)
                for n in range(self._workers)
            ]
            for thread in self._threads:
                thread.start()
            # A daemon thread that still frees a native model while the interpreter goes down
            # aborts the process.
            atexit.register(self._stop)

    def _withdraw(self, job: "_Job") -> None:
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job = self._waiting.popleft()
                if job.abandoned():
                    continue
                self._running += 1
            try:
                job.work()
            finally:
                with self._changed:
                    self._running -= 1
            # An idle worker would otherwise keep the last audio alive.
            del job

    def _drain(
        self, fn: Callable[[], Iterator[T]], put: Callable[[T], None], stopped: threading.Event
    ) -> None:
        items = fn()
        try:
            for item in items:
                if not stopped.is_set():
                    put(item)
                if stopped.is_set():
                    return
                if self._closed:
                    raise self._closed_error()
        finally:
            # A plain iterator has no close; a generator's runs its own clean-up, in its thread.
            close = getattr(items, "close", None)
            if close is not None:
                close()

    def _stop(self) -> None:
        self._refuse_all()
        self._join()

    def _refuse_all(self) -> None:
        with self._changed:
            self._closed = True
            refused = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for job in refused:
            job.refuse(self._closed_error())

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(CLOSE_GRACE_S / self._workers)

    def _closed_error(self) -> SpeechError:
        return SpeechUnavailable(f"The {self.name} workers are shutting down.")


@dataclass(slots=True, eq=False, frozen=True)
class _Job:
    """Work for a thread."""

    work: Callable[[], None]
    """Runs in a worker and delivers its own outcome."""

    refuse: Callable[[BaseException], None]
    """Delivers the failure of a job that never runs."""

    abandoned: Callable[[], bool]
    """Returns whether nobody awaits the job any more."""


@dataclass(slots=True, frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(slots=True, frozen=True)
class _End:
    error: BaseException | None = None


def _resolve(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):  # a future refuses it: it would end the awaiting coroutine
        error = RuntimeError("A job raised StopIteration.")
    future.set_exception(error)


def _on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[*Ts], object], *args: *Ts) -> None:
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        # The loop is closed: there is nobody left to tell.
        return
