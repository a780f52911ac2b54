"""Rows that tests begin with."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from sessions.record.tables import Base, InterviewRow, MonitorActionRow, Organisation, PlanRow

SMALL_PLAN: Mapping[str, Any] = {"title": "A small plan"}


@dataclass(frozen=True, slots=True)
class SeededInterview:
    """What `seed_interview` has made."""

    organisation_id: UUID
    plan_id: UUID
    interview_id: UUID
    join_token: str


async def empty(engine: AsyncEngine) -> None:
    """Delete every row. Actions go with their interviews: nobody may delete one by itself.

    Quicker than TRUNCATE, which makes and syncs new files.
    """
    async with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table is not MonitorActionRow.__table__:
                await connection.execute(delete(table))


async def seed_interview(
    engine: AsyncEngine,
    *,
    plan_document: Mapping[str, Any] = SMALL_PLAN,
    candidate_name: str = "Ada",
    time_limit_s: int = 1_800,
    status: str = "invited",
    candidate_phone: str | None = None,
    pin_hash: str | None = None,
) -> SeededInterview:
    """An interview with a plan and an organisation of its own; its join link lives an hour."""
    made = SeededInterview(uuid4(), uuid4(), uuid4(), secrets.token_urlsafe(32))
    owner = {"organisation_id": made.organisation_id}
    async with engine.begin() as connection:
        await connection.execute(insert(Organisation).values(id=made.organisation_id, name="Test"))
        await connection.execute(
            insert(PlanRow).values(
                id=made.plan_id, title="A small plan", document=dict(plan_document), **owner
            )
        )
        await connection.execute(
            insert(InterviewRow).values(
                id=made.interview_id,
                plan_id=made.plan_id,
                plan_document=dict(plan_document),
                candidate_name=candidate_name,
                candidate_phone=candidate_phone,
                pin_hash=pin_hash,
                time_limit_s=time_limit_s,
                status=status,
                join_token_hash=hashlib.sha256(made.join_token.encode()).hexdigest(),
                join_expires_at=datetime.now(UTC) + timedelta(hours=1),
                **owner,
            )
        )
    return made
