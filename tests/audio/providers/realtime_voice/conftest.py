"""A double and a voice for each test of the Realtime voice."""

from collections.abc import AsyncIterator

import pytest

from tests.support.openai_double import OpenAIDouble


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    """Of OpenAI's API."""
    async with OpenAIDouble() as double:
        yield double
