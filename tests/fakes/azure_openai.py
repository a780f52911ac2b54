"""Azure OpenAI on loopback, set up as its LangChain package reads the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain.chat_models import base as chat_models

from tests.support.openai_double import OpenAIDouble


@asynccontextmanager
async def azure_openai(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIDouble]:
    """Serve it. The package keeps its connections for as long as the process lives: in a test
    they are closed."""
    built: list[Any] = []

    def recorded(*args: Any, **kwargs: Any) -> Any:
        built.append(chat_models.init_chat_model(*args, **kwargs))
        return built[-1]

    monkeypatch.setattr("langchain.chat_models.init_chat_model", recorded)
    async with OpenAIDouble() as double:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", double.azure_endpoint)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-test")
        monkeypatch.setenv("OPENAI_API_VERSION", "2026-09-01")
        try:
            yield double
        finally:
            for model in built:
                await model.root_async_client.close()
                model.root_client.close()
