"""A store of turns whose database can be taken away."""

import asyncio
from uuid import UUID

from sessions.record.retrying import StoreUnavailable
from sessions.turntaking.turns import Turn


class FakeTurnLog:
    """Keeps turns in memory. While `gate` is cleared, appends wait; the next `failures` of them
    fail; `lost_answers` of them commit and fail all the same, as when a connection breaks
    between COMMIT and its answer."""

    def __init__(self) -> None:
        self.turns: dict[int, Turn] = {}
        self.order: list[int] = []
        self.failures = 0
        self.lost_answers = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()

    async def append(self, session_id: UUID, turn: Turn) -> None:
        self.waiting.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("The database cannot be reached just now.")
        if turn.index not in self.turns:
            self.turns[turn.index] = turn
            self.order.append(turn.index)
        if self.lost_answers:
            self.lost_answers -= 1
            raise StoreUnavailable("The database cannot be reached just now.")

    async def read(self, session_id: UUID) -> list[Turn]:
        return [self.turns[index] for index in sorted(self.turns)]
