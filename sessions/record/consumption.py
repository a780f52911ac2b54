"""Consumption in PostgreSQL: what every run of a session used, written as sums that only grow."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audio.metering import QUANTITIES, Consumption, Service
from sessions.cost.money import usd_of
from sessions.cost.tally import Tally, Used, summed
from sessions.record.tables import ConsumptionRow, InterviewRow
from sessions.record.transaction import transaction

THIS_MONTH = cast(func.date_trunc("month", func.timezone("UTC", func.now())), Date)
"""First day of this month, in UTC."""

_KEY = ("run_id", "service", "provider", "model")
_SUMS = (*QUANTITIES, "cost_usd")


@dataclass(frozen=True, slots=True)
class ConsumptionStore:
    """The `sessions.cost.book.ConsumptionLog` in PostgreSQL."""

    engine: AsyncEngine

    async def put(self, tally: Tally) -> None:
        """Put on record what a run has used so far; of an erased interview, nothing.

        Raises StoreUnavailable.
        """
        async with transaction(self.engine) as connection:
            for used in tally.run:
                await connection.execute(_upsert(tally, used))


async def read_consumption(connection: AsyncConnection, interview_id: UUID) -> Used:
    """Return what all runs of an interview used that are on record."""
    columns = ConsumptionRow.__table__.c
    rows = await connection.execute(select(*columns).where(columns.interview_id == interview_id))
    return summed(tuple(consumption_of(row) for row in rows.mappings()))


def consumption_of(row: Any) -> Consumption:
    """Return the quantities of a row of `consumption`, or of a sum over some, by name."""
    quantities = {name: int(row[name]) for name in QUANTITIES}
    return Consumption(Service(row["service"]), row["provider"], row["model"], **quantities)


def _upsert(tally: Tally, used: Consumption) -> Any:
    table = ConsumptionRow.__table__.c
    values: dict[str, Any] = {
        "run_id": tally.run_id,
        "service": used.service.value,
        "provider": used.provider,
        "model": used.model,
        **used.quantities,
        "cost_usd": usd_of(used),
    }
    columns = [literal(value, table[name].type) for name, value in values.items()]
    # Locked as a foreign key would: whoever erases the interview is waited for, and then seen.
    source = (
        select(InterviewRow.organisation_id, InterviewRow.id, THIS_MONTH, *columns)
        .where(InterviewRow.id == tally.interview_id)
        .with_for_update(read=True, key_share=True)
    )
    fresh = insert(ConsumptionRow).from_select(
        ["organisation_id", "interview_id", "month", *values], source
    )
    grown = {name: func.greatest(table[name], fresh.excluded[name]) for name in _SUMS}
    return fresh.on_conflict_do_update(
        index_elements=list(_KEY), set_={**grown, "updated_at": func.now()}
    )
