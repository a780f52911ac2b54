"""Turn log: the protocol of the store of turns, and the writer that commits them in order, once.

`TurnLog` is what a store must offer; `CheckpointWriter` is one session's queue in front of it.
A database that goes away delays acknowledgements, never sound: turns wait in the queue, and are
committed in order when it is back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog

from sessions.record.retrying import Pauses, StoreUnavailable, retrying
from sessions.turntaking.turns import Turn

MAX_RETRY_S = 2.0
"""Longest pause between two tries: a database that comes back is noticed within it."""

TURN_PAUSES = Pauses(first_s=0.1, longest_s=MAX_RETRY_S, shortest_part=0.5)
"""Pauses between two tries to commit a turn."""

END_PAUSES = Pauses(first_s=1.0, longest_s=1.0)
"""Pauses between two tries to put the end of a session on record."""

TURNS_WAIT = "The database cannot be reached just now; what was said is kept and written later."
"""Sentence for the candidate, once for each outage of the database."""

END_WAITS = "The interview is over. It is not saved yet: please keep this open for a moment."
"""Sentence for the candidate where the end cannot be put on record at once."""

log = structlog.get_logger(__name__)


class TurnLog(Protocol):
    """Durable storage of turns: one for each session and index."""

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """Return once the turn is committed; the same turn again changes nothing.

        Raises StoreUnavailable.
        """

    async def read(self, session_id: UUID) -> list[Turn]:
        """Return all turns of a session in order of index. Raises StoreUnavailable."""


class SessionLog(TurnLog, Protocol):
    """The store as a session uses it."""

    async def consent(self, interview_id: UUID) -> None:
        """Put the candidate's consent on record. Raises StoreUnavailable."""

    async def end_session(
        self,
        session_id: UUID,
        reason: str,
        completed: bool,
        coverage: Mapping[str, str] | None = None,
    ) -> None:
        """Put the end on record, with what became of the plan's questions.

        Raises StoreUnavailable.
        """


class CheckpointWriter:
    """Commits one session's turns, one at a time, in the order in which they were put.

    A turn leaves the backlog only after COMMIT, so that a cancelled `run` loses nothing:
    `drain` goes on where it stopped, and a repeated append is harmless.
    """

    def __init__(
        self,
        log: TurnLog,
        session_id: UUID,
        on_committed: Callable[[Turn], None],
        on_trouble: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Make a writer for one session; `run` has to be started.

        `on_committed` is called once for each turn, after its COMMIT; `on_trouble` once for each
        outage, with a sentence that can be shown. `sleep` waits between tries, in seconds.
        """
        self._log = log
        self._session_id = session_id
        self._on_committed = on_committed
        self._on_trouble = on_trouble
        self._sleep = sleep
        self._waiting: deque[Turn] = deque()
        self._filled = asyncio.Event()
        self._committing = asyncio.Lock()
        self._failures = 0

    @property
    def backlog(self) -> int:
        """Number of turns that are not committed yet."""
        return len(self._waiting)

    def put(self, turn: Turn) -> None:
        """Queue a turn to be committed. Never waits."""
        self._waiting.append(turn)
        self._filled.set()

    async def run(self) -> None:
        """Commit what is queued, until cancelled. Errors of the program pass through."""
        while True:
            await self._filled.wait()
            await self._commit_all()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything is committed, whether `run` is running or was cancelled.

        Returns False if the time was too short; what is left stays in the backlog.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._commit_all()
        except TimeoutError:
            return False
        return True

    async def _commit_all(self) -> None:
        async with self._committing:
            while self._waiting:
                turn = self._waiting[0]
                await retrying(
                    partial(self._log.append, self._session_id, turn),
                    TURN_PAUSES,
                    self._note_failure,
                    failures=self._failures,
                    sleep=self._sleep,
                )
                self._note_success()
                self._on_committed(self._waiting.popleft())
            self._filled.clear()

    def _note_failure(self, error: StoreUnavailable) -> None:
        if self._failures == 0:
            log.warning(
                "turns wait for the database",
                session_id=str(self._session_id),
                reason=str(error.__cause__),
            )
            self._on_trouble(TURNS_WAIT)
        self._failures += 1

    def _note_success(self) -> None:
        if self._failures:
            log.info(
                "turns are committed again",
                session_id=str(self._session_id),
                tries=self._failures,
                waiting=len(self._waiting),
            )
            self._failures = 0


class RecordedEnd(Protocol):
    """What goes on record of the end of an interview."""

    @property
    def reason(self) -> str:
        """Why it ended."""

    @property
    def completed(self) -> bool:
        """Whether it went as far as the plan wants."""

    @property
    def coverage(self) -> Mapping[str, str]:
        """What became of each question of the plan, by id."""


async def put_end_on_record(
    store: SessionLog,
    session_id: UUID,
    end: RecordedEnd,
    within_s: float,
    on_wait: Callable[[], None] = lambda: None,
) -> bool:
    """Write the end of a session, trying again for `within_s`; return whether it is on record.

    `on_wait` is called once, when the first try has failed.
    """
    waits = False

    def note_failure(error: StoreUnavailable) -> None:
        nonlocal waits
        if not waits:
            waits = True
            log.warning("end of session waits for the database", problem=str(error))
            on_wait()

    try:
        await retrying(
            partial(store.end_session, session_id, end.reason, end.completed, end.coverage),
            END_PAUSES,
            note_failure,
            within_s=within_s,
        )
    except StoreUnavailable as error:
        log.error("end of session was not recorded", reason=end.reason, problem=str(error))
        return False
    return True
