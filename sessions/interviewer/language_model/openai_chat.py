"""OpenAI chat: a LangChain chat model over a lean client of our own, for the OpenAI API.

LangChain's ChatOpenAI does far more than an interviewer needs, at three times the CPU, and its
connections cannot be closed. This model streams text, counts tokens, and can be closed.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from audio.metering import Consumption, Service, report
from audio.providers.retrying import retry_after_s
from sessions.interviewer.language_model import token_estimates
from sessions.interviewer.language_model.completion_stream import (
    CompletionChunk,
    CompletionError,
    CompletionStream,
)
from sessions.interviewer.language_model.learnt_refusals import (
    Changes,
    applied,
    change_for,
    learn,
    learnt,
)
from sessions.interviewer.language_model.refusals import (
    REFUSED_STATUSES,
    reason_in,
    refused_options,
    without_words_of,
)

OPENAI_URL = "https://api.openai.com/v1"

KEEP_ALIVE_S = 60.0
"""Time for which an unused connection stays open: longer than an answer, so that a turn does not
begin with a TLS handshake."""

STALL_S = 30.0
"""Time without data after which a connection is given up, for callers without a deadline."""

RETRY_PAUSE_S = 0.25
"""Pause before the first retry, twice that before the second; jittered by half. The first text must
be there within seconds, or the scripted interviewer steps in."""

MAX_RETRY_WAIT_S = 4.0
"""Retry-After above which a reply is not tried again."""

MAX_REPLY_TOKENS = 1_500
"""Tokens of a reply at most, thoughts included: what runs away is not paid for without end."""

MAX_ERROR_BYTES = 20_000
"""Length of an error's body that is read for its reason."""

_random = random.SystemRandom()


