"""A whole app on the real database, with people to sign in: what tests of the server stand on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncEngine

from server.app import create_app
from server.auth.passwords import Passwords
from server.auth.pins import Pins
from server.auth.signing_keys import SigningKeys
from server.auth.tokens import Tokens
from server.cost_caps import CostCaps
from server.services import Services
from server.settings import Settings
from server.store.records import Account, Interview, NewInterview
from server.store.store import Store
from sessions.monitor.overview import LiveOverview
from sessions.plan.plan import demo_plan
from sessions.record.store import SessionStore
from tests.patience import MODEL_DEADLINES

PASSWORD = "open sesame 7"
CHEAP_HASH = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""A true Argon2id hash at little cost, where a test is not about its cost."""

BASE_URL = "http://viva.test"


@dataclass
class LiveByHand:
    """Live sessions without media: a test says which there are."""

    ids: set[UUID] = field(default_factory=set)
    ended: list[tuple[UUID, str]] = field(default_factory=list)
    overviews: dict[UUID, LiveOverview] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.ids)

    def is_live(self, interview_id: UUID) -> bool:
        return interview_id in self.ids

    def overview(self, interview_id: UUID) -> LiveOverview | None:
        return self.overviews.get(interview_id)

    async def end(self, interview_id: UUID, reason: str) -> bool:
        self.ended.append((interview_id, reason))
        live = interview_id in self.ids
        self.ids.discard(interview_id)
        return live


def make_settings(data_dir: Path, **changes: Any) -> Settings:
    """Settings that limit nobody unless a test says so."""
    values: dict[str, Any] = MODEL_DEADLINES | {
        "data_dir": data_dir,
        "rate_limit_api": "100000/minute",
        "rate_limit_join": "100000/minute",
        "rate_limit_sign_in": "100000/minute",
        "rate_limit_account": "100000/minute",
    }
    return Settings(**(values | changes))


def make_services(engine: AsyncEngine, settings: Settings) -> Services:
    """The services of a server on this database, with `LiveByHand`."""
    keys = SigningKeys.load_or_create(settings.data_dir / "keys.json", settings.jwt_lifetime_s)
    return Services(
        caps=CostCaps(settings, Store.on(engine).costs),
        settings=settings,
        engine=engine,
        store=Store.on(engine),
        tokens=Tokens(keys, settings.jwt_lifetime_s),
        passwords=Passwords(settings.password_hash_workers),
        sessions=SessionStore(engine),
        live=LiveByHand(),
        pins=Pins.load_or_create(settings.data_dir),
    )


@dataclass
class Stage:
    """An app with a client that needs no socket, and shortcuts to what tests begin with."""

    services: Services
    app: FastAPI
    client: httpx.AsyncClient

    @property
    def live(self) -> LiveByHand:
        assert isinstance(self.services.live, LiveByHand)
        return self.services.live

    @property
    def store(self) -> Store:
        return self.services.store

    async def recruiter(self, name: str = "Acme") -> Account:
        """A recruiter of a new organisation, who signs in with PASSWORD."""
        return await self.store.accounts.create_organisation(
            name,
            email=f"{uuid4().hex[:12]}@viva.example",
            password_hash=CHEAP_HASH,
            user_name="Rita Recruiter",
            role="recruiter",
        )

    def headers(self, account: Account) -> dict[str, str]:
        """What a request of this recruiter carries."""
        token = self.services.tokens.issue(
            account.id, account.organisation_id, account.role, account.sign_outs
        )
        return {"Authorization": f"Bearer {token}"}

    async def interview(
        self, account: Account, candidate: str = "Ada", lifetime_s: int = 3600
    ) -> tuple[Interview, str]:
        """An interview on the demo plan, and its join token."""
        plan = demo_plan()
        stored = await self.store.plans.create(
            account.organisation_id, plan.title, plan.model_dump(mode="json"), account.id
        )
        new = NewInterview(stored, candidate, None, "en", 900)
        return await self.store.interviews.create(
            account.organisation_id, new, lifetime_s, account.id
        )


@asynccontextmanager
async def open_stage(engine: AsyncEngine, settings: Settings) -> AsyncIterator[Stage]:
    """A stage for as long as the block lasts."""
    services = make_services(engine, settings)
    app = create_app(services)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield Stage(services, app, client)
    services.passwords.close()
