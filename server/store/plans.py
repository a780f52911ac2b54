"""Plans in PostgreSQL: as they were uploaded, each of one organisation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.records import PlanSummary, StoredPlan
from sessions.record.tables import PlanRow
from sessions.record.transaction import fetch_all, fetch_first, transaction


@dataclass(frozen=True, slots=True)
class PlanStore:
    """Interview plans. They are checked before they come here."""

    engine: AsyncEngine

    async def create(
        self, organisation_id: UUID, title: str, document: dict[str, Any], created_by: UUID | None
    ) -> StoredPlan:
        """Keep a plan that has been checked."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(
                insert(PlanRow)
                .values(
                    id=uuid4(),
                    organisation_id=organisation_id,
                    title=title,
                    document=document,
                    created_by=created_by,
                )
                .returning(PlanRow.id, PlanRow.created_at)
            )
            row = found.one()
        return StoredPlan(row.id, organisation_id, title, document, row.created_at)

    async def list_all(self, organisation_id: UUID, limit: int = 500) -> list[PlanSummary]:
        """Return the organisation's plans, newest first, without their documents."""
        query = (
            select(PlanRow.id, PlanRow.title, PlanRow.created_at)
            .where(PlanRow.organisation_id == organisation_id)
            .order_by(PlanRow.created_at.desc(), PlanRow.id.desc())
            .limit(limit)
        )
        rows = await fetch_all(self.engine, query)
        return [PlanSummary(row.id, row.title, row.created_at) for row in rows]

    async def find(self, organisation_id: UUID, plan_id: UUID) -> StoredPlan | None:
        """Return one plan of this organisation."""
        columns = PlanRow.__table__.c
        query = select(*columns).where(
            columns.id == plan_id, columns.organisation_id == organisation_id
        )
        row = await fetch_first(self.engine, query)
        if row is None:
            return None
        return StoredPlan(row.id, row.organisation_id, row.title, row.document, row.created_at)
