"""Whether those who watch still may: asked again every 2 s, for all of them at once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from server.store.directory import Directory
from server.store.records import Standing, TicketUser
from sessions.monitor.rights import rights_of
from sessions.record.retrying import StoreUnavailable

CHECK_EVERY_S = 2.0
"""A role that was taken away is noticed within this and the time of one query: 5 s are allowed."""

log = structlog.get_logger()


@dataclass(eq=False)
class Watched:
    """Somebody who was let in, and how to send him or her away."""

    user: TicketUser
    send_away: Callable[[], None]


class MonitorGuard:
    """Runs while anybody is inside. Use it from one event loop."""

    def __init__(self, directory: Directory, *, every_s: float = CHECK_EVERY_S) -> None:
        self._directory = directory
        self._every_s = every_s
        self._inside: set[Watched] = set()
        self._task: asyncio.Task[None] | None = None

    async def allows(self, user: TicketUser) -> bool:
        """Whether this user may (still) do what the ticket grants. Raises StoreUnavailable."""
        standings = await self._directory.standings([user.user_id])
        return allowed(user, standings.get(user.user_id))

    def enter(self, user: TicketUser, send_away: Callable[[], None]) -> Watched:
        """Watch over somebody until `leave`."""
        watched = Watched(user, send_away)
        self._inside.add(watched)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="monitor guard")
        return watched

    def leave(self, watched: Watched) -> None:
        """Somebody has gone. Harmless a second time."""
        self._inside.discard(watched)
        if not self._inside and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            watched = list(self._inside)
            try:
                standings = await self._directory.standings({w.user.user_id for w in watched})
            except StoreUnavailable as error:  # nobody can change a role meanwhile either
                log.warning("rights cannot be checked", problem=str(error))
                continue
            for one in watched:
                if not allowed(one.user, standings.get(one.user.user_id)):
                    one.send_away()


def allowed(user: TicketUser, standing: Standing | None) -> bool:
    """Whether a ticket's rights are still those of its user's role, in the same sign-in."""
    if standing is None or standing.sign_outs != user.sign_outs:
        return False
    return user.rights <= {right.value for right in rights_of(standing.role)}
