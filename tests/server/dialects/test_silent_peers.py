"""Who connects and says nothing, or never begins, is sent away in time, over every protocol."""

import asyncio
import json
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from starlette.websockets import WebSocket

from server.dialects.browser.dialect import BrowserDialect
from server.dialects.dialect import Dialect
from server.dialects.monitor import messages as monitor_messages
from server.dialects.realtime.dialect import RealtimeDialect
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.l16 import L16Dialect
from server.dialects.telephony.telnyx import TelnyxDialect
from server.dialects.telephony.twilio import TwilioDialect
from server.dialects.telephony.vonage import VonageDialect
from server.settings import Settings
from server.sockets.admission import AuthenticatedPeer, Entry, Peer, TicketPeer
from server.sockets.media_socket import MediaSocket
from server.sockets.monitor_socket import MonitorSocket
from server.sockets.serve import HELLO_WITHIN_S, START_WITHIN_S
from server.telephony.phone_peer import START_WITHIN_S as CALL_WITHIN_S
from server.telephony.phone_peer import PhonePeer
from tests.server.sockets.realtime_virtual import MemorySocket
from tests.sessions.hall import Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

BRIDGES: dict[str, Callable[[], Dialect]] = {
    "asterisk": lambda: AsteriskDialect({}),
    "l16": L16Dialect,
    "telnyx": TelnyxDialect,
    "twilio": TwilioDialect,
    "vonage": VonageDialect,
}
HELLO = json.dumps({"type": "hello", "ticket": "t" * 43})


class Peerless(MemorySocket):
    """A socket whose peer plays nothing."""

    application_state = MemorySocket.client_state

    async def send_bytes(self, data: bytes) -> None:
        """Take sound, and do nothing with it."""


class OneTicket:
    """Every ticket opens this interview."""

    def __init__(self, interview_id: UUID) -> None:
        self._interview_id = interview_id

    async def consume(self, ticket: str, kind: str) -> Any:
        return SimpleNamespace(interview_id=self._interview_id, user=None)


class OneAdmission:
    """Lets in peers as `make` makes them."""

    def __init__(self, make: Callable[[], Peer]) -> None:
        self._make = make

    async def admit(self, websocket: WebSocket) -> Peer:
        return self._make()


def page(interview_id: UUID) -> Peer:
    tickets = cast(Any, OneTicket(interview_id))
    return TicketPeer(BrowserDialect(), tickets, subprotocol=None, hello_within_s=HELLO_WITHIN_S)


def call(dialect: Dialect) -> Peer:
    async def nobodys(_: Any) -> None:
        return None

    admission = SimpleNamespace(reserve_seat=lambda _: nullcontext())
    return PhonePeer(dialect, cast(Any, admission), nobodys)


def client(_: UUID) -> Peer:
    return AuthenticatedPeer(RealtimeDialect("abc"), None, Entry(uuid4()))


async def served_until_closed(hall: Hall, make: Callable[[], Peer], *messages: str) -> MemorySocket:
    """Connect, say these messages and nothing more, and read everything."""
    socket = Peerless(1.0)
    media_socket = MediaSocket(
        OneAdmission(make), hall.registry, clock=asyncio.get_running_loop().time
    )
    serving = asyncio.create_task(media_socket.serve(cast(WebSocket, socket)))
    for message in messages:
        socket.deliver(message)
    while await socket.outgoing.get() is not None:
        pass
    await serving
    return socket


@pytest.mark.parametrize("bridge", [*BRIDGES, "page"])
def test_who_says_nothing_at_first_is_sent_away(bridge: str) -> None:
    def make() -> Peer:
        return page(uuid4()) if bridge == "page" else call(BRIDGES[bridge]())

    async def story() -> None:
        began = now_ms()
        socket = await served_until_closed(Hall(), make)
        assert socket.close_code == 4408
        assert now_ms() - began == pytest.approx(HELLO_WITHIN_S * 1_000, abs=100)
        assert CALL_WITHIN_S == HELLO_WITHIN_S

    run_virtual(story())


def test_a_monitor_that_says_nothing_is_sent_away() -> None:
    async def story() -> None:
        began = now_ms()
        socket = cast(Any, Peerless(1.0))
        socket.headers = {"origin": "http://testserver", "host": "testserver"}
        socket.scope = {"subprotocols": [monitor_messages.SUBPROTOCOL]}
        settings = Settings(_env_file=None)
        nobody = cast(Any, None)
        await MonitorSocket(settings, nobody, nobody, nobody).serve(socket)
        assert socket.close_code == 4408
        assert now_ms() - began == pytest.approx(HELLO_WITHIN_S * 1_000, abs=100)

    run_virtual(story())


@pytest.mark.parametrize(
    ("make", "messages"),
    [
        (page, (HELLO,)),
        (page, (HELLO, '{"type": "ping", "t": 1}')),
        (client, ()),
        (client, ('{"type": "session.update", "session": {"type": "realtime"}}',)),
    ],
)
def test_who_is_let_in_and_never_begins_is_sent_away_and_leaves_the_seat(
    make: Callable[[UUID], Peer], messages: tuple[str, ...]
) -> None:
    async def story() -> None:
        began = now_ms()
        hall, interview_id = Hall(), uuid4()
        socket = await served_until_closed(hall, lambda: make(interview_id), *messages)
        assert socket.close_code == 4408
        assert now_ms() - began == pytest.approx(START_WITHIN_S * 1_000, abs=100)
        await pass_ms(hall.rules.leg_grace_ms + 1_000)
        assert hall.registry.count == 0

    run_virtual(story(), limit_s=3 * START_WITHIN_S)


def test_who_has_begun_is_not_sent_away_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.sockets.media_socket.START_WITHIN_S", 10.0)

    async def story() -> None:
        hall, interview_id, socket = Hall(), uuid4(), Peerless(1.0)
        media_socket = MediaSocket(
            OneAdmission(lambda: page(interview_id)),
            hall.registry,
            clock=asyncio.get_running_loop().time,
        )
        serving = asyncio.create_task(media_socket.serve(cast(WebSocket, socket)))
        socket.deliver(HELLO)
        await pass_ms(9_000)
        socket.deliver(json.dumps({"type": "start", "consent": True}))
        await pass_ms(9_000)
        assert socket.close_code == 0
        socket.hang_up()
        await serving

    run_virtual(story())
