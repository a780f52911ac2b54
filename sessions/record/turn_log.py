"""The ordered writer of turns: each is committed before it is acknowledged, in order, once.

`TurnLog` is what a store must offer; `CheckpointWriter` is one session's queue in front of it.
A database that goes away delays acknowledgements, never sound: turns wait here, and go out in
order when it is back.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

import structlog

from sessions.turntaking.commands import EndSession
from sessions.turntaking.turns import Turn

FIRST_RETRY_S = 0.1
MAX_RETRY_S = 2.0
"""Pauses between tries double from the first to the greatest: a database that comes back is
noticed within 2 s."""

TURNS_WAIT = "The database cannot be reached just now; what was said is kept and written later."
"""What people are told of an outage, once."""

_log = structlog.get_logger(__name__)


class StoreUnavailable(Exception):
    """The database cannot be reached just now; the same call may succeed later."""


class TurnLog(Protocol):
    """Durable storage of turns. `append` is idempotent on (session, index)."""

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """Return once the turn is committed. Raises StoreUnavailable."""

    async def read(self, session_id: UUID) -> list[Turn]:
        """All turns of a session in order of index. Raises StoreUnavailable."""


class SessionLog(TurnLog, Protocol):
    """The store as a session needs it."""

    async def consent(self, interview_id: UUID) -> None:
        """Put the candidate's consent on record. Raises StoreUnavailable."""

    async def end_session(self, session_id: UUID, reason: str, completed: bool) -> None:
        """Put the end on record. Raises StoreUnavailable."""


class CheckpointWriter:
    """Commits one session's turns in the order they were put, one at a time.

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
        """`on_committed` is called once for each turn, after its COMMIT; `on_trouble` once for
        each outage, with a sentence that can be shown. `sleep` waits between tries, seconds."""
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
        """How many turns are put but not committed."""
        return len(self._waiting)

    def put(self, turn: Turn) -> None:
        """Take a turn to be committed. Never waits."""
        self._waiting.append(turn)
        self._filled.set()

    async def run(self) -> None:
        """Commit what is put, until cancelled. Errors of the program pass through."""
        while True:
            await self._filled.wait()
            await self._commit_all()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything put is committed, whether `run` is running or was cancelled;
        False if the time was too short (what is left stays in the backlog)."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._commit_all()
        except TimeoutError:
            return False
        return True

    async def _commit_all(self) -> None:
        async with self._committing:
            while self._waiting:
                try:
                    await self._log.append(self._session_id, self._waiting[0])
                except StoreUnavailable as error:
                    await self._pause(error)
                    continue
                self._recovered()
                self._on_committed(self._waiting.popleft())
            self._filled.clear()

    async def _pause(self, error: StoreUnavailable) -> None:
        if self._failures == 0:
            _log.warning(
                "checkpoint_waits", session_id=str(self._session_id), reason=str(error.__cause__)
            )
            self._on_trouble(TURNS_WAIT)
        pause = min(MAX_RETRY_S, FIRST_RETRY_S * 2 ** min(self._failures, 16))
        self._failures += 1
        # Between half and all of it, so that sessions do not come back all at once.
        await self._sleep(pause * random.uniform(0.5, 1.0))  # nosec B311

    def _recovered(self) -> None:
        if self._failures:
            _log.info(
                "checkpoint_goes_on",
                session_id=str(self._session_id),
                tries=self._failures,
                waiting=len(self._waiting),
            )
            self._failures = 0


END_RETRY_S = 1.0
"""Pause between two tries."""

log = structlog.get_logger()


async def put_end_on_record(
    store: SessionLog, session_id: UUID, end: EndSession, within_s: float
) -> bool:
    """Try until it is done, or for this long; whether it is."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within_s
    while True:
        try:
            await store.end_session(session_id, end.reason, end.completed)
        except StoreUnavailable as error:
            if loop.time() >= give_up:
                log.error("end not on record", reason=end.reason, problem=str(error))
                return False
            await asyncio.sleep(END_RETRY_S)
        else:
            return True
