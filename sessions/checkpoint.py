"""The ordered writer of turns: each is committed before it is acknowledged, in order, once.

`TurnLog` is what a store must offer; `CheckpointWriter` is one session's queue in front of it.
A database that goes away delays acknowledgements, never sound: turns wait here, and go out in
order when it is back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

from sessions.turntaking.turns import Turn


class StoreUnavailable(Exception):
    """The database cannot be reached just now; the same call may succeed later."""


class TurnLog(Protocol):
    """Durable storage of turns. `append` is idempotent on (session, index)."""

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """Return once the turn is committed. Raises StoreUnavailable."""

    async def read(self, session_id: UUID) -> list[Turn]:
        """All turns of a session in order of index. Raises StoreUnavailable."""
