"""Costs in PostgreSQL: what interviews used, summed by interview, plan, month and organisation.

What was used goes on record in `sessions.record.consumption`. When an interview is erased, its sums
are added to its organisation's month, as numbers alone: neither its plan nor its number is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audio.metering import QUANTITIES, Consumption
from server.store.monitors import LIVE_FOR_S
from sessions.record.consumption import THIS_MONTH, consumption_of
from sessions.record.tables import (
    ConsumptionRow,
    ErasedConsumptionRow,
    InterviewRow,
    LiveInterviewRow,
    Organisation,
    PlanRow,
)
from sessions.record.transaction import fetch_all, fetch_first

_USED = ConsumptionRow.__table__.c
_ERASED = ErasedConsumptionRow.__table__.c
_MODEL = ("service", "provider", "model")


@dataclass(frozen=True, slots=True)
class Cost:
    """What was used of one model, and what it came to when it was used."""

    used: Consumption
    """Quantities."""

    usd: Decimal | None
    """US dollars for all of it that had a known price; None where nothing had."""

    unpriced: bool
    """Whether some of it had no known price."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """Costs of one thing in a list: a month, an organisation, a plan or an interview."""

    name: str
    """What it is called: "2026-11", an organisation's name, a plan's title, an interview's id."""

    costs: tuple[Cost, ...]
    """By service, provider and model."""


@dataclass(frozen=True, slots=True)
class CostStanding:
    """How an interview stands with what it may cost."""

    organisation_id: UUID
    """Whose interview it is."""

    begun: bool
    """Whether it has begun."""

    live: bool
    """Whether some process holds it."""

    month_usd: Decimal
    """What its organisation has spent this month, as far as prices are known."""

    interview_usd: Decimal
    """What it has spent itself."""

    idle_s: float | None
    """Seconds since it last used anything; None where it never did."""


@dataclass(frozen=True, slots=True)
class CostStore:
    """Reads what was spent."""

    engine: AsyncEngine

    async def of_interview(self, organisation_id: UUID, interview_id: UUID) -> tuple[Cost, ...]:
        """Return the costs of an interview so far."""
        whose = and_(_USED.interview_id == interview_id, _USED.organisation_id == organisation_id)
        return _costs(await fetch_all(self.engine, _sums(whose)))

    async def of_plan(self, organisation_id: UUID, plan_id: UUID) -> tuple[Cost, ...]:
        """Return the costs of all interviews of a plan that are not erased."""
        mine = select(InterviewRow.id).where(InterviewRow.plan_id == plan_id)
        whose = and_(_USED.interview_id.in_(mine), _USED.organisation_id == organisation_id)
        return _costs(await fetch_all(self.engine, _sums(whose)))

    async def by_month(self, organisation_id: UUID | None = None) -> tuple[CostLine, ...]:
        """Return costs by month, newest first, erased interviews included; of all without one."""
        every = _everything()
        query = _grouped(every, func.to_char(every.c.month, "YYYY-MM"))
        if organisation_id is not None:
            query = query.where(every.c.organisation_id == organisation_id)
        lines = _lines(await fetch_all(self.engine, query))
        return tuple(sorted(lines, key=lambda line: line.name, reverse=True))

    async def by_organisation(self) -> tuple[CostLine, ...]:
        """Return costs by organisation, erased interviews included."""
        every = _everything()
        query = _grouped(every, _named(Organisation.name, Organisation.id)).join(
            Organisation, Organisation.id == every.c.organisation_id
        )
        return _lines(await fetch_all(self.engine, query))

    async def by_plan(self) -> tuple[CostLine, ...]:
        """Return costs by plan, without erased interviews."""
        query = (
            _grouped(ConsumptionRow.__table__, _named(PlanRow.title, PlanRow.id))
            .join(InterviewRow, InterviewRow.id == _USED.interview_id)
            .join(PlanRow, PlanRow.id == InterviewRow.plan_id)
        )
        return _lines(await fetch_all(self.engine, query))

    async def by_interview(self) -> tuple[CostLine, ...]:
        """Return costs by interview."""
        query = _grouped(ConsumptionRow.__table__, cast(_USED.interview_id, Text))
        return _lines(await fetch_all(self.engine, query))

    async def month_usd(self, organisation_id: UUID) -> Decimal:
        """Return what an organisation has spent this month, as far as prices are known."""
        row = await fetch_first(self.engine, select(_month_usd(literal(organisation_id))))
        return Decimal(0) if row is None else Decimal(row[0])

    async def standing(self, interview_id: UUID) -> CostStanding | None:
        """Return how an interview stands; None where there is none."""
        mine = _USED.interview_id == InterviewRow.id
        spent = select(func.coalesce(func.sum(_USED.cost_usd), 0)).where(mine).scalar_subquery()
        last = select(func.max(_USED.updated_at)).where(mine).scalar_subquery()
        query = select(
            InterviewRow.organisation_id,
            InterviewRow.started_at.is_not(None).label("begun"),
            _is_live().label("live"),
            _month_usd(InterviewRow.organisation_id).label("month_usd"),
            spent.label("interview_usd"),
            func.extract("epoch", func.now() - last).label("idle_s"),
        ).where(InterviewRow.id == interview_id)
        row = await fetch_first(self.engine, query)
        if row is None:
            return None
        idle_s = None if row.idle_s is None else float(row.idle_s)
        return CostStanding(
            row.organisation_id, row.begun, row.live, row.month_usd, row.interview_usd, idle_s
        )


