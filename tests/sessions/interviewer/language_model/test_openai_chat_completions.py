"""Client of chat completions: text, tokens, refusals, retries, and no socket left open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from audio.metering import METER, Consumption, Service
from sessions.interviewer.language_model.completion_stream import CompletionChunk, CompletionError
from sessions.interviewer.language_model.openai_chat import ChatCompletions
from tests.support.openai_double import OpenAIDouble

KEY = "sk-secret-key"
BODY = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Say hello."}]}
REPLY = "[[hold]] Hello there, dear candidate. How are you today?"


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        double.reply_to = lambda _messages: REPLY
        yield double


@asynccontextmanager
async def connected(double: OpenAIDouble, **options: Any) -> AsyncIterator[ChatCompletions]:
    client = ChatCompletions(KEY, double.base_url, retry_pause_s=0.001, **options)
    try:
        yield client
    finally:
        await client.close()


def connections_of(client: ChatCompletions) -> list[Any]:
    """Those that are open."""
    transport: Any = client._client._transport
    return list(transport._pool.connections)


async def completed(client: ChatCompletions) -> list[CompletionChunk]:
    return [piece async for piece in client.stream(BODY)]


async def failure(double: OpenAIDouble, mode: str, **options: Any) -> CompletionError:
    double.fail("chat", mode)
    async with connected(double, **options) as client:
        with pytest.raises(CompletionError) as failed:
            await completed(client)
    assert KEY not in f"{failed.value!r} {failed.value.__cause__!r}"
    return failed.value


async def test_text_comes_as_it_is_written_and_the_tokens_are_counted(double: OpenAIDouble) -> None:
    async with connected(double) as client:
        pieces = await completed(client)
    assert "".join(piece.text for piece in pieces) == REPLY
    assert pieces[-1] == CompletionChunk("", 2, 9)
    (asked,) = double.chats
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.body == BODY | {"stream": True, "stream_options": {"include_usage": True}}


async def test_the_first_words_do_not_wait_for_the_last(double: OpenAIDouble) -> None:
    double.token_ms = 60_000
    async with connected(double) as client, aclosing(client.stream(BODY)) as pieces:
        assert await anext(pieces) == CompletionChunk("[[hold]]")


async def test_one_connection_serves_reply_after_reply(double: OpenAIDouble) -> None:
    async with connected(double) as client:
        await completed(client)
        (first,) = connections_of(client)
        for _ in range(3):
            await completed(client)
        assert connections_of(client) == [first]


@pytest.mark.parametrize(
    ("mode", "status", "tries"),
    [
        ("400", 400, 1),
        ("401", 401, 1),
        ("404", 404, 1),
        ("408", 408, 3),
        ("429", 429, 3),
        ("quota", 429, 1),
        ("500", 500, 3),
        ("503", 503, 3),
    ],
)
async def test_a_refusal_tells_its_status_and_is_retried_where_that_helps(
    double: OpenAIDouble, mode: str, status: int, tries: int
) -> None:
    error = await failure(double, mode)
    assert error.status_code == status
    assert len(double.chats) == tries


@pytest.mark.parametrize(
    ("mode", "words"), [("garbage", "cannot be read"), ("cut", "broke off in the middle")]
)
async def test_a_broken_reply_is_told_and_not_asked_for_again(
    double: OpenAIDouble, mode: str, words: str
) -> None:
    error = await failure(double, mode)
    assert words in str(error)
    assert error.status_code is None
    assert len(double.chats) == 1


async def test_a_fault_that_passes_is_never_noticed(double: OpenAIDouble) -> None:
    double.fail("chat", "503", times=2)
    async with connected(double) as client:
        assert "".join(piece.text for piece in await completed(client)) == REPLY


async def test_nobody_waits_longer_than_a_candidate_would(double: OpenAIDouble) -> None:
    double.retry_after_s = 60
    await failure(double, "429")
    assert len(double.chats) == 1


async def test_a_server_that_is_not_there_is_told(closed_port: int) -> None:
    client = ChatCompletions(KEY, f"http://127.0.0.1:{closed_port}/v1", retry_pause_s=0.001)
    with pytest.raises(CompletionError, match="cannot be reached"):
        await completed(client)
    await client.close()


@pytest.mark.parametrize("mode", ["hang", "stall", "drip"])
async def test_a_caller_who_gives_up_leaves_no_connection(double: OpenAIDouble, mode: str) -> None:
    double.fail("chat", mode)
    async with connected(double) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await completed(client)
        assert connections_of(client) == []


async def test_a_reply_that_is_closed_early_leaves_no_connection(double: OpenAIDouble) -> None:
    double.token_ms = 60_000
    async with connected(double) as client:
        async with aclosing(client.stream(BODY)) as pieces:
            await anext(pieces)
        assert connections_of(client) == []


async def test_closing_ends_a_reply_that_is_under_way(double: OpenAIDouble) -> None:
    double.token_ms = 60_000
    async with connected(double) as client, aclosing(client.stream(BODY)) as pieces:
        await anext(pieces)
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(CompletionError, match="broke off"):
            await waiting


# --- what is used ---------------------------------------------------------------------------------


async def used_by(double: OpenAIDouble, pieces: int | None = None) -> Consumption:
    """What is reported of one reply, of which so many pieces are taken (None: all)."""
    used: list[Consumption] = []
    token = METER.set(used.append)
    try:
        async with connected(double) as client, aclosing(client.stream(BODY)) as chunks:
            taken = 0
            async for _ in chunks:
                taken += 1
                if taken == pieces:
                    break
    finally:
        METER.reset(token)
    (call,) = used
    return call


async def test_a_call_is_reported_as_the_provider_counts_it(double: OpenAIDouble) -> None:
    call = await used_by(double)
    server = double.base_url.split("/")[2]
    assert call == Consumption(
        Service.LANGUAGE, server, "gpt-5.4-mini", input_tokens=2, output_tokens=9
    )


async def test_a_reply_that_is_thrown_away_is_reported_at_the_rate_of_the_last_one(
    double: OpenAIDouble,
) -> None:
    whole = await used_by(double)
    double.token_ms = 60_000
    cut = await used_by(double, pieces=1)
    assert cut.input_tokens == whole.input_tokens
    assert 0 < cut.output_tokens < whole.output_tokens


@pytest.mark.parametrize("mode", ["401", "500"])
async def test_a_call_that_is_refused_is_not_reported(double: OpenAIDouble, mode: str) -> None:
    used: list[Consumption] = []
    token = METER.set(used.append)
    try:
        await failure(double, mode, max_retries=0)
    finally:
        METER.reset(token)
    assert used == []
