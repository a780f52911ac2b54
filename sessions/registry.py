"""SessionRegistry: starts, finds, ends and suspends all sessions of this process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from sessions.interviewer.dialogue_state import spoken_name
from sessions.monitor.overview import LiveOverview
from sessions.monitor.protocol import Seat, Since, Viewer
from sessions.plan.placeholders import filled_plan
from sessions.plan.plan import Plan
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import InterviewFacts
from sessions.session import Session
from sessions.session_context import Providers, SessionContext
from sessions.turntaking.causes import EndReason
from sessions.turntaking.rules import Rules

CLOSE_WITHIN_S = 6.0
"""Seconds that a stop waits for the last words to be transcribed and put on record."""

OWED_WITHIN_S = 15.0
"""Seconds that somebody who comes back waits for what the last session still has to write."""

log = structlog.get_logger()


class SessionLimitReached(Exception):
    """As many interviews are live as the settings allow."""


class SessionOpener(Protocol):
    """The store, as the registry needs it."""

    async def open_session(self, interview_id: UUID) -> InterviewFacts:
        """Return the interview's open session.

        Raises InterviewNotFound, InterviewOver, StoreUnavailable.
        """


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
        self._reserved = 0
        # Weak: a lock lives as long as somebody holds it or waits for it.
        self._opening: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    @property
    def count(self) -> int:
        """How many interviews are live."""
        return len(self._live)

    def held(self) -> frozenset[UUID]:
        """Return the interviews that are in memory here, those on their way out among them."""
        return frozenset(self._live)

    def is_live(self, interview_id: UUID) -> bool:
        """Return whether this interview's session is in memory here."""
        return interview_id in self._live

    def find(self, interview_id: UUID) -> Session | None:
        """Return the interview's session, if it is in memory here and not done."""
        session = self._live.get(interview_id)
        return None if session is None or session.done else session

    def overview(self, interview_id: UUID) -> LiveOverview | None:
        """Return how the interview stands just now, if it is live here."""
        session = self.find(interview_id)
        return None if session is None else session.monitor.overview()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All sessions that are not done."""
        return tuple(session for session in self._live.values() if not session.done)

    async def open(self, interview_id: UUID) -> Session:
        """Return the live session of an interview, started from the record if need be.

        Raises SessionLimitReached, and what the store's `open_session` raises.
        """
        lock = self._opening.setdefault(interview_id, asyncio.Lock())
        async with lock:
            return await self._find_or_start(interview_id)

    async def _find_or_start(self, interview_id: UUID) -> Session:
        session = self._live.get(interview_id)
        if session is not None and session.done:  # on its way out: what it owes goes on record
            if not (await asyncio.wait([self._tasks[interview_id]], timeout=OWED_WITHIN_S))[0]:
                raise StoreUnavailable("What was said last is not on record yet.")
            session = None
        if session is not None:
            return session
        self._check_room()
        facts = await self._opener.open_session(interview_id)
        self._check_room()  # others may have come meanwhile
        rules = self._rules_for(facts)
        rules = replace(rules, time_limit_ms=rules.time_limit_ms + facts.carried_over.extra_ms)
        session = Session(_session_context(facts), self._providers, rules)
        self._live[interview_id] = session
        task = asyncio.create_task(session.run(), name=f"session {facts.session_id}")
        self._tasks[interview_id] = task
        task.add_done_callback(lambda _: self._forget(interview_id, session))
        return session

    def _forget(self, interview_id: UUID, session: Session) -> None:
        if self._live.get(interview_id) is session:
            del self._live[interview_id]
            del self._tasks[interview_id]

    @contextmanager
    def reserve_seat(self, interview_id: UUID | None) -> Iterator[None]:
        """Hold a seat for somebody who is spoken to before the interview, as callers are.

        Who comes back to a live interview has a seat. Raises SessionLimitReached.
        """
        if interview_id is not None and self.is_live(interview_id):
            yield
            return
        self._check_room()
        self._reserved += 1
        try:
            yield
        finally:
            self._reserved -= 1

    def has_room(self, interview_id: UUID) -> bool:
        """Return whether this interview can be held here; one that is live has its room."""
        return interview_id in self._live or self.count + self._reserved < self._max

    def _check_room(self) -> None:
        taken = self.count + self._reserved
        if taken >= self._max:
            raise SessionLimitReached(
                f"{taken} interviews are live, as many as this server allows."
            )

    async def end(self, interview_id: UUID, reason: EndReason) -> bool:
        """End a live interview and wait for it; return whether its end is on record.

        It is not where the interview is not live, was just being suspended, or the database stays
        away.
        """
        session = self._live.get(interview_id)
        if session is None:
            return False
        session.end(reason)
        await asyncio.wait([self._tasks[interview_id]])
        return session.over

    async def close(self) -> None:
        """Suspend all sessions; each puts on record what was said, and can be started again."""
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
                log.error("session failed while it closed", problem=str(result))


def _session_context(facts: InterviewFacts) -> SessionContext:
    return SessionContext(
        interview_id=facts.interview_id,
        session_id=facts.session_id,
        plan=filled_plan(
            Plan.model_validate(facts.plan_document), spoken_name(facts.candidate_name)
        ),
        candidate_name=facts.candidate_name,
        language=facts.language,
        turns=tuple(facts.turns),
        organisation_id=facts.organisation_id,
        hints=facts.carried_over.hints,
        used=facts.used,
    )


class LocalMonitorHub:
    """The `sessions.monitor.protocol.MonitorHub` of this process.

    `find` gives the live session of an interview.
    """

    def __init__(self, find: Callable[[UUID], Session | None]) -> None:
        self._find = find

    def join(self, interview_id: UUID, viewer: Viewer, since: Since | None) -> Seat | None:
        """See `MonitorHub`."""
        session = self._find(interview_id)
        return None if session is None else session.monitor.join(viewer, since)
