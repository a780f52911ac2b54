"""Metering: what a call of a provider used, reported at the wire, counted by the interview.

An adapter reports each call it makes, also one whose result is thrown away: a provider bills it all
the same. The context of the call says whose it is: a session sets `METER` once, and every task that
it starts, and every thread that runs with its context, reports there.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

LOCAL = "local"
"""Provider of what runs in this process."""


class Service(StrEnum):
    """What a provider does."""

    HEARING = "hearing"
    SPEAKING = "speaking"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Consumption:
    """Quantities of one call, as the provider counts them; 0 for what it does not count."""

    service: Service
    """What the call was for."""

    provider: str
    """Host of the provider, LOCAL for what runs in this process."""

    model: str
    """Name of the model at the provider."""

    audio_ms: int = 0
    """Sound sent to a transcriber."""

    characters: int = 0
    """Characters of text that a voice was asked to say."""

    input_tokens: int = 0
    """Text tokens sent, those in `cached_tokens` included."""

    cached_tokens: int = 0
    """Text tokens sent that the provider had kept from an earlier call."""

    output_tokens: int = 0
    """Text tokens returned, those of reasoning included."""

    audio_input_tokens: int = 0
    """Audio tokens sent."""

    audio_output_tokens: int = 0
    """Audio tokens returned."""

    @property
    def quantities(self) -> dict[str, int]:
        """All quantities by name, those that are 0 included."""
        return {name: getattr(self, name) for name in QUANTITIES}

    def plus(self, other: "Consumption") -> "Consumption":
        """Return this and what another call of the same model used, in one."""
        mine, more = self.quantities, other.quantities
        both: dict[str, Any] = {name: mine[name] + more[name] for name in QUANTITIES}
        return replace(self, **both)


QUANTITIES = tuple(field.name for field in fields(Consumption) if field.default == 0)
"""Names of the quantities of a call."""


Meter = Callable[[Consumption], None]

METER: ContextVar[Meter | None] = ContextVar("METER", default=None)
"""Takes what the calls of the present session use; None where nobody counts."""


@contextmanager
def billed(used: Consumption) -> Iterator[None]:
    """Report a call whose request is answered in the block, or given up while it waits for that.

    A request that is refused or cannot be sent costs nothing; one that nobody waits for any more
    has been received, and its provider goes on with it.
    """
    try:
        yield
    except asyncio.CancelledError:
        report(used)
        raise
    report(used)


def report(used: Consumption) -> None:
    """Report what a call used to the meter of the present context, if there is one."""
    meter = METER.get()
    if meter is not None:
        meter(used)
