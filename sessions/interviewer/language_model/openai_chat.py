"""OpenAI chat: a LangChain chat model over a lean client of our own, for the OpenAI API.

LangChain's ChatOpenAI does far more than an interviewer needs, at three times the CPU, and its
connections cannot be closed. This model streams text, counts tokens, and can be closed.
"""

import asyncio
import json
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from audio.providers.retrying import retry_after_s
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

MAX_EVENT_BYTES = 1_000_000
"""Length of one event of the stream at most; it holds a few words."""

MAX_ERROR_BYTES = 20_000
"""Length of an error's body that is read for its reason."""

_random = random.SystemRandom()


class CompletionError(Exception):
    """Failure of the provider to complete a reply.

    The text continues a sentence that begins with the model's name ("cannot be reached");
    `status_code` is the HTTP status of a refusal, None where there was none; `reason` the
    provider's own words, "" where there are none or they quote the request.
    """

    def __init__(self, fault: str, status_code: int | None = None, reason: str = "") -> None:
        super().__init__(fault)
        self.status_code = status_code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CompletionChunk:
    """Chunk of a completion: what has come at once."""

    text: str = ""
    """Text of the reply; "" for none."""

    input_tokens: int = 0
    """Tokens of the prompt, in the chunk that reports them."""

    output_tokens: int = 0
    """Tokens of the reply, in the chunk that reports them."""


class ChatCompletions:
    """Client of /chat/completions. To make one reads certificates (40 ms), but does not connect.

    `base_url` is None for OpenAI itself. Refused and failed requests are tried again `max_retries`
    times (connection lost, 408, 409, 429 except an empty account, 5xx), as long as nothing of the
    reply has come. A parameter that the server does not take is left out from then on.
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
        self._refused: frozenset[str] = frozenset()
        self._client = httpx.AsyncClient(
            headers=_headers(api_key),
            limits=httpx.Limits(
                max_connections=1_000, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE_S
            ),
            timeout=STALL_S,
            follow_redirects=True,
        )

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[CompletionChunk, None]:
        """Stream the completion of a request's `body`. Raises CompletionError."""
        request = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self._response(request) as response:
            finished = False
            stream = _EventStream()
            try:
                async for data in response.aiter_bytes():
                    text: list[str] = []
                    for event in map(_event, stream.feed(data)):
                        if event is None:
                            finished = True
                            continue
                        finished = _append_text(event, text) or finished
                        if usage := event.get("usage"):
                            yield CompletionChunk("", *_tokens_in(usage))
                    if text:
                        yield CompletionChunk("".join(text))
            except (httpx.HTTPError, httpx.StreamError):
                raise CompletionError("broke off in the middle of a reply") from None
        if not finished:
            raise CompletionError("broke off in the middle of a reply")

    async def close(self) -> None:
        """Close all connections, those in use too."""
        await self._client.aclose()

    @asynccontextmanager
    async def _response(self, asked: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        """Return the response whose body is the reply."""
        tried = 0
        left_out = self._refused
        while True:
            wait_s: float | None = 0.0
            body = {name: value for name, value in asked.items() if name not in left_out}
            try:
                request = self._client.build_request("POST", self._url, content=orjson.dumps(body))
                response = await self._client.send(request, stream=True)
            except httpx.HTTPError:
                error = CompletionError("cannot be reached")
            else:
                try:
                    if response.is_success:
                        self._refused |= left_out
                        yield response
                        return
                    error, wait_s, options = await _refusal(response, body)
                finally:
                    await response.aclose()
                if options:  # each of them is left out once, so this ends
                    left_out |= options
                    continue
            if wait_s is None or tried == self._max_retries:
                raise error
            pause = self._retry_pause_s * 2**tried * _random.uniform(0.5, 1.0)
            await asyncio.sleep(wait_s + pause)
            tried += 1


class _EventStream:
    """Parser of server-sent events (WHATWG HTML, 9.2.6), however the bytes are cut.

    OpenAI and servers like it send one line of data an event.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take more bytes; yield the data of the events that are complete now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_EVENT_BYTES:
            raise CompletionError("sent a reply that cannot be read")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
            elif line.startswith(b"<"):  # a page of a proxy in between
                raise CompletionError("sent a reply that cannot be read")


def _event(data: bytes) -> dict[str, Any] | None:
    """Parse one event; None is the end. Raises CompletionError, also for an error in an event."""
    if data == b"[DONE]":
        return None
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:  # perhaps of an emoji that is cut between two events
        event = _lenient(data)
    if not isinstance(event, dict):
        raise CompletionError("sent a reply that cannot be read")
    if event.get("error"):
        raise CompletionError("reported a fault in the middle of a reply")
    return event


def _lenient(data: bytes) -> Any:
    """Parse JSON that may hold halves of surrogate pairs; None if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _append_text(event: dict[str, Any], text: list[str]) -> bool:
    """Append the text of an event; return whether it says that the reply is over."""
    try:
        for choice in event.get("choices") or ():
            content = choice["delta"].get("content")
            if isinstance(content, str) and content:
                text.append(content)
            if choice.get("finish_reason"):
                return True
    except (AttributeError, KeyError, TypeError):
        raise CompletionError("sent a reply that cannot be read") from None
    return False


def _tokens_in(usage: Any) -> tuple[int, int]:
    try:
        return int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (KeyError, TypeError, ValueError):
        return 0, 0


async def _refusal(
    response: httpx.Response, asked: Mapping[str, Any]
) -> tuple[CompletionError, float | None, frozenset[str]]:
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
        return error, None, options
    if status < 500 and status not in (408, 409, 429):
        return error, None, frozenset()
    if status == 429 and b"insufficient_quota" in body:
        return error, None, frozenset()
    wait_s = retry_after_s(response.headers) or 0.0
    return error, wait_s if wait_s <= MAX_RETRY_WAIT_S else None, frozenset()


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
        }
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if stop:
            body["stop"] = stop
        return body | options


def _message(chunk: CompletionChunk) -> AIMessageChunk:
    total = chunk.input_tokens + chunk.output_tokens
    usage = (
        UsageMetadata(
            input_tokens=chunk.input_tokens, output_tokens=chunk.output_tokens, total_tokens=total
        )
        if total
        else None
    )
    return AIMessageChunk(content=chunk.text, usage_metadata=usage)
