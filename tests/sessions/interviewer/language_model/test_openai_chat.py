"""OpenAI chat: the request, the reply, and that the model can be closed."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage

from sessions.interviewer.language_model.completion_stream import CompletionError
from sessions.interviewer.language_model.openai_chat import (
    MAX_REPLY_TOKENS,
    ChatCompletions,
    OpenAIChat,
)
from tests.support.openai_double import OpenAIDouble

PROMPT = [
    SystemMessage("You interview.", additional_kwargs={"note": "stays at home"}),
    HumanMessage("Hello."),
    AIMessage("Hi, what do you do?"),
    HumanMessage([{"type": "text", "text": "I code."}]),
]


@asynccontextmanager
async def chat(double: OpenAIDouble, **options: Any) -> AsyncIterator[OpenAIChat]:
    client = ChatCompletions("sk-test", double.base_url, max_retries=0)
    model = OpenAIChat(client=client, model_name="gpt-5.4-mini", **options)
    try:
        yield model
    finally:
        await model.close()


async def test_messages_become_roles_and_texts() -> None:
    async with OpenAIDouble() as double, chat(double) as model:
        await model.ainvoke(PROMPT)
        body = double.chats[0].body
        assert body["model"] == "gpt-5.4-mini"
        assert body["messages"] == [
            {"role": "system", "content": "You interview."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hi, what do you do?"},
            {"role": "user", "content": "I code."},
        ]
        assert "temperature" not in body
        assert "stop" not in body


async def test_options_go_along() -> None:
    async with OpenAIDouble() as double, chat(double, temperature=0.3) as model:
        await model.bind(seed=7).ainvoke(PROMPT, stop=["END"])
        body = double.chats[0].body
        assert (body["temperature"], body["stop"], body["seed"]) == (0.3, ["END"], 7)


async def test_a_reply_is_bounded_without_the_parameter_that_is_gone() -> None:
    async with OpenAIDouble() as double, chat(double, effort="none") as model:
        await model.ainvoke(PROMPT)
        body = double.chats[0].body
        assert body["max_completion_tokens"] == MAX_REPLY_TOKENS
        assert "max_tokens" not in body
        assert body["reasoning_effort"] == "none"


async def test_a_reply_streams_with_its_tokens_counted() -> None:
    async with OpenAIDouble() as double, chat(double) as model:
        double.reply_to = lambda _messages: "One two three."
        whole: AIMessageChunk | None = None
        async for chunk in model.astream(PROMPT):
            whole = chunk if whole is None else whole + chunk
        assert whole is not None
        assert whole.text == "One two three."
        assert whole.usage_metadata is not None
        assert whole.usage_metadata["output_tokens"] == 3


async def test_half_a_character_in_an_event_costs_no_reply() -> None:
    async with OpenAIDouble() as double, chat(double) as model:
        double.reply_to = lambda _messages: "One \ud83d two."
        text = (await model.ainvoke(PROMPT)).text
        assert text.replace("\ud83d", "").split() == ["One", "two."]


async def test_a_fault_is_the_clients_own() -> None:
    async with OpenAIDouble() as double, chat(double) as model:
        double.fail("chat", "503")
        with pytest.raises(CompletionError) as failed:
            await model.ainvoke(PROMPT)
        assert failed.value.status_code == 503


async def test_a_stream_that_is_given_up_can_be_followed_by_another() -> None:
    async with OpenAIDouble(token_ms=60_000) as double, chat(double) as model:
        stream = cast("AsyncGenerator[AIMessageChunk, None]", model.astream(PROMPT))
        async with aclosing(stream) as chunks:
            assert (await anext(chunks)).text == "Thank"
        double.token_ms = 0
        assert (await model.ainvoke(PROMPT)).text == "Thank you. Please go on."
