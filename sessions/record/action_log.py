"""What people who watch do, as it goes on record: values, and the protocol of the log."""

import asyncio
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog

from sessions.record.retrying import Pauses, StoreUnavailable, retrying

PAUSES = Pauses(first_s=1.0, longest_s=1.0)
"""Between two tries to put a step on record while the database is away."""

log = structlog.get_logger()


class ActionKind(StrEnum):
    """What may be done."""

    WATCH = "watch"
    UNWATCH = "unwatch"
    LISTEN = "listen"
    UNLISTEN = "unlisten"
    HINT = "hint"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    SKIP = "skip"
    END = "end"
    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"


class Step(StrEnum):
    """How far an action has come."""

    ASKED = "asked"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Actor:
    """A user of the organisation."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Action:
    """One thing somebody does. `text` is that of a hint; `detail` is kept as it is."""

    kind: ActionKind
    actor: Actor
    text: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)


class ActionLog(Protocol):
    """Durable storage of what was done: only ever added to, and idempotent on (action, step)."""

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """Return once the step is committed. Raises StoreUnavailable."""


class NoLog:
    """Keeps nothing: for benches, which nobody watches."""

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """See `ActionLog`."""


class ActionWriter:
    """Puts one interview's steps on record in order. What must be there before anything happens
    is awaited (`enter`); what merely follows is queued (`put`) and outlives an outage."""

    def __init__(self, actions: ActionLog, interview_id: UUID) -> None:
        self._log = actions
        self._interview_id = interview_id
        self._waiting: deque[tuple[Action, Step]] = deque()
        self._writing = asyncio.Lock()

    async def enter(self, action: Action, step: Step) -> None:
        """Return once it is on record. Raises StoreUnavailable."""
        await self._log.enter(self._interview_id, action, step)

    def put(self, action: Action, step: Step) -> None:
        """Take a step to be written by `flush`. Never waits."""
        self._waiting.append((action, step))

    async def flush(self, *, patient: bool = True) -> None:
        """Write what was put. Without patience a database that is away is given up at once."""
        async with self._writing:
            while self._waiting:
                action, step = self._waiting[0]
                try:
                    await retrying(
                        partial(self.enter, action, step),
                        PAUSES,
                        lambda error: log.warning("an action waits", problem=str(error)),
                        within_s=math.inf if patient else 0.0,
                    )
                except StoreUnavailable:
                    log.error("actions not on record", steps=len(self._waiting))
                    return
                self._waiting.popleft()
