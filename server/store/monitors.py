"""Monitoring in PostgreSQL: what monitors did, and which interviews are live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.records import ActionEntry, LiveEntry
from sessions.record.action_log import Action, Step
from sessions.record.tables import (
    InterviewRow,
    LiveInterviewRow,
    MonitorActionRow,
    PlanRow,
)
from sessions.record.transaction import fetch_all, transaction

LIVE_FOR_S = 15.0
"""A live interview's row is valid for this long after its last renewal: three times as long as the
time between two renewals (`server.presence`)."""

MOST_STEPS = 2_000
"""Most steps of one interview that are read."""


@dataclass(frozen=True, slots=True)
class MonitorStore:
    """The Postgres `sessions.record.action_log.ActionLog`, and the rows of live interviews."""

    engine: AsyncEngine

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """See `ActionLog`. The same step again changes nothing."""
        row = MonitorActionRow.__table__.c
        values: dict[str, Any] = {
            "id": literal(uuid5(action.id, step.value), row.id.type),
            "action_id": literal(action.id, row.action_id.type),
            "organisation_id": InterviewRow.organisation_id,
            "interview_id": InterviewRow.id,
            "action": literal(action.kind.value),
            "step": literal(step.value),
            "user_id": literal(action.actor.user_id, row.user_id.type),
            "user_name": literal(action.actor.name),
            "text": literal(action.text, row.text.type),
            "detail": literal(dict(action.detail), row.detail.type),
        }
        source = select(*values.values()).where(InterviewRow.id == interview_id)
        statement = insert(MonitorActionRow).from_select(list(values), source)
        async with transaction(self.engine) as connection:
            await connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))

    async def list_actions(self, organisation_id: UUID, interview_id: UUID) -> list[ActionEntry]:
        """Return what was done, oldest first: one entry an action, with what became of it."""
        row = MonitorActionRow.__table__.c
        query = (
            select(*row)
            .where(row.interview_id == interview_id, row.organisation_id == organisation_id)
            .order_by(row.created_at)
            .limit(MOST_STEPS)
        )
        entries: dict[UUID, ActionEntry] = {}
        async with transaction(self.engine) as connection:
            for one in (await connection.execute(query)).all():
                first = entries.get(one.action_id)
                entries[one.action_id] = ActionEntry(
                    id=one.action_id,
                    at=one.created_at if first is None else first.at,
                    user_id=one.user_id,
                    user_name=one.user_name,
                    action=one.action,
                    text=one.text,
                    detail={**({} if first is None else first.detail), **one.detail},
                    outcome=one.step,
                    outcome_at=one.created_at,
                )
        return list(entries.values())

    async def set_live(
        self, replica: str, states: Mapping[UUID, tuple[UUID, Mapping[str, Any]]]
    ) -> None:
        """Write which interviews this process holds, each with its organisation and state.

        Its other rows are removed, and those of any process that renews none any more. Interviews
        that are not on record any more, because they were erased, are left out.
        """
        row = LiveInterviewRow
        silent = row.seen_at < func.now() - timedelta(seconds=4 * LIVE_FOR_S)
        gone = and_(row.replica == replica, row.interview_id.not_in(list(states)))
        async with transaction(self.engine) as connection:
            await connection.execute(delete(row).where(gone | silent))
            known = await connection.execute(
                select(InterviewRow.id)
                .where(InterviewRow.id.in_(list(states)))
                .order_by(InterviewRow.id)
                .with_for_update(key_share=True, read=True)  # none is erased until the end of this
            )
            rows = [
                {
                    "interview_id": interview_id,
                    "organisation_id": states[interview_id][0],
                    "replica": replica,
                    "state": dict(states[interview_id][1]),
                    "seen_at": func.now(),
                }
                for interview_id in known.scalars()
            ]
            if rows:
                fresh = insert(row).values(rows)
                renewed = {name: fresh.excluded[name] for name in ("replica", "state", "seen_at")}
                await connection.execute(
                    fresh.on_conflict_do_update(index_elements=["interview_id"], set_=renewed)
                )

    async def list_live(self, organisation_id: UUID) -> list[LiveEntry]:
        """Return the organisation's live interviews, oldest first, as last written."""
        query = (
            select(
                LiveInterviewRow.interview_id,
                LiveInterviewRow.replica,
                LiveInterviewRow.state,
                InterviewRow.candidate_name,
                InterviewRow.started_at,
                PlanRow.title,
            )
            .join(InterviewRow, InterviewRow.id == LiveInterviewRow.interview_id)
            .join(PlanRow, PlanRow.id == InterviewRow.plan_id)
            .where(
                LiveInterviewRow.organisation_id == organisation_id,
                InterviewRow.organisation_id == organisation_id,
                live_rows(),
            )
            .order_by(InterviewRow.started_at, InterviewRow.id)
        )
        rows = await fetch_all(self.engine, query)
        return [LiveEntry(**row._mapping) for row in rows]


def live_rows() -> ColumnElement[bool]:
    """Return the condition under which a row says that an interview is live."""
    return LiveInterviewRow.seen_at > func.now() - timedelta(seconds=LIVE_FOR_S)
