"""Composition root: settings in, a running application out; its start and its stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn
from fastapi import FastAPI

from server.app import create_app
from server.auth.passwords import Passwords
from server.auth.pins import Pins
from server.auth.signing_keys import SigningKeys
from server.auth.tokens import Tokens
from server.cost_caps import CappedSessions, CostCaps
from server.database.embedded import EmbeddedPostgres
from server.database.engine import bring_up, create_engine, upgrade
from server.dialects.browser.messages import SOCKET_PATH
from server.dialects.monitor.messages import SOCKET_PATH as MONITOR_PATH
from server.dialects.realtime.messages import PATH as REALTIME_PATH
from server.expiry import EXPIRE_EVERY_S, Expiry
from server.http.uvicorn_http import EdgeProtocol, max_connections
from server.presence import LOOK_EVERY_S, Presence
from server.providers import make_providers, rules_for
from server.retention import SWEEP_EVERY_S, Retention
from server.retirements import models_in_use, warnings_for
from server.services import Readiness, Services
from server.settings import Settings
from server.sockets.admission import Admission, BrowserAdmission
from server.sockets.media_socket import MediaSocket
from server.sockets.monitor_access import MonitorGuard
from server.sockets.monitor_socket import MonitorSocket
from server.sockets.realtime_admission import RealtimeAdmission
from server.sockets.uvicorn_protocol import MediaProtocol
from server.store.store import Store
from server.telephony.call_admission import CallAdmission
from server.telephony.lines import line_admissions
from server.telephony.telnyx import TelnyxBridge
from server.telephony.twilio import STREAM_PATH, TwilioBridge
from server.telephony.vonage import VonageBridge
from sessions.cost.book import WRITE_EVERY_S, CostBook
from sessions.record.consumption import ConsumptionStore
from sessions.record.store import SessionStore
from sessions.registry import LocalMonitorHub, SessionRegistry
from sessions.session_context import Providers
from sessions.side_tasks import SideTasks, log_failure

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

MAX_WS_MESSAGE = 64 * 1024
"""Largest WebSocket message, in bytes: 30 times the largest audio frame, so that a wrong one can be
answered with a sentence, and small enough to be no burden."""

KEYS_FILE = "keys.json"
"""Name of the file of signing keys, in the data folder."""

log = structlog.get_logger()


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Provide a database with the newest tables; yield its address.

    It is the one that is configured, or the embedded one, which runs as long as the context.
    Blocks, so enter it before the event loop. Raises DatabaseStartError.
    """
    if settings.database_url is not None:
        yield bring_up(settings.database_url.get_secret_value())
        return
    with EmbeddedPostgres(settings.data_dir) as url:
        upgrade(url)
        yield url


