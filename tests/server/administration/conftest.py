"""A stage for each test of administration: an empty real database, an app, a client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.server.stage import Stage, make_settings, open_stage


@pytest.fixture
async def stage(clean_database: AsyncEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(clean_database, make_settings(tmp_path)) as opened:
        yield opened
