"""The store of sessions in memory, which can go away and come back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sessions.record.retrying import StoreUnavailable
from sessions.record.store import CarriedOver, InterviewFacts, InterviewOver
from sessions.turntaking.turns import Turn
from tests.support.virtual_time import now_ms, pass_ms


class FakeLog:
    """A `SessionLog` and `SessionOpener`. While `away`, every call fails; a call takes
    `latency_ms`."""

    def __init__(self, plan_document: dict[str, Any], latency_ms: float = 3.0) -> None:
        self.plan_document = plan_document
        self.latency_ms = latency_ms
        self.away = False
        self.sessions: dict[UUID, UUID] = {}
        self.turns: dict[UUID, dict[int, Turn]] = {}
        self.order: list[int] = []
        self.committed_ms: dict[int, float] = {}
        self.consents: list[UUID] = []
        self.ends: dict[UUID, tuple[str, bool]] = {}
        self.coverage: dict[UUID, dict[str, str]] = {}
        self.opened = 0
        self.error: Exception | None = None
        self.carried_over = CarriedOver()

    async def _call(self) -> None:
        await pass_ms(self.latency_ms)
        if self.error is not None:
            raise self.error
        if self.away:
            raise StoreUnavailable("The database cannot be reached just now.")

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """See `TurnLog`."""
        await self._call()
        turns = self.turns.setdefault(session_id, {})
        known = turns.get(turn.index)
        if known is None or known.revision < turn.revision:
            turns[turn.index] = turn
            self.order.append(turn.index)
            self.committed_ms[turn.index] = now_ms()

    async def read(self, session_id: UUID) -> list[Turn]:
        """See `TurnLog`."""
        await self._call()
        turns = self.turns.get(session_id, {})
        return [turns[index] for index in sorted(turns)]

    async def consent(self, interview_id: UUID) -> None:
        """See `SessionLog`."""
        await self._call()
        self.consents.append(interview_id)

    async def end_session(
        self,
        session_id: UUID,
        reason: str,
        completed: bool,
        coverage: Mapping[str, str] | None = None,
    ) -> None:
        """See `SessionLog`."""
        await self._call()
        self.ends.setdefault(session_id, (reason, completed))
        self.coverage.setdefault(session_id, dict(coverage or {}))

    async def open_session(self, interview_id: UUID) -> InterviewFacts:
        """See `SessionOpener`."""
        self.opened += 1
        session_id = self.sessions.setdefault(interview_id, uuid4())
        turns = await self.read(session_id)
        if session_id in self.ends:
            raise InterviewOver("This interview is over.")
        return InterviewFacts(
            interview_id=interview_id,
            organisation_id=interview_id,
            session_id=session_id,
            plan_document=self.plan_document,
            candidate_name="Ada",
            language="en",
            time_limit_s=1_800,
            turns=turns,
            begun=interview_id in self.consents,
            carried_over=self.carried_over,
        )

    def texts(self) -> list[str]:
        """What the only session's turns say, in order."""
        (turns,) = self.turns.values()
        return [turns[index].text for index in sorted(turns)]

    def all_turns(self) -> list[Turn]:
        """The only session's turns, in order."""
        (turns,) = self.turns.values()
        return [turns[index] for index in sorted(turns)]
