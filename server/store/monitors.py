"""What people who watch did, what they may do, and which interviews are live, in PostgreSQL."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from server.store.base import BaseStore
from server.store.records import ActionEntry, LiveEntry, Standing
from sessions.record.action_log import Action, Step
from sessions.record.tables import (
    InterviewRow,
    LiveInterviewRow,
    MonitorActionRow,
    Organisation,
    PlanRow,
    User,
)
from sessions.record.transaction import transaction

LIVE_FOR_S = 15.0
"""A row of a live interview that was not renewed for this long means nothing any more: three times
as long as the time between two renewals (`server.presence`)."""

MOST_STEPS = 2_000
"""Steps of one interview that are read at most."""


class MonitorStore(BaseStore):
    """The Postgres `sessions.record.action_log.ActionLog`, and what else monitors need."""

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
        async with transaction(self._engine) as connection:
            await connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))

    async def actions(self, organisation_id: UUID, interview_id: UUID) -> list[ActionEntry]:
        """What was done, oldest first: an entry an action, with what became of it."""
        row = MonitorActionRow.__table__.c
        query = (
            select(*row)
            .where(row.interview_id == interview_id, row.organisation_id == organisation_id)
            .order_by(row.created_at)
            .limit(MOST_STEPS)
        )
        entries: dict[UUID, ActionEntry] = {}
        async with transaction(self._engine) as connection:
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

    # --- who may do what -------------------------------------------------------------------------

    async def standings(self, user_ids: Iterable[UUID]) -> dict[UUID, Standing]:
        """How these users stand just now; one who was removed is not there."""
        query = select(User.id, User.role, User.sign_outs).where(User.id.in_(list(user_ids)))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return {row.id: Standing(row.role, row.sign_outs) for row in rows}

    async def sign_out(self, organisation_id: UUID, user_id: UUID) -> None:
        """All access tokens and sockets of this user end."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(User)
                .where(User.id == user_id, User.organisation_id == organisation_id)
                .values(sign_outs=User.sign_outs + 1)
            )

    async def tell_listening(self, organisation_id: UUID, tell: bool | None = None) -> bool:
        """Whether candidates of this organisation are told when somebody listens; `tell` sets
        it."""
        mine: ColumnElement[bool] = Organisation.id == organisation_id
        async with transaction(self._engine) as connection:
            if tell is not None:
                await connection.execute(
                    update(Organisation).where(mine).values(tell_listening=tell)
                )
            told = await connection.scalar(select(Organisation.tell_listening).where(mine))
        return bool(told)

    # --- who is live -----------------------------------------------------------------------------

    async def say_live(
        self, replica: str, states: Mapping[UUID, tuple[UUID, Mapping[str, Any]]]
    ) -> None:
        """These interviews, each with its organisation and state, are held by this process, and
        no others are. Rows of any process that has fallen silent are swept out."""
        row = LiveInterviewRow
        silent = row.seen_at < func.now() - timedelta(seconds=4 * LIVE_FOR_S)
        gone = and_(row.replica == replica, row.interview_id.not_in(list(states)))
        async with transaction(self._engine) as connection:
            await connection.execute(delete(row).where(gone | silent))
            if states:
                fresh = insert(row).values(
                    [
                        {
                            "interview_id": interview_id,
                            "organisation_id": organisation_id,
                            "replica": replica,
                            "state": dict(state),
                            "seen_at": func.now(),
                        }
                        for interview_id, (organisation_id, state) in sorted(states.items())
                    ]
                )
                await connection.execute(
                    fresh.on_conflict_do_update(
                        index_elements=["interview_id"],
                        set_={
                            name: fresh.excluded[name] for name in ("replica", "state", "seen_at")
                        },
                    )
                )

    async def live(self, organisation_id: UUID) -> list[LiveEntry]:
        """The organisation's live interviews, the oldest first, as their processes last said."""
        fresh = LiveInterviewRow.seen_at > func.now() - timedelta(seconds=LIVE_FOR_S)
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
                fresh,
            )
            .order_by(InterviewRow.started_at, InterviewRow.id)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return [LiveEntry(**row._mapping) for row in rows]