class ChatCompletions:
    """Client of /chat/completions. To make one reads certificates (40 ms), but does not connect.

    `base_url` is None for OpenAI itself. Refused and failed requests are tried again `max_retries`
    times (connection lost, 408, 409, 429 except an empty account, 5xx), as long as nothing of the
    reply has come. A parameter that the server does not take is left out from
    then on, by all clients.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        *,
        max_retries: int = 2,
        retry_pause_s: float = RETRY_PAUSE_S,
    ) -> None:
        self._url = f"{(base_url or OPENAI_URL).rstrip('/')}/chat/completions"
        self._max_retries = max_retries
        self._retry_pause_s = retry_pause_s
        self._server = urlsplit(self._url).netloc.rpartition("@")[2]
        self._client = httpx.AsyncClient(
            headers=_headers(api_key),
            limits=httpx.Limits(
                max_connections=1_000, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE_S
            ),
            timeout=STALL_S,
            follow_redirects=True,
        )

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[CompletionChunk, None]:
        """Stream the completion of a request's `body`. Raises CompletionError.

        What it used is reported to the meter, also of a reply that is given up.
        """
        request = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self._response(request) as response:
            stream = CompletionStream()
            written = 0
            try:
                async for data in response.aiter_bytes():
                    if text := stream.feed(data):
                        written += len(text)
                        yield CompletionChunk(text)
                if text := stream.flush():
                    written += len(text)
                    yield CompletionChunk(text)
                if stream.usage is not None:
                    yield stream.usage
            except (httpx.HTTPError, httpx.StreamError):
                raise CompletionError("broke off in the middle of a reply") from None
            finally:
                self._report(request, written, stream.usage)
        if not stream.finished:
            raise CompletionError("broke off in the middle of a reply")

    def _report(
        self, request: Mapping[str, Any], written: int, usage: CompletionChunk | None
    ) -> None:
        model = str(request.get("model", ""))
        asked = sum(len(str(message.get("content", ""))) for message in request["messages"])
        if usage is not None:
            token_estimates.counted(
                self._server,
                model,
                (asked, usage.input_tokens),
                (written, usage.output_tokens),
            )
        else:
            usage = CompletionChunk(
                "", *token_estimates.estimated(self._server, model, asked, written)
            )
        report(
            Consumption(
                Service.LANGUAGE,
                self._server,
                model,
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            )
        )

    async def close(self) -> None:
        """Close all connections, those in use too."""
        await self._client.aclose()

    @asynccontextmanager
    async def _response(self, asked: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        """Return the response whose body is the reply."""
        tried = 0
        model = str(asked.get("model", ""))
        changes: Changes = dict(learnt(self._server, model))
        while True:
            wait_s: float | None = 0.0
            body = applied(asked, changes)
            try:
                request = self._client.build_request("POST", self._url, content=orjson.dumps(body))
                response = await self._client.send(request, stream=True)
            except asyncio.CancelledError:
                self._report(asked, 0, None)  # it was received, and is worked on all the same
                raise
            except httpx.HTTPError:
                error = CompletionError("cannot be reached")
            else:
                try:
                    if response.is_success:
                        learn(self._server, model, changes)
                        yield response
                        return
                    error, wait_s, refused = await _refusal(response, body)
                finally:
                    await response.aclose()
                if refused:
                    # A parameter is changed once, and then left out: this ends.
                    changes |= {n: None if n in changes else to for n, to in refused.items()}
                    continue
            if wait_s is None or tried == self._max_retries:
                raise error
            pause = self._retry_pause_s * 2**tried * _random.uniform(0.5, 1.0)
            await asyncio.sleep(wait_s + pause)
            tried += 1


async def _refusal(
    response: httpx.Response, asked: Mapping[str, Any]
) -> tuple[CompletionError, float | None, Changes]:
    """Return what an error status means, the wait before the retry, and what to leave out of it.

    The wait is None if there is none.
    """
    status = response.status_code
    try:
        body = (await response.aread())[:MAX_ERROR_BYTES]
    except httpx.HTTPError:
        body = b""
    reason = without_words_of(asked, reason_in(body))
    error = CompletionError(f"answered with HTTP {status}", status, reason)
    if status in REFUSED_STATUSES and (options := refused_options(asked, body)):
        words = body.decode("utf-8", "replace")
        return error, None, {name: change_for(name, asked, words) for name in options}
    if status < 500 and status not in (408, 409, 429):
        return error, None, {}
    if status == 429 and b"insufficient_quota" in body:
        return error, None, {}
    wait_s = retry_after_s(response.headers) or 0.0
    return error, wait_s if wait_s <= MAX_RETRY_WAIT_S else None, {}


def _headers(api_key: str) -> dict[str, str]:
    """Return the headers that OpenAI's own client sends, the last two from the environment."""
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    for header, variable in (
        ("OpenAI-Organization", "OPENAI_ORG_ID"),
        ("OpenAI-Project", "OPENAI_PROJECT_ID"),
    ):
        if value := os.environ.get(variable):
            headers[header] = value
    return headers


ROLES = {"system": "system", "human": "user", "ai": "assistant"}
"""OpenAI's role for each of LangChain's types of messages."""


class OpenAIChat(BaseChatModel):
    """Chat model over a `ChatCompletions` client, for use from an event loop.

    Options of a call go into the request's body. Raises CompletionError.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: ChatCompletions
    """Client; `close` closes it."""

    model_name: str
    """Name of the model at the provider."""

    temperature: float | None = None
    """Temperature of the sampling; None for the provider's own."""

    effort: str = ""
    """Reasoning effort, such as "none"; "" for the model's own."""

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()

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
        async with aclosing(self.client.stream(self._body(messages, stop, kwargs))) as chunks:
            async for chunk in chunks:
                yield ChatGenerationChunk(message=_message(chunk))

    def _body(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model_name,
            "messages": [{"role": ROLES[m.type], "content": m.text} for m in messages],
            "max_completion_tokens": MAX_REPLY_TOKENS,
        }
        if self.effort:
            body["reasoning_effort"] = self.effort
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if stop:
            body["stop"] = stop
        return body | options


def _message(chunk: CompletionChunk) -> AIMessageChunk:
    total = chunk.input_tokens + chunk.output_tokens
    usage = (
        UsageMetadata(
            input_tokens=chunk.input_tokens,
            output_tokens=chunk.output_tokens,
            total_tokens=total,
            input_token_details=InputTokenDetails(cache_read=chunk.cached_tokens),
        )
        if total
        else None
    )
    return AIMessageChunk(content=chunk.text, usage_metadata=usage)
