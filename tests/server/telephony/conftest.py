"""A server with a Twilio account, and Twilio."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.settings import Settings
from sessions.session_context import Providers
from tests.fakes.twilio_calls import ACCOUNT, TOKEN, Twilio
from tests.server.edge import Edge, open_edge
from tests.server.stage import make_settings

AHEAD_MS = 60_000.0
"""A line that plays in no time is sent all there is."""


def phone_settings(data_dir: Path, **changes: Any) -> Settings:
    """Settings of a server that has an account."""
    values = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN}
    return make_settings(data_dir, **(values | changes))


@pytest.fixture
async def phone_edge(
    clean_database: AsyncEngine, database_url: str, local_providers: Providers, tmp_path: Path
) -> AsyncIterator[Edge]:
    """A whole server on an empty database, that takes calls."""
    settings = phone_settings(tmp_path)
    at_once = replace(local_providers, ahead_ms=AHEAD_MS)
    async with open_edge(settings, database_url, at_once) as opened:
        yield opened


@pytest.fixture
def twilio(phone_edge: Edge) -> Twilio:
    """The vendor of that server."""
    return Twilio(phone_edge.base_url, phone_edge.client)
