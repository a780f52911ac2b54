"""Chat models by name: what is built, what is said where it cannot be, a provider's own wire."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from sessions.interviewer.language_model.chat_models import chat_model, provider_error
from sessions.interviewer.language_model.completion_stream import CompletionError
from sessions.interviewer.language_model.fallback import FallbackInterviewer
from sessions.interviewer.language_model.langchain import model_interviewer
from sessions.interviewer.language_model.openai_chat import OpenAIChat
from sessions.interviewer.protocol import InterviewerError, Move, MoveKind, Usage
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from tests.fakes.azure_openai import azure_openai
from tests.sessions.interview import Interview
from tests.support.openai_double import OpenAIDouble

PLAN = demo_plan()
REPLY = "[[ask background]] Hello! What do you work on?"


def test_a_missing_key_is_told_in_a_sentence() -> None:
    with pytest.raises(InterviewerError, match="set OPENAI_API_KEY"):
        chat_model("openai:gpt-5.4-mini")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mistralai:mistral-small", "uv add langchain-mistralai"),
        ("nonsense:model", "cannot be set up"),
        ("azure_openai:gpt-5.4", "cannot be set up"),
    ],
)
def test_a_model_that_cannot_be_built_is_told_in_a_sentence(name: str, problem: str) -> None:
    with pytest.raises(InterviewerError, match=problem) as caught:
        chat_model(name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "effort", "temperature"),
    [
        ("openai:gpt-6-luna", "", "none", 0.3),
        ("openai:gpt-6.1-terra", "", "none", 0.3),
        ("openai:gpt-6.2-sol", "", "low", None),
        ("openai:gpt-6-luna", "medium", "medium", None),
        ("openai:qwen3", "", "", 0.3),
    ],
)
async def test_live_talk_asks_for_as_little_thinking_as_the_model_allows(
    name: str, given: str, effort: str, temperature: float | None
) -> None:
    model = chat_model(name, temperature=0.3, effort=given, api_key="sk-test")
    assert isinstance(model, OpenAIChat)
    assert (model.effort, model.temperature) == (effort, temperature)
    await model.close()


@pytest.mark.parametrize(
    ("status", "problem", "retryable"),
    [
        (401, "does not accept the key", False),
        (404, "not known", False),
        (400, "refused the request", False),
        (429, "rate limit", True),
        (503, "HTTP 503", True),
    ],
)
def test_a_providers_status_becomes_a_sentence(status: int, problem: str, retryable: bool) -> None:
    class StatusError(Exception):
        status_code = status

    error = provider_error("openai:x", StatusError())
    assert problem in str(error)
    assert error.retryable is retryable


def test_what_our_own_client_says_becomes_a_sentence() -> None:
    error = provider_error("openai:x", CompletionError("sent a reply that cannot be read"))
    assert str(error) == "The language model openai:x sent a reply that cannot be read."
    assert error.retryable


# --- a provider that init_chat_model builds, over its own wire --------------------------------


AZURE = "azure_openai:interviews"
"""Of the providers whose package comes with Viva, the one that is not our own client's."""


@pytest.fixture
async def azure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIDouble]:
    async with azure_openai(monkeypatch) as double:
        double.reply_to = lambda _messages: REPLY
        yield double


def over_azure() -> FallbackInterviewer:
    return model_interviewer(AZURE, temperature=0.4, max_retries=0, first_token_timeout_s=5.0)


async def test_a_reply_comes_through_a_langchain_provider(azure: OpenAIDouble) -> None:
    interviewer = over_azure()
    await interviewer.warm_up()
    reply = await Interview(PLAN, interviewer).open()
    assert reply.move == Move(MoveKind.ASK, "background")
    assert reply.text == "Hello! What do you work on?"
    (request,) = azure.chats
    tokens = sum(len(str(message["content"]).split()) for message in request.body["messages"])
    assert reply.usage == Usage(AZURE, tokens, len(REPLY.split()))
    path = f"{azure.azure_endpoint}/openai/deployments/interviews/chat/completions"
    assert request.url == f"{path}?api-version=2026-09-01"
    assert request.authorization == "azure-test"
    assert request.body["stream"] is True
    assert request.body["temperature"] == 0.4
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    assert set(request.body["messages"][0]) == {"role", "content"}, "the dialogue state stays here"
    await interviewer.close()


@pytest.mark.parametrize("mode", ["401", "429", "500", "garbage"])
async def test_a_langchain_provider_that_fails_costs_the_candidate_no_turn(
    azure: OpenAIDouble, mode: str
) -> None:
    interviewer = over_azure()
    await interviewer.warm_up()
    azure.fail("chat", mode)
    reply = await Interview(PLAN, interviewer).open()
    assert len(azure.chats) == 1
    assert reply.move == Move(MoveKind.ASK, "background")
    assert reply.usage is not None
    assert reply.usage.model == "scripted"


async def test_a_reply_of_a_langchain_provider_can_be_closed_in_the_middle(
    azure: OpenAIDouble,
) -> None:
    interviewer = over_azure()
    await interviewer.warm_up()
    azure.token_ms = 5.0
    azure.reply_to = lambda _messages: f"[[ask background]] Hello! {'And so on. ' * 2_000}"
    opening = Interview(PLAN, interviewer).conversation(Cause.OPENING)
    async with aclosing(interviewer.reply(opening)) as parts:
        assert [await anext(parts), await anext(parts)] == [
            Move(MoveKind.ASK, "background"),
            "Hello!",
        ]