class Viva:
    """The parts of one process, put together; `app` is the ASGI application."""

    def __init__(
        self, settings: Settings, engine: "AsyncEngine", providers: Providers | None = None
    ) -> None:
        """Put the parts together; `providers` replace the settings' own, and are left open."""
        keys = SigningKeys.load_or_create(
            settings.data_dir / KEYS_FILE, verify_for_s=settings.jwt_lifetime_s
        )
        sessions = SessionStore(engine)
        store = Store.on(engine)
        self.settings = settings
        self._own_providers = providers is None
        chosen = make_providers(settings, sessions) if providers is None else providers
        costs = CostBook(ConsumptionStore(engine), settings.cost_cap_interview_usd)
        self.providers = replace(chosen, log=sessions, actions=store.monitors, costs=costs)
        caps = CostCaps(settings, store.costs)
        self.registry = SessionRegistry(
            CappedSessions(sessions, caps),
            self.providers,
            partial(rules_for, settings),
            max_sessions=settings.max_sessions,
        )
        pins = Pins.load_or_create(settings.data_dir)
        calls = self.call_admission = CallAdmission(
            settings, store, self.providers, pins, self.registry.reserve_seat, caps
        )
        twilio = TwilioBridge(settings, calls) if settings.twilio_configured else None
        self.services = Services(
            settings=settings,
            engine=engine,
            store=store,
            tokens=Tokens(keys, settings.jwt_lifetime_s),
            passwords=Passwords(settings.password_hash_workers),
            sessions=sessions,
            live=self.registry,
            pins=pins,
            caps=caps,
            telephone=twilio,
            readiness=Readiness(),
        )
        self.services.readiness.watch(chosen.troubles)
        self.app = create_app(self.services, lifespan=self._lifespan)
        self._warmed = asyncio.Event()
        self._add_candidates(store, caps)
        self._add_bridges(calls, twilio)
        self.presence = Presence(store.monitors, self.registry)
        self.expiry = Expiry(store.left, self.registry.held, settings.join_lifetime_s)
        self._monitor_socket = MonitorSocket(
            settings, store, LocalMonitorHub(self.registry.find), MonitorGuard(store.accounts)
        )
        self.app.add_api_websocket_route(MONITOR_PATH, self._monitor_socket.serve)

    def add_socket(self, path: str, admission: Admission) -> None:
        """Serve the sockets of one more kind of peer."""
        self.app.add_api_websocket_route(path, MediaSocket(admission, self.registry).serve)

    def _add_candidates(self, store: Store, caps: CostCaps) -> None:
        """Add the sockets of candidates' pages, and of clients of the Realtime protocol."""
        settings, tickets = self.settings, store.tickets
        self.add_socket(SOCKET_PATH, BrowserAdmission(settings, tickets))
        realtime = RealtimeAdmission(settings, tickets, self.registry.has_room, caps)
        self.add_socket(REALTIME_PATH, realtime)

    def _add_bridges(self, calls: CallAdmission, twilio: TwilioBridge | None) -> None:
        """Add the webhooks and sockets of the telephone bridges that are configured."""
        if twilio is not None:
            self.app.include_router(twilio.router())
            self.add_socket(STREAM_PATH, twilio)
        if self.settings.vonage_signature_secret is not None:
            self.app.include_router(VonageBridge(self.settings, calls).router())
        if self.settings.telnyx_public_key:
            self.app.include_router(TelnyxBridge(self.settings, calls).router())
        for path, admission in line_admissions(self.settings, calls).items():
            self.add_socket(path, admission)

    async def settle(self) -> None:
        """Wait until every part is loaded or has failed, then freeze what is in memory by then.

        A full round of the garbage collector over the libraries' objects takes 90 to 160 ms, in
        which no audio is processed. For a process that only serves.
        """
        await self._warmed.wait()
        gc.collect()
        gc.freeze()

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        for sentence in warnings_for(models_in_use(self.settings), datetime.now(UTC).date()):
            log.warning("model retires", advice=sentence)
        side_tasks = SideTasks(self._side_task_told)
        side_tasks.start("live interviews", self.presence.look, LOOK_EVERY_S)
        upkeep = SideTasks(lambda _name, _problem: None)  # it keeps no candidate away
        if days := self.settings.retention_days:
            retention = Retention(self.services.store.erasure, days)
            upkeep.start("retention", retention.sweep, SWEEP_EVERY_S)
        upkeep.start("costs", self.providers.costs.write, WRITE_EVERY_S)
        upkeep.start("interviews that were left", self.expiry.look, EXPIRE_EVERY_S)
        async with asyncio.TaskGroup() as group:
            warming = [
                group.create_task(self._warm(name, warm_up))
                for name, warm_up in self._cold_parts().items()
            ]
            for task in warming:
                task.add_done_callback(lambda _: self._all_warm(warming))
            try:
                yield
            finally:
                for task in warming:
                    task.cancel()
                await self.registry.close()
                await side_tasks.stop()
                await upkeep.stop()
                await log_failure("costs", self.providers.costs.write())
                # Nobody is live here any more.
                await log_failure("live interviews", self.presence.write())
        if self._own_providers:
            if self.providers.streaming is not None:
                await self.providers.streaming.close()
            await self.providers.transcriber.close()
            await self.providers.synthesizer.close()
            if self.providers.turn_model is not None:
                await self.providers.turn_model.close()
            await self.providers.interviewer.close()
        self.services.passwords.close()
        await self.services.engine.dispose()

    def _side_task_told(self, name: str, problem: str | None) -> None:
        self.services.readiness.set(name, problem is None, problem or "")

    def _all_warm(self, warming: Iterable[asyncio.Task[None]]) -> None:
        if all(task.done() for task in warming):
            self._warmed.set()

    def _cold_parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        turn_model, streaming = self.providers.turn_model, self.providers.streaming
        return {
            "voice activity": partial(asyncio.to_thread, self.providers.vad_ticker.warm_up),
            "speech to text": self.providers.transcriber.warm_up,
            "text to speech": self.providers.synthesizer.warm_up,
            "interviewer": self.providers.interviewer.warm_up,
            **({} if turn_model is None else {"turn model": turn_model.warm_up}),
            **({} if streaming is None else {"live speech to text": streaming.warm_up}),
        }

    async def _warm(self, name: str, warm_up: Callable[[], Awaitable[None]]) -> None:
        """Load one part; one that cannot be loaded is logged, and the server does not get ready."""
        readiness = self.services.readiness
        readiness.set(name, False, "is loading")
        try:
            await warm_up()
        except Exception as error:
            readiness.set(name, False, str(error))
            log.error("part not loaded", part=name, problem=str(error))
        else:
            readiness.set(name, True)


def make_viva(settings: Settings, database_url: str, providers: Providers | None = None) -> Viva:
    """Put the process together around a database that is up to date."""
    return Viva(settings, create_engine(database_url, settings.database_pool_size), providers)


class Server(uvicorn.Server):
    """The server of uvicorn, which says when it listens, or that it never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `should_exit`. `settled` is set once `started` tells how it went."""
        try:
            await super().serve(sockets)
        finally:
            self.settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the listening sockets."""
        await super().startup(sockets)
        self.settled.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End `serve` in good order at SIGTERM or Ctrl-C, and at once at a second Ctrl-C.

        uvicorn's own handler would raise the signal again afterwards, which kills the process
        before its end.
        """
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def make_server(viva: Viva) -> Server:
    """Make a server that is set up for media: no compression, small messages, our own logs."""
    settings = viva.settings
    config = uvicorn.Config(
        viva.app,
        host=settings.host,
        port=settings.port,
        http=EdgeProtocol,
        limit_concurrency=max_connections(settings.max_sessions),
        ws=MediaProtocol,
        ws_max_size=MAX_WS_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        log_config=None,
        # At level debug, uvicorn's connections log every frame: sound, words and tickets.
        log_level="info" if settings.log_level == "debug" else settings.log_level,
        access_log=False,
        timeout_graceful_shutdown=10,
        proxy_headers=True,
    )
    return Server(config)
