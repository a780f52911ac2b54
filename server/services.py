"""What the routes work with: one object made by the composition root, found through the request."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from starlette.requests import HTTPConnection

from server.auth.passwords import Passwords
from server.auth.pins import Pins
from server.auth.tokens import Tokens
from server.settings import Settings
from server.store.records import Call, Interview
from server.store.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from sessions.monitor.overview import LiveOverview
    from sessions.record.store import SessionStore
    from sessions.turntaking.causes import EndReason


class CallNotPlaced(Exception):
    """The vendor does not place the call; the text is a sentence a person understands."""


class Telephone(Protocol):
    """Calls candidates up."""

    async def call_candidate(self, interview: Interview, number: str, *, address: str) -> Call:
        """Have the number called; the call enters the interview when it is answered. `address` is
        where the vendor reaches this server: https://viva.example.com. Raises CallNotPlaced,
        StoreUnavailable."""


class LiveSessions(Protocol):
    """The interviews that are held by this process just now."""

    @property
    def count(self) -> int:
        """How many there are."""

    def is_live(self, interview_id: UUID) -> bool:
        """Whether this one is among them."""

    def overview(self, interview_id: UUID) -> "LiveOverview | None":
        """How it stands just now; None where this process does not hold it."""

    async def end(self, interview_id: UUID, reason: "EndReason") -> bool:
        """End it, closing its sockets. False when it is not live here."""


class Readiness:
    """What must be warm before candidates may come: named parts, each ready or with a reason."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[bool, str]] = {}

    def set(self, name: str, ready: bool, detail: str = "") -> None:
        """Say how a part stands; `detail` is a sentence on what it waits for."""
        self._parts[name] = (ready, detail)

    def missing(self) -> dict[str, str]:
        """The parts that are not ready, each with its sentence. Empty: all is well."""
        return {
            name: detail or "is not ready"
            for name, (ready, detail) in self._parts.items()
            if not ready
        }


@dataclass(frozen=True)
class Services:
    """Everything a route may use. One a process."""

    settings: Settings
    engine: "AsyncEngine"
    store: Store
    tokens: Tokens
    passwords: Passwords
    sessions: "SessionStore"
    live: LiveSessions
    pins: Pins
    telephone: Telephone | None = None
    readiness: Readiness = field(default_factory=Readiness)


def services_of(connection: HTTPConnection) -> Services:
    """Dependency, for HTTP and WebSocket routes: the services of this app."""
    services = connection.app.state.services
    if not isinstance(services, Services):
        raise TypeError("create_app was not given its services")
    return services
