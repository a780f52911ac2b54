"""Money: what was used, turned into US dollars by the table of prices. Pure.

A price that is not known is None and is told as "unknown", never 0: a sum says which models it
leaves out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from audio.metering import LOCAL, Consumption
from audio.providers.known_models import price_of

USD_PLACES = 8
"""Decimal places of an amount: a cached token costs a hundredth of a millionth of a dollar."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a number of calls comes to."""

    usd: Decimal | None
    """US dollars for all whose price is known; None where none of the prices is."""

    unpriced: tuple[str, ...] = ()
    """Models whose price is not known, in order."""

    @property
    def as_number(self) -> float | None:
        """The dollars as a number for JSON."""
        return None if self.usd is None else float(self.usd)


def usd_of(used: Consumption) -> Decimal | None:
    """Return the price of what was used in US dollars, None where it is not known."""
    price = price_of(used)
    if price is None:
        return None
    usd = Decimal(str(round(price.usd(used), USD_PLACES)))
    if usd or used.provider == LOCAL or not any(used.quantities.values()):
        return usd
    return None  # the price is for quantities that this call has none of


def bill_of(calls: Iterable[Consumption]) -> Bill:
    """Return what these come to. Nothing used costs nothing."""
    total, unpriced = Decimal(0), set[str]()
    for used in calls:
        usd = usd_of(used)
        if usd is None:
            unpriced.add(used.model)
        else:
            total += usd
    return Bill(None if unpriced and not total else total, tuple(sorted(unpriced)))


def usage_of(calls: tuple[Consumption, ...]) -> dict[str, Any]:
    """Return what a turn used as it stands on record with the turn; {} where nothing was."""
    if not calls:
        return {}
    bill = bill_of(calls)
    usage: dict[str, Any] = {
        "cost_usd": bill.as_number,
        "used": [_as_record(used) for used in calls],
    }
    if bill.unpriced:
        usage["unpriced"] = list(bill.unpriced)
    return usage


def _as_record(used: Consumption) -> dict[str, Any]:
    return {
        "service": used.service.value,
        "provider": used.provider,
        "model": used.model,
        **{name: count for name, count in used.quantities.items() if count},
        "cost_usd": Bill(usd_of(used)).as_number,
    }
