"""Provider chat: a model of another provider's package, with what all our models have in common.

LangChain's `init_chat_model` builds the model inside. Added are what OpenAI's has of its own: a
parameter that is refused is learnt and left out, what a call used is reported, thinking is turned
off where the provider has a switch for it, and the connections can be closed.
"""

import contextlib
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, PrivateAttr

from audio.metering import Consumption, Service, report
from sessions.interviewer.language_model import token_estimates
from sessions.interviewer.language_model.learnt_refusals import (
    SYSTEM_ROLE,
    Changes,
    change_for,
    learn,
    learnt,
)
from sessions.interviewer.language_model.refusals import REFUSED_STATUSES, refused_options

HOSTS = {
    "anthropic": ("ANTHROPIC_BASE_URL", "api.anthropic.com"),
    "azure_openai": ("AZURE_OPENAI_ENDPOINT", "azure"),
    "google_genai": ("GOOGLE_GEMINI_BASE_URL", "generativelanguage.googleapis.com"),
    "ollama": ("OLLAMA_HOST", "127.0.0.1:11434"),
}
"""Variable with a provider's address, and its host where that is not set."""


def thinking_options(provider: str, effort: str) -> dict[str, Any]:
    """Return the parameter with which a provider is told how much to think; none if it has none.

    `effort` "" stands for as little as the provider can be told for any of its models.
    """
    off = effort in ("", "none")
    match provider:
        case "azure_openai":  # a deployment's name does not say which model it is
            return {"reasoning_effort": effort} if effort else {}
        case "google_genai":
            return {"thinking_budget": 0} if off else {"reasoning_effort": effort}
        case "ollama":
            return {"reasoning": False if off else effort}
    return {}


class ProviderChat(BaseChatModel):
    """Chat model over one that LangChain builds, for use from an event loop.

    Raises what the provider's package raises.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name_there: str
    """Name as init_chat_model takes it: provider:model."""

    options: dict[str, Any]
    """Parameters of the model: temperature, thinking, retries."""

    optional: frozenset[str]
    """Parameters that it can do without."""

    _inner: BaseChatModel = PrivateAttr()
    _changes: Changes = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Build the model; what it raises for a missing package or key passes through."""
        self._changes = dict(learnt(self.server, self.name_there))
        self._inner = self._built()

    @property
    def server(self) -> str:
        """Host of the provider."""
        variable, host = HOSTS.get(self._provider, ("", self._provider))
        address = os.environ.get(variable, "") if variable else ""
        return urlsplit(address).netloc.rpartition("@")[2] or address or host

    async def close(self) -> None:
        """Close the connections, as far as the package lets one."""
        await _close(self._inner)

    @property
    def _provider(self) -> str:
        return self.name_there.partition(":")[0].replace("-", "_").lower()

    @property
    def _llm_type(self) -> str:
        return "provider-chat"

    def _built(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        # What is left out is told as None: some packages have values of their own else.
        given = self.options | {n: v for n, v in self._changes.items() if n in self.options}
        return cast("BaseChatModel", init_chat_model(self.name_there, **given))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("This model is for an event loop: call astream.")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, run_manager, **kwargs))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        while True:
            used = _Tally(self.server, self.name_there, messages)
            try:
                asked = without_system_role(messages) if SYSTEM_ROLE in self._changes else messages
                stream = cast(
                    "AsyncGenerator[AIMessageChunk, None]",
                    self._inner.astream(asked, stop=stop, **kwargs),
                )
                async with aclosing(stream) as chunks:
                    async for chunk in chunks:
                        if not used.begun:
                            learn(self.server, self.name_there, self._changes)
                        used.add(chunk)
                        yield ChatGenerationChunk(message=chunk)
                return
            except Exception as error:  # each provider's client raises types of its own
                if used.begun or not self._adapt(messages, error):
                    raise
            finally:
                used.report()

    def _adapt(self, messages: list[BaseMessage], error: Exception) -> bool:
        """Change what a refusal is about; return whether there is anything to try anew."""
        status, body = status_of(error), _body_of(error)
        if status not in REFUSED_STATUSES:
            return False
        asked = {
            **{name: value for name, value in self.options.items() if name in self.optional},
            "messages": [{"role": m.type, "content": m.text} for m in messages],
        }
        if SYSTEM_ROLE in self._changes:
            asked["messages"] = []
        left = {name: v for name, v in asked.items() if self._changes.get(name, "") is not None}
        words = body.decode("utf-8", "replace")
        refused = {name: change_for(name, left, words) for name in refused_options(left, body)}
        if not refused:
            return False
        # A parameter is changed once, and then left out: this ends.
        self._changes |= {n: None if n in self._changes else to for n, to in refused.items()}
        self._inner = self._built()  # packages share connections: the one before is not closed
        return True


