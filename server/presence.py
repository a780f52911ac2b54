"""Says in the database which interviews this process holds: rarely, in one statement for all."""

import asyncio
from uuid import UUID, uuid4

import structlog

from server.store.monitors import MonitorStore
from sessions.record.retrying import StoreUnavailable
from sessions.registry import SessionRegistry

LOOK_EVERY_S = 1.0
"""An interview that begins or ends is in every overview after this; a look costs nothing."""

RENEW_EVERY_S = 5.0
"""Otherwise rows are written this often: three times within `LIVE_FOR_S`."""

log = structlog.get_logger()


class Presence:
    """One process's rows. `replica` names it, and no other."""

    def __init__(self, monitors: MonitorStore, registry: SessionRegistry) -> None:
        self.replica = uuid4().hex
        self._monitors = monitors
        self._registry = registry
        self._said: frozenset[UUID] = frozenset()
        self._said_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            live = frozenset(s.context.interview_id for s in self._registry.sessions)
            due = loop.time() - self._said_at >= RENEW_EVERY_S
            if live != self._said or (live and due):
                await self.say()

    async def say(self) -> None:
        """Write what is live now. A database that is away is tried again at the next look."""
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
            log.warning("live interviews cannot be told", problem=str(error))
            return
        self._said = frozenset(states)
        self._said_at = asyncio.get_running_loop().time()
