"""Models of other providers, each over its own wire: what is said, used, refused and broken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from audio.metering import METER, Consumption
from sessions.interviewer.language_model.chat_models import chat_model
from sessions.interviewer.language_model.langchain import model_interviewer
from sessions.interviewer.language_model.learnt_refusals import all_learnt
from sessions.interviewer.language_model.provider_chat import (
    ProviderChat,
    thinking_options,
    without_system_role,
)
from sessions.interviewer.protocol import InterviewerError, Move, MoveKind, Usage
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from tests.sessions.interview import Interview
from tests.support.provider_wires import (
    ASKED,
    CACHED,
    THOUGHTS,
    WRITTEN,
    ProviderWire,
    anthropic,
    gemini,
    ollama,
    serving,
)

PLAN = demo_plan()
REPLY = "[[ask background]] Hello! What do you work on?"


@dataclass(frozen=True, slots=True)
class Provider:
    """One of them, and what its requests look like."""

    name: str
    wire: Callable[[], ProviderWire]
    address: str
    key: str
    path: str
    temperature: Callable[[dict[str, Any]], Any]
    cached: int


PROVIDERS = {
    "anthropic": Provider(
        "anthropic:claude-test", anthropic, "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY",
        "/v1/messages", lambda body: body.get("temperature"), CACHED,
    ),
    "google": Provider(
        "google_genai:gemini-test", gemini, "GOOGLE_GEMINI_BASE_URL", "GOOGLE_API_KEY",
        "/v1beta/models/gemini-test:streamGenerateContent?alt=sse",
        lambda body: body.get("generationConfig", {}).get("temperature"), CACHED,
    ),
    "ollama": Provider(
        "ollama:qwen3", ollama, "OLLAMA_HOST", "OLLAMA_API_KEY",
        "/api/chat", lambda body: body.get("options", {}).get("temperature"), 0,
    ),
}  # fmt: skip


@pytest.fixture(params=list(PROVIDERS.values()), ids=list(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> Provider:
    assert isinstance(request.param, Provider)
    return request.param


@pytest.fixture
async def wire(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProviderWire]:
    async with serving(provider.wire()) as served:
        served.reply = REPLY
        monkeypatch.setenv(provider.address, served.address)
        monkeypatch.setenv(provider.key, "key-test")
        yield served


async def opened(provider: Provider, **options: Any) -> Any:
    """The first reply of an interview over it."""
    interviewer = model_interviewer(
        provider.name,
        **{"temperature": 0.4, "max_retries": 0, "first_token_timeout_s": 5.0, **options},
    )
    try:
        await interviewer.warm_up()
        return await Interview(PLAN, interviewer).open()
    finally:
        await interviewer.close()


async def test_a_reply_comes_over_the_providers_own_wire_without_its_thoughts(
    provider: Provider, wire: ProviderWire
) -> None:
    used: list[Consumption] = []
    token = METER.set(used.append)
    try:
        reply = await opened(provider)
    finally:
        METER.reset(token)
    assert reply.move == Move(MoveKind.ASK, "background")
    assert reply.text == "Hello! What do you work on?"
    assert THOUGHTS not in reply.text
    assert reply.usage == Usage(provider.name, ASKED, WRITTEN)
    ((path, _, body),) = wire.asked
    assert path == provider.path
    assert provider.temperature(body) == 0.4
    (call,) = used
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (
        ASKED,
        provider.cached,
        WRITTEN,
    )
    assert (call.provider, call.model) == (wire.address.removeprefix("http://"), provider.name)


@pytest.mark.parametrize("mode", ["401", "404", "429", "500", "garbage"])
async def test_a_provider_that_fails_costs_the_candidate_no_turn(
    provider: Provider, wire: ProviderWire, mode: str
) -> None:
    wire.mode = mode
    reply = await opened(provider)
    assert reply.move == Move(MoveKind.ASK, "background")
    assert reply.usage.model == "scripted"


@pytest.mark.parametrize("mode", ["hang", "stall"])
async def test_a_provider_that_hangs_is_given_up(
    provider: Provider, wire: ProviderWire, mode: str
) -> None:
    wire.mode = mode
    reply = await opened(provider, first_token_timeout_s=0.3)
    assert reply.usage.model == "scripted"


async def test_a_reply_that_is_cut_off_is_said_so_far_and_then_told(
    provider: Provider, wire: ProviderWire
) -> None:
    wire.mode = "cut"
    wire.reply = f"[[ask background]] Hello! {'and so on ' * 12}"
    interviewer = model_interviewer(provider.name, max_retries=0, first_token_timeout_s=5.0)
    await interviewer.warm_up()
    said: list[str] = []
    opening = Interview(PLAN, interviewer).conversation(Cause.OPENING)

    async def listen() -> None:
        async for part in interviewer.reply(opening):
            said.extend([part] if isinstance(part, str) else [])

    with pytest.raises(InterviewerError):
        await listen()
    await interviewer.close()
    assert "".join(said).startswith("Hello!")
    assert THOUGHTS not in "".join(said)


async def test_a_reply_that_is_closed_early_is_reported_and_leaves_nothing_open(
    provider: Provider, wire: ProviderWire
) -> None:
    wire.reply = f"[[ask background]] Hello! {'And so on, with more words. ' * 20}"
    interviewer = model_interviewer(provider.name, max_retries=0, first_token_timeout_s=5.0)
    await interviewer.warm_up()
    used: list[Consumption] = []
    token = METER.set(used.append)
    opening = Interview(PLAN, interviewer).conversation(Cause.OPENING)
    try:
        async with aclosing(interviewer.reply(opening)) as parts:
            assert isinstance(await anext(parts), Move)
    finally:
        METER.reset(token)
    for _ in range(100):  # LangChain leaves the closing of what it streams to the event loop
        if not used:
            await asyncio.sleep(0)
    await interviewer.close()
    (call,) = used
    assert call.input_tokens > 0


async def test_a_parameter_that_a_provider_refuses_is_left_out_from_then_on(
    provider: Provider, wire: ProviderWire
) -> None:
    def refuse(body: dict[str, Any]) -> str:
        given = provider.temperature(body) is not None
        return "temperature is not supported by this model" if given else ""

    wire.refuse = refuse
    for _ in range(2):
        reply = await opened(provider)
        assert reply.usage.model == provider.name
    assert [provider.temperature(body) for _, _, body in wire.asked] == [0.4, None, None]
    assert set(all_learnt().values()) == {"temperature left out"}


async def test_a_template_without_a_system_role_gets_the_instructions_from_the_user(
    provider: Provider, wire: ProviderWire
) -> None:
    def refuse(body: dict[str, Any]) -> str:
        told = {"system", "systemInstruction"} & set(body)
        roles = [message["role"] for message in body.get("messages", ())]
        return "System role not supported" if told or "system" in roles else ""

    wire.refuse = refuse
    reply = await opened(provider)
    assert reply.usage.model == provider.name
    assert len(wire.asked) == 2


async def test_a_refusal_that_is_about_nothing_optional_is_told_at_once(
    provider: Provider, wire: ProviderWire
) -> None:
    wire.refuse = lambda _body: "The account is not active."
    reply = await opened(provider)
    assert reply.usage.model == "scripted"
    assert len(wire.asked) == 1


def test_thinking_is_turned_off_where_there_is_a_switch_for_it() -> None:
    assert thinking_options("ollama", "") == {"reasoning": False}
    assert thinking_options("ollama", "low") == {"reasoning": "low"}
    assert thinking_options("google_genai", "") == {"thinking_budget": 0}
    assert thinking_options("google_genai", "low") == {"reasoning_effort": "low"}
    assert thinking_options("azure_openai", "") == {}
    assert thinking_options("azure_openai", "none") == {"reasoning_effort": "none"}
    assert thinking_options("anthropic", "") == {}


def test_instructions_without_a_system_role_come_first() -> None:
    messages = [SystemMessage("A."), HumanMessage("B."), AIMessage("C.")]
    assert [m.text for m in without_system_role(messages)] == ["A.\n\nB.", "C."]
    assert [m.text for m in without_system_role(messages[:1])] == ["A."]
    assert [m.text for m in without_system_role([messages[0], messages[2]])] == ["A.", "C."]
    assert without_system_role(messages[1:]) == messages[1:]


def test_the_models_of_other_providers_are_ours_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-test")
    assert isinstance(chat_model("anthropic:claude-test"), ProviderChat)