def without_system_role(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Return messages with the instructions in front of the first one of the user."""
    system = [m.text for m in messages if isinstance(m, SystemMessage)]
    rest = [m for m in messages if not isinstance(m, SystemMessage)]
    if not system:
        return rest
    if not rest or not isinstance(rest[0], HumanMessage):
        return [HumanMessage("\n\n".join(system)), *rest]
    return [HumanMessage("\n\n".join([*system, rest[0].text])), *rest[1:]]


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status that an exception carries, or the one that it comes from."""
    seen: BaseException | None = error
    for _ in range(4):
        for name in ("status_code", "code"):
            status = getattr(seen, name, None)
            if isinstance(status, int) and 100 <= status < 600:
                return status
        seen = seen.__cause__ if seen is not None else None
        if seen is None:
            break
    return None


# --- helpers ----------------------------------------------------------------------------------


class _Tally:
    """Tally of what one call used."""

    def __init__(self, server: str, model: str, messages: list[BaseMessage]) -> None:
        self.begun = False
        self._server = server
        self._model = model
        self._asked = sum(len(message.text) for message in messages)
        self._written = self._input = self._cached = self._output = 0
        self._over = False

    def add(self, chunk: AIMessageChunk) -> None:
        """Take a piece of the reply."""
        self.begun = True
        self._written += len(chunk.text)
        if chunk.usage_metadata is None:
            return
        self._input += chunk.usage_metadata["input_tokens"]
        self._output += chunk.usage_metadata["output_tokens"]
        details = chunk.usage_metadata.get("input_token_details") or {}
        self._cached += details.get("cache_read") or 0

    def report(self) -> None:
        """Report the call to the meter: what is not counted yet is estimated."""
        if not self.begun:
            return
        asked, written = token_estimates.estimated(
            self._server, self._model, self._asked, self._written
        )
        if self._input and self._output:
            token_estimates.counted(
                self._server,
                self._model,
                (self._asked, self._input),
                (self._written, self._output),
            )
        report(
            Consumption(
                Service.LANGUAGE,
                self._server,
                self._model,
                input_tokens=self._input or asked,
                cached_tokens=self._cached,
                output_tokens=self._output or written,
            )
        )


_MODULES_THAT_KEEP_CLIENTS = (
    "langchain_anthropic._client_utils",
    "langchain_openai.chat_models._client_utils",
)


def _body_of(error: BaseException) -> bytes:
    body = getattr(error, "body", None)
    return orjson.dumps(body) if isinstance(body, dict | list) else str(error).encode()


async def _close(model: BaseChatModel) -> None:
    """Close a model's clients, by whichever name its package has them.

    Some packages keep clients for all models to come: they are made to forget these.
    """
    for module in map(sys.modules.get, _MODULES_THAT_KEEP_CLIENTS):
        for kept in vars(module).values() if module is not None else ():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    parts: list[Any] = [model]
    for name in ("root_async_client", "root_client", "_async_client", "_client"):
        with contextlib.suppress(Exception):
            parts.append(getattr(model, name))
    for part in parts:
        for name in ("aclose", "close"):
            closing = getattr(part, name, None)
            if callable(closing):
                with contextlib.suppress(Exception):  # it was closed, or never opened
                    result = closing()
                    if hasattr(result, "__await__"):
                        await result
                break
