"""Costs for the command line: what was spent, by month, organisation, plan or interview."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from server.administration.database import CommandRefused
from server.api.costs import line_record
from server.store.store import Store

LISTS = ("month", "organisation", "plan", "interview")
"""What costs can be listed by."""

UNITS: Mapping[str, tuple[str, float]] = {
    "audio_ms": ("min heard", 60_000.0),
    "characters": ("characters said", 1.0),
    "input_tokens": ("tokens in", 1.0),
    "cached_tokens": ("of them cached", 1.0),
    "output_tokens": ("tokens out", 1.0),
    "audio_input_tokens": ("audio tokens in", 1.0),
    "audio_output_tokens": ("audio tokens out", 1.0),
}
"""How each quantity is named to people, and by what it is divided."""


async def list_costs(store: Store, by: str, *, as_json: bool) -> str:
    """Return what was spent, as text for people or as JSON. Raises CommandRefused."""
    lists = {
        "month": store.costs.by_month,
        "organisation": store.costs.by_organisation,
        "plan": store.costs.by_plan,
        "interview": store.costs.by_interview,
    }
    if by not in lists:
        raise CommandRefused(f"Costs can be listed by {', '.join(LISTS[:-1])} or {LISTS[-1]}.")
    lines = [line_record(line) for line in await lists[by]()]
    if as_json:
        return json.dumps(lines, indent=2)
    return "\n".join(text for line in lines for text in _texts(line)) or "Nothing was used yet."


def _texts(line: Mapping[str, Any]) -> Sequence[str]:
    return (
        f"{line['name']}: {_amount(line)}",
        *(
            f"  {used['service']}, {used['model']} at {used['provider']}:"
            f" {_quantities(used)}: {_usd(used['cost_usd'])}"
            for used in line["used"]
        ),
    )


def _amount(line: Mapping[str, Any]) -> str:
    """Return a sum; what has no known price is named, and never told as 0."""
    if not line["unpriced"]:
        return _usd(line["cost_usd"])
    unknown = f"unknown ({', '.join(line['unpriced'])})"
    return unknown if line["cost_usd"] is None else f"{_usd(line['cost_usd'])} + {unknown}"


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:.4f}"


def _quantities(used: Mapping[str, Any]) -> str:
    parts = [
        f"{used[name] / divisor:,.1f} {unit}" if divisor > 1 else f"{used[name]:,} {unit}"
        for name, (unit, divisor) in UNITS.items()
        if used[name]
    ]
    return ", ".join(parts) or "nothing"
