"""All sessions of this process: started, found again, ended, and let go at a stop."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from sessions.monitor.overview import WallView
from sessions.monitor.protocol import Seat, Since, Viewer
from sessions.plan.plan import Plan
from sessions.record.store import InterviewFacts
from sessions.session import Session
from sessions.session_context import Providers, SessionContext
from sessions.turntaking.causes import EndReason
from sessions.turntaking.rules import Rules

CLOSE_WITHIN_S = 6.0
"""How long a stop waits for the last words to be transcribed and put on record."""

log = structlog.get_logger()


class NoRoom(Exception):
    """As many interviews are live as the settings allow."""


class SessionOpener(Protocol):
    """The store as the registry needs it."""

    async def open_session(self, interview_id: UUID) -> InterviewFacts:
        """The interview's open session. Raises InterviewNotFound, InterviewOver,
        StoreUnavailable."""


class SessionRegistry:
    """Live sessions by interview. `rules_for` gives the turn-taking rules of an interview."""

    def __init__(
        self,
        opener: SessionOpener,
        providers: Providers,
        rules_for: Callable[[InterviewFacts], Rules],
        *,
        max_sessions: int,
    ) -> None:
        self._opener = opener
        self._providers = providers
        self._rules_for = rules_for
        self._max = max_sessions
        self._live: dict[UUID, Session] = {}
        # Weak: a lock lives as long as somebody holds it or waits for it.
        self._opening: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    @property
    def count(self) -> int:
        """How many are live."""
        return len(self._live)

    def is_live(self, interview_id: UUID) -> bool:
        """Whether this interview's session is in memory here."""
        return interview_id in self._live

    def find(self, interview_id: UUID) -> Session | None:
        """The interview's session, if it is in memory here and lives."""
        session = self._live.get(interview_id)
        return None if session is None or session.done else session

    def wall(self, interview_id: UUID) -> WallView | None:
        """How the interview stands just now, if it is live here."""
        session = self.find(interview_id)
        return None if session is None else session.monitor.wall()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All that live."""
        return tuple(session for session in self._live.values() if not session.done)

    async def open(self, interview_id: UUID) -> Session:
        """The live session of an interview, taken up from the record if need be. Raises NoRoom,
        and what the store's `open_session` raises."""
        lock = self._opening.setdefault(interview_id, asyncio.Lock())
        async with lock:
            return await self._find_or_start(interview_id)

    async def _find_or_start(self, interview_id: UUID) -> Session:
        session = self._live.get(interview_id)
        if session is not None and session.done:  # on its way out: what it owes goes on record
            await asyncio.wait([self._tasks[interview_id]])
            session = None
        if session is not None:
            return session
        self._check_room()
        context = await self._opener.open_session(interview_id)
        self._check_room()  # others may have come meanwhile
        rules = self._rules_for(context)
        rules = replace(rules, time_limit_ms=rules.time_limit_ms + context.kept.extra_ms)
        session = Session(_session_facts(context), self._providers, rules)
        self._live[interview_id] = session
        task = asyncio.create_task(session.run(), name=f"session {context.session_id}")
        self._tasks[interview_id] = task
        task.add_done_callback(lambda _: self._forget(interview_id, session))
        return session

    def _forget(self, interview_id: UUID, session: Session) -> None:
        if self._live.get(interview_id) is session:
            del self._live[interview_id]
            del self._tasks[interview_id]

    def _check_room(self) -> None:
        if self.count >= self._max:
            raise NoRoom(f"{self.count} interviews are live, as many as this server allows.")

    async def end(self, interview_id: UUID, reason: EndReason) -> bool:
        """End a live interview and wait for it; whether its end is on record then (not if it is
        not live, was just being suspended, or the database stays away)."""
        session = self._live.get(interview_id)
        if session is None:
            return False
        session.end(reason)
        await asyncio.wait([self._tasks[interview_id]])
        return session.over

    async def close(self) -> None:
        """Let go of all sessions; each puts on record what was said and can be taken up again."""
        tasks = list(self._tasks.values())
        for session in self._live.values():
            session.suspend()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_WITHIN_S)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                log.error("session did not close well", problem=str(result))


def _session_facts(context: InterviewFacts) -> SessionContext:
    return SessionContext(
        interview_id=context.interview_id,
        session_id=context.session_id,
        plan=Plan.model_validate(context.plan_document),
        candidate_name=context.candidate_name,
        language=context.language,
        turns=tuple(context.turns),
        organisation_id=context.organisation_id,
        hints=context.kept.hints,
    )


class LocalHub:
    """A `sessions.monitor.protocol.MonitorHub`. `find` gives the live session of an interview."""

    def __init__(self, find: Callable[[UUID], Session | None]) -> None:
        self._find = find

    def join(self, interview_id: UUID, viewer: Viewer, since: Since | None) -> Seat | None:
        """See `MonitorHub`."""
        session = self._find(interview_id)
        return None if session is None else session.monitor.join(viewer, since)
