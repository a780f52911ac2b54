"""Action log: what monitors do, as it goes on record; its values, protocol and writer."""

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
    """The kinds of things that a monitor can do."""

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
    """A step in the life of an action; each goes on record by itself."""

    ASKED = "asked"
    """It was asked for; nothing has happened yet."""

    DONE = "done"
    """It has happened."""

    DROPPED = "dropped"
    """It will not happen any more."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who acts, of the interview's organisation."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a monitor does."""

    kind: ActionKind
    actor: Actor

    text: str | None = None
    """The words of a hint."""

    detail: Mapping[str, Any] = field(default_factory=dict)
    """Further values, as they go on record: `force`, `ms`."""

    id: UUID = field(default_factory=uuid4)


class ActionLog(Protocol):
    """Durable storage of actions: entries are only added, once for each action and step."""

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """Return once the step is committed. Raises StoreUnavailable."""


class NoLog:
    """An action log that keeps nothing: for benches, which nobody monitors."""

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """See `ActionLog`."""


class ActionWriter:
    """Puts the steps of one interview's actions on record, in order.

    A step that must be on record before anything happens is awaited (`enter`); one that merely
    follows is queued (`put`) and outlives an outage of the database.
    """

    def __init__(self, actions: ActionLog, interview_id: UUID) -> None:
        self._log = actions
        self._interview_id = interview_id
        self._waiting: deque[tuple[Action, Step]] = deque()
        self._writing = asyncio.Lock()

    async def enter(self, action: Action, step: Step) -> None:
        """Return once the step is on record. Raises StoreUnavailable."""
        await self._log.enter(self._interview_id, action, step)

    def put(self, action: Action, step: Step) -> None:
        """Queue a step to be written by `flush`. Never waits."""
        self._waiting.append((action, step))

    async def flush(self, *, patient: bool = True) -> None:
        """Write what is queued, waiting for a database that is away; if not `patient`, give up.

        A step that the database refuses is logged and left out: it must hold up neither the others
        nor the interview. Never raises.
        """
        async with self._writing:
            while self._waiting:
                action, step = self._waiting[0]
                try:
                    await retrying(
                        partial(self.enter, action, step),
                        PAUSES,
                        lambda error: log.warning(
                            "actions wait for the database", problem=str(error)
                        ),
                        within_s=math.inf if patient else 0.0,
                    )
                except StoreUnavailable:
                    log.error("actions were not recorded", steps=len(self._waiting))
                    return
                except Exception:
                    log.exception(
                        "action was not recorded", action_id=str(action.id), step=step.value
                    )
                self._waiting.popleft()
