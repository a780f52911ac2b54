"""Services: what routes work with, one object that the composition root makes for the app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from starlette.requests import HTTPConnection

from server.auth.passwords import Passwords
from server.auth.pins import Pins
from server.auth.tokens import Tokens
from server.cost_caps import CostCaps
from server.settings import Settings
from server.store.records import Call, Interview
from server.store.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from sessions.monitor.overview import LiveOverview
    from sessions.record.store import SessionStore
    from sessions.turntaking.causes import EndReason


class CallNotPlaced(Exception):
    """The vendor does not place the call; the text is a sentence for people."""


class Telephone(Protocol):
    """Places calls to candidates."""

    async def call_candidate(self, interview: Interview, number: str, *, address: str) -> Call:
        """Have the number called; the call enters the interview when it is answered.

        `address` is where the vendor reaches this server: https://viva.example.com. Raises
        CallNotPlaced, TooManyCalls, StoreUnavailable.
        """


class LiveSessions(Protocol):
    """The interviews that this process holds at present."""

    @property
    def count(self) -> int:
        """Number of these interviews."""

    def is_live(self, interview_id: UUID) -> bool:
        """Return whether this process holds the interview."""

    def overview(self, interview_id: UUID) -> "LiveOverview | None":
        """Return how the interview stands; None where this process does not hold it."""

    async def end(self, interview_id: UUID, reason: "EndReason") -> bool:
        """End the interview with its sockets; return False if this process does not hold it."""


class Readiness:
    """The named parts that must be loaded before candidates may come, and what each waits for."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[bool, str]] = {}
        self._troubles: dict[str, Callable[[], str]] = {}

    def set(self, name: str, ready: bool, detail: str = "") -> None:
        """Note whether a part is ready; `detail` is a sentence on what it waits for."""
        self._parts[name] = (ready, detail)

    def watch(self, troubles: Mapping[str, Callable[[], str]]) -> None:
        """Have parts asked for their trouble whenever readiness is: "" says that one has none."""
        self._troubles.update(troubles)

    def missing(self) -> dict[str, str]:
        """Return the parts that are not ready, each with its sentence."""
        troubles = {name: trouble() for name, trouble in self._troubles.items()}
        return {name: sentence for name, sentence in troubles.items() if sentence} | {
            name: detail or "is not ready"
            for name, (ready, detail) in self._parts.items()
            if not ready
        }


@dataclass(frozen=True)
class Services:
    """Everything that a route may use; one object a process."""

    settings: Settings
    engine: "AsyncEngine"
    store: Store
    tokens: Tokens
    passwords: Passwords
    sessions: "SessionStore"
    live: LiveSessions
    pins: Pins
    caps: CostCaps
    telephone: Telephone | None = None
    readiness: Readiness = field(default_factory=Readiness)


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of this app (a dependency of HTTP and WebSocket routes)."""
    services = connection.app.state.services
    if not isinstance(services, Services):
        raise TypeError("create_app was not given its services")
    return services
