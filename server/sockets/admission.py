"""Admission: how each kind of peer is let in, before one loop serves all kinds alike.

An admission looks at the handshake and returns a peer; the peer takes what its client says first,
until it is known which interview is entered.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from starlette.websockets import WebSocket

from server.dialects.browser import messages
from server.dialects.browser.dialect import BrowserDialect
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, Dialect, Received, TicketShown
from server.settings import Settings
from server.sockets.origins import origin_allowed
from server.sockets.serve import HELLO_WITHIN_S, SentAway
from server.store.tickets import CANDIDATE_TICKET, TicketStore
from sessions.leg import Leg


@dataclass(frozen=True, slots=True)
class Entry:
    """The interview that a peer enters."""

    interview_id: UUID

    begun: bool = False
    """Whether the candidate has consented on the way in: no `Started` will follow."""

    opened_ms: int | None = None
    """When the candidate opened what comes back by itself now (Unix time, ms), so that it takes
    nothing from what was opened later; None where the candidate opens the interview."""


class Peer(Protocol):
    """A client whose handshake was accepted, and which may talk in its dialect from now on."""

    dialect: Dialect

    subprotocol: str | None
    """The subprotocol to accept the socket with."""

    def take(self, received: Received) -> bool:
        """Take what the client says before it is let in.

        Returns whether nothing more may be read until it is. Raises SentAway, and DialectError for
        what is out of place.
        """

    def mistaken(self) -> CloseReason | None:
        """Return why a client that makes a mistake now is sent away; None: it may go on."""

    async def unusable(self, started: CallStarted) -> None:
        """Note that the call which is put through cannot be held over this socket.

        Never raises for a database that is away.
        """

    async def enter(self, leg: Leg) -> Entry:
        """Return the interview to enter, once it is known; until then the leg may be spoken over.

        Raises SentAway, StoreUnavailable.
        """

    async def turned_away(self, leg: Leg, reason: CloseReason) -> None:
        """Tell a client that cannot be let in why, where it would not learn it from the socket.

        Never raises for a database or a voice that is away.
        """

    async def part(self, reason: CloseReason) -> None:
        """Note that the socket is about to be closed, or was closed by the client (GOING_AWAY).

        Never raises for a database that is away.
        """


@dataclass(slots=True)
class AuthenticatedPeer:
    """A peer that showed its interview in the handshake. Nothing is read before it is let in."""

    dialect: Dialect
    subprotocol: str | None
    entry: Entry

    def take(self, received: Received) -> bool:
        """See `Peer`; never called."""
        raise TypeError(f"{received} came from a peer that is not let in yet")

    def mistaken(self) -> CloseReason | None:
        """See `Peer`."""
        return None

    async def unusable(self, started: CallStarted) -> None:
        """See `Peer`."""

    async def enter(self, leg: Leg) -> Entry:
        """See `Peer`."""
        return self.entry

    async def turned_away(self, leg: Leg, reason: CloseReason) -> None:
        """See `Peer`."""

    async def part(self, reason: CloseReason) -> None:
        """See `Peer`."""


class Admission(Protocol):
    """Lets in one kind of peer."""

    async def admit(self, websocket: WebSocket) -> Peer:
        """Look at the handshake. Raises SentAway, StoreUnavailable."""


class BrowserAdmission:
    """Lets in pages of our origin that speak viva.v1 and show a ticket in their first message."""

    def __init__(
        self, settings: Settings, tickets: TicketStore, *, hello_within_s: float = HELLO_WITHIN_S
    ) -> None:
        self._settings = settings
        self._tickets = tickets
        self._hello_within_s = hello_within_s

    async def admit(self, websocket: WebSocket) -> Peer:
        """See `Admission`."""
        headers = websocket.headers
        if not origin_allowed(headers.get("origin"), headers.get("host", ""), self._settings):
            raise SentAway(CloseReason.ORIGIN_REFUSED, at_the_handshake=True)
        if messages.SUBPROTOCOL not in websocket.scope.get("subprotocols", []):
            raise SentAway(CloseReason.WRONG_SUBPROTOCOL)
        return TicketPeer(
            BrowserDialect(),
            self._tickets,
            subprotocol=messages.SUBPROTOCOL,
            hello_within_s=self._hello_within_s,
        )


class TicketPeer:
    """A peer that shows its ticket in the first message, or is sent away."""

    def __init__(
        self,
        dialect: Dialect,
        tickets: TicketStore,
        *,
        subprotocol: str | None,
        hello_within_s: float,
    ) -> None:
        self.dialect = dialect
        self.subprotocol = subprotocol
        self._tickets = tickets
        self._hello_within_s = hello_within_s
        self._ticket: asyncio.Future[TicketShown] = asyncio.get_running_loop().create_future()

    def take(self, received: Received) -> bool:
        """See `Peer`."""
        if not isinstance(received, TicketShown):
            raise SentAway(CloseReason.TICKET_REFUSED)
        if not self._ticket.done():
            self._ticket.set_result(received)
        return True

    def mistaken(self) -> CloseReason | None:
        """See `Peer`."""
        return CloseReason.TICKET_REFUSED

    async def unusable(self, started: CallStarted) -> None:
        """See `Peer`; never called: a page puts no call through."""

    async def enter(self, leg: Leg) -> Entry:
        """See `Peer`."""
        try:
            async with asyncio.timeout(self._hello_within_s):
                shown = await self._ticket
        except TimeoutError:
            raise SentAway(CloseReason.NO_HELLO) from None
        grant = await self._tickets.consume(shown.ticket, CANDIDATE_TICKET)
        if grant is None:
            raise SentAway(CloseReason.TICKET_REFUSED)
        return Entry(grant.interview_id, opened_ms=shown.opened_ms)

    async def turned_away(self, leg: Leg, reason: CloseReason) -> None:
        """See `Peer`; does nothing: the socket's close says it."""

    async def part(self, reason: CloseReason) -> None:
        """See `Peer`; does nothing."""
