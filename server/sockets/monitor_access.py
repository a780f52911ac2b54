"""MonitorGuard: checks every 2 s, for all viewers at once, whether they may still watch."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from server.store.accounts import AccountStore
from server.store.records import Standing, TicketUser
from sessions.monitor.rights import rights_of
from sessions.record.retrying import StoreUnavailable
from sessions.side_tasks import repeat

CHECK_EVERY_S = 2.0
"""Seconds; a role that was taken away is noticed within this and the time of one query: 5 s are
allowed."""

log = structlog.get_logger()


@dataclass(eq=False)
class AdmittedViewer:
    """A user who was let in, and how to send that user away."""

    user: TicketUser
    send_away: Callable[[], None]


class MonitorGuard:
    """Checks while there are viewers. Use it from one event loop.

    Whoever cannot be checked any more, because the check itself fails, may not go on watching.
    """

    def __init__(self, accounts: AccountStore, *, every_s: float = CHECK_EVERY_S) -> None:
        self._accounts = accounts
        self._every_s = every_s
        self._viewers: set[AdmittedViewer] = set()
        self._task: asyncio.Task[None] | None = None

    async def allows(self, user: TicketUser) -> bool:
        """Return whether this user may still do what the ticket grants. Raises StoreUnavailable."""
        standings = await self._accounts.standings([user.user_id])
        return allowed(user, standings.get(user.user_id))

    def enter(self, user: TicketUser, send_away: Callable[[], None]) -> AdmittedViewer:
        """Check a user again and again, until `leave`."""
        viewer = AdmittedViewer(user, send_away)
        self._viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(
                repeat("monitor guard", self._check, self._every_s, self._check_fails)
            )
        return viewer

    def leave(self, viewer: AdmittedViewer) -> None:
        """Check a user no more; one that has left already is ignored."""
        self._viewers.discard(viewer)
        if not self._viewers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _check(self) -> None:
        viewers = list(self._viewers)
        try:
            standings = await self._accounts.standings({viewer.user.user_id for viewer in viewers})
        except StoreUnavailable as error:  # nobody can change a role meanwhile either
            log.warning("monitor rights cannot be checked", problem=str(error))
            return
        for viewer in viewers:
            if not allowed(viewer.user, standings.get(viewer.user.user_id)):
                viewer.send_away()

    def _check_fails(self, problem: str | None) -> None:
        if problem is not None and self._viewers:
            log.error("monitors are sent away", why=f"The check of their rights {problem}.")
            for viewer in list(self._viewers):
                viewer.send_away()


def allowed(user: TicketUser, standing: Standing | None) -> bool:
    """Return whether a ticket's rights are still those of its user's role, in the same sign-in."""
    if standing is None or standing.sign_outs != user.sign_outs:
        return False
    return user.rights <= {right.value for right in rights_of(standing.role)}