async def keep_sums(connection: AsyncConnection, interview_id: UUID) -> None:
    """Add what an interview used to its organisation's months, before it is erased."""
    priced = _USED.cost_usd.is_not(None)
    kept = ("organisation_id", "month", *_MODEL)
    source = (
        select(
            *(_USED[name] for name in kept),
            priced.label("priced"),
            func.coalesce(func.sum(_USED.cost_usd), 0).label("cost_usd"),
            *(func.sum(_USED[name]).label(name) for name in QUANTITIES),
        )
        .where(_USED.interview_id == interview_id)
        .group_by(*(_USED[name] for name in kept), priced)
    )
    fresh = insert(ErasedConsumptionRow).from_select(
        [*kept, "priced", "cost_usd", *QUANTITIES], source
    )
    sums = {name: _ERASED[name] + fresh.excluded[name] for name in ("cost_usd", *QUANTITIES)}
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=[*kept, "priced"], set_=sums)
    )


def _is_live() -> ColumnElement[bool]:
    fresh = LiveInterviewRow.seen_at > func.now() - timedelta(seconds=LIVE_FOR_S)
    return exists().where(LiveInterviewRow.interview_id == InterviewRow.id, fresh)


def _month_usd(organisation_id: Any) -> Any:
    running, erased = (
        select(func.coalesce(func.sum(table.cost_usd), 0))
        .where(table.organisation_id == organisation_id, table.month == THIS_MONTH)
        .scalar_subquery()
        for table in (_USED, _ERASED)
    )
    return running + erased


def _sums(whose: Any) -> Select[Any]:
    return _grouped(ConsumptionRow.__table__, literal("")).where(whose)


def _everything() -> Any:
    """Return rows of both tables, those of erased interviews with a cost of null where unpriced."""
    shared = ("organisation_id", "month", *_MODEL, *QUANTITIES)
    erased_usd = case((_ERASED.priced, _ERASED.cost_usd), else_=None)
    return union_all(
        select(*(_USED[name] for name in shared), _USED.cost_usd),
        select(*(_ERASED[name] for name in shared), erased_usd.label("cost_usd")),
    ).subquery()


def _named(name: Any, identity: Any) -> Any:
    """Return a name with what tells it from others of the same name."""
    return func.concat(name, " (", cast(identity, Text), ")")


def _grouped(rows: Any, name: Any) -> Select[Any]:
    models = [rows.c[column] for column in _MODEL]
    return (
        select(
            name.label("name"),
            *models,
            *(func.sum(rows.c[column]).label(column) for column in QUANTITIES),
            func.sum(rows.c.cost_usd).label("cost_usd"),
            func.bool_or(rows.c.cost_usd.is_(None)).label("unpriced"),
        )
        .select_from(rows)
        .group_by(name, *models)
        .order_by(name, *models)
    )


def _costs(rows: Sequence[Any]) -> tuple[Cost, ...]:
    return tuple(Cost(consumption_of(row._mapping), row.cost_usd, row.unpriced) for row in rows)


def _lines(rows: Sequence[Any]) -> tuple[CostLine, ...]:
    by_name: dict[str, list[Any]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return tuple(CostLine(name, _costs(found)) for name, found in by_name.items())
