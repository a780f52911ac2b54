"""A session log that keeps turns in memory."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sessions.turntaking.turns import Turn


@dataclass
class MemoryLog:
    """The record of one session, in memory: a turn's higher revision takes its place."""

    _turns: dict[int, Turn] = field(default_factory=dict)
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def turns(self) -> list[Turn]:
        """The turns as they stand on record, in order."""
        return [self._turns[index] for index in sorted(self._turns)]

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """See `TurnLog`."""
        kept = self._turns.get(turn.index)
        if kept is None or kept.revision < turn.revision:
            self._turns[turn.index] = turn
        self.grown.set()

    async def read(self, session_id: UUID) -> list[Turn]:
        """See `TurnLog`."""
        return self.turns

    async def consent(self, interview_id: UUID) -> None:
        """See `SessionLog`."""

    async def end_session(
        self,
        session_id: UUID,
        reason: str,
        completed: bool,
        coverage: Mapping[str, str] | None = None,
    ) -> None:
        """See `SessionLog`."""
