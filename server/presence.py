"""Presence: writes which interviews this process holds, rarely, in one statement for all."""

import asyncio
from uuid import UUID, uuid4

import structlog

from server.store.monitors import MonitorStore
from sessions.record.retrying import StoreUnavailable
from sessions.registry import SessionRegistry

LOOK_EVERY_S = 1.0
"""An interview that begins or ends is in every overview after this; a look costs nothing."""

RENEW_EVERY_S = 5.0
"""Pause between two renewals of the rows: three fit into `LIVE_FOR_S`."""

log = structlog.get_logger()


class Presence:
    """Keeps the rows of one process up to date; `replica` is the process's unique name."""

    def __init__(self, monitors: MonitorStore, registry: SessionRegistry) -> None:
        self.replica = uuid4().hex
        self._monitors = monitors
        self._registry = registry
        self._written: frozenset[UUID] = frozenset()
        self._written_at = 0.0

    async def look(self) -> None:
        """Write the rows if they have changed, or are due. To be called every `LOOK_EVERY_S`."""
        live = frozenset(s.context.interview_id for s in self._registry.sessions)
        due = asyncio.get_running_loop().time() - self._written_at >= RENEW_EVERY_S
        if live != self._written or (live and due):
            await self.write()

    async def write(self) -> None:
        """Write which interviews are live; if the database is away, the next check tries again."""
        states = {
            session.context.interview_id: (
                session.context.organisation_id,
                session.monitor.overview().state,
            )
            for session in self._registry.sessions
            if session.context.organisation_id is not None
        }
        try:
            await self._monitors.set_live(self.replica, states)
        except StoreUnavailable as error:
            log.warning("live interviews were not written", problem=str(error))
            return
        self._written = frozenset(states)
        self._written_at = asyncio.get_running_loop().time()
