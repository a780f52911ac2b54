"""The interviewer on top of any LangChain chat model, the scripted one included.

One streaming call a turn. The reply's header becomes the Move, the rest is cleaned for speech; a
model that is late, cut off or silent is an InterviewerError, and never a hanging turn.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, SystemMessage

from sessions.interviewer.fallback import FallbackInterviewer
from sessions.interviewer.memory import remember
from sessions.interviewer.openai_chat import ChatCompletions, CompletionError, OpenAIChat
from sessions.interviewer.progress import Progress
from sessions.interviewer.prompt import brief_of, now, progress_in, system_prompt
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    ReplyPart,
    Usage,
)
from sessions.interviewer.reply_reader import ReplyReader
from sessions.interviewer.scripted.chat_model import BRIEF_KEY, ScriptedChatModel
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn

MAX_REPLY_S = 30.0
"""A reply must be written within this time, however steadily it drips."""

SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens, as the provider's price list states them."""

    input_usd: float
    output_usd: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """The price of one call in US dollars."""
        return (input_tokens * self.input_usd + output_tokens * self.output_usd) / 1_000_000


class LangChainInterviewer:
    """An `Interviewer` over a chat model. `model` is a model, or a function that builds one (it
    may import much: it is called once, in a thread). Timeouts are in seconds of silence: until
    the first text, and between two pieces of it."""

    def __init__(
        self,
        model: BaseChatModel | Callable[[], BaseChatModel],
        name: str,
        *,
        first_token_timeout_s: float = 4.0,
        between_tokens_timeout_s: float = 3.0,
        memory_token_budget: int = 3_000,
        prices: Prices | None = None,
    ) -> None:
        self._factory = None if isinstance(model, BaseChatModel) else model
        self._chat_model = model if isinstance(model, BaseChatModel) else None
        self._name = name
        self._first_s = first_token_timeout_s
        self._between_s = between_tokens_timeout_s
        self._budget = memory_token_budget
        self._prices = prices
        self._building = asyncio.Lock()
        self._rehearsed = False

    @property
    def model(self) -> str:
        """The model's name, as it is stored with each turn."""
        return self._name

    async def warm_up(self) -> None:
        """Import and build what a reply needs, in a thread. Raises InterviewerError if the model
        is not installed or set up wrongly."""
        await self._built()

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply: one Move, text, one Usage (with no tokens where the provider
        counts none). Raises InterviewerError; if before the Move, nothing was spoken."""
        chat_model = await self._built()
        progress = progress_in(conversation)
        usage = _Tokens()
        tokens = self._tokens(chat_model, self._prompt(conversation, progress), usage)
        reader = ReplyReader(conversation, progress)
        spoken = False
        async with aclosing(tokens):
            async for token in tokens:
                for part in reader.feed(token):
                    spoken = True
                    yield part
                if reader.full:
                    break
        for part in reader.flush():
            spoken = True
            yield part
        if not spoken:
            raise InterviewerError(f"The language model {self._name} said nothing.", retryable=True)
        yield self._usage(usage)

    async def close(self) -> None:
        """Close the model's connections, where they are ours."""
        if isinstance(self._chat_model, OpenAIChat):
            await self._chat_model.close()

    # --- the call ---------------------------------------------------------------------------

    def _prompt(self, conversation: Conversation, progress: Progress) -> list[BaseMessage]:
        brief = brief_of(conversation, progress).model_dump(mode="json")
        system = SystemMessage(
            system_prompt(conversation, progress), additional_kwargs={BRIEF_KEY: brief}
        )
        memory = remember(_record(conversation), self._budget, now(conversation, progress))
        return [system, *memory.as_messages()]

    async def _tokens(
        self, chat_model: BaseChatModel, prompt: list[BaseMessage], usage: "_Tokens"
    ) -> AsyncGenerator[str, None]:
        """The reply's text as it comes, under the deadlines. Empty pieces extend none."""
        loop = asyncio.get_running_loop()
        last = loop.time() + MAX_REPLY_S
        deadline = loop.time() + self._first_s
        started = False
        chunks = cast("AsyncGenerator[AIMessageChunk, None]", chat_model.astream(prompt))
        async with aclosing(chunks) as stream:
            while True:
                try:
                    async with asyncio.timeout_at(min(deadline, last)):
                        chunk = await anext(stream, None)
                except TimeoutError:
                    raise self._late(started) from None
                except Exception as error:
                    raise provider_error(self._name, error) from error
                if chunk is None:
                    return
                usage.add(chunk)
                text = chunk.text
                if text:
                    started = True
                    deadline = loop.time() + self._between_s
                    yield text

    def _late(self, started: bool) -> InterviewerError:
        what = "stopped in the middle of a reply" if started else "did not begin to reply in time"
        return InterviewerError(f"The language model {self._name} {what}.", retryable=True)

    def _usage(self, tokens: "_Tokens") -> Usage:
        cost = None if self._prices is None else self._prices.cost(tokens.input, tokens.output)
        return Usage(self._name, tokens.input, tokens.output, cost)

    async def _built(self) -> BaseChatModel:
        if not self._rehearsed:
            async with self._building:
                if not self._rehearsed:
                    await asyncio.to_thread(self._rehearse)
                    self._rehearsed = True
        if self._chat_model is None:
            raise InterviewerError(f"The language model {self._name} could not be built.")
        return self._chat_model

    def _rehearse(self) -> None:
        """Build the model, and go once through everything but the call: LangChain imports much
        of itself only at the first use (about 2.5 s)."""
        if self._chat_model is None and self._factory is not None:
            self._chat_model = self._factory()
        conversation = Conversation(demo_plan(), "", "en", (), Cause.OPENING)
        for _ in ScriptedChatModel().stream(self._prompt(conversation, progress_in(conversation))):
            pass


# --- building ---------------------------------------------------------------------------------


def scripted_interviewer(memory_token_budget: int = 3_000) -> LangChainInterviewer:
    """The interviewer that needs no language model."""
    return LangChainInterviewer(
        ScriptedChatModel(),
        SCRIPTED,
        memory_token_budget=memory_token_budget,
        prices=Prices(0.0, 0.0),
    )


def make_interviewer(
    choice: Literal["model", "scripted"],
    llm_model: str = "",
    *,
    temperature: float | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    first_token_timeout_s: float = 4.0,
    between_tokens_timeout_s: float = 3.0,
    max_retries: int = 2,
    memory_token_budget: int = 3_000,
    prices: Prices | None = None,
) -> Interviewer:
    """The interviewer that the settings ask for: a language model with the scripted interviewer
    to step in, or the scripted one alone. Nothing heavy happens before `warm_up`."""
    scripted = scripted_interviewer(memory_token_budget)
    if choice == "scripted":
        return scripted

    def build() -> BaseChatModel:
        return chat_model(
            llm_model,
            temperature=temperature,
            api_key=api_key,
            base_url=base_url,
            max_retries=max_retries,
        )

    model = LangChainInterviewer(
        build,
        llm_model,
        first_token_timeout_s=first_token_timeout_s,
        between_tokens_timeout_s=between_tokens_timeout_s,
        memory_token_budget=memory_token_budget,
        prices=prices,
    )
    return FallbackInterviewer(model, scripted)


def chat_model(
    name: str,
    *,
    temperature: float | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    max_retries: int = 2,
) -> BaseChatModel:
    """Build the model that `name` means, as init_chat_model names one ("openai:gpt-5.4-mini").

    OpenAI's are an `OpenAIChat`, for which alone `api_key` and `base_url` are; other providers
    read their own environment variables, and their packages take seconds to import, so call this
    in a thread. Raises InterviewerError if the package or the key is missing, or the name means
    nothing.
    """
    provider, model = _provider(name)
    if provider == "openai":
        key = _openai_key(name, api_key, base_url)
        client = ChatCompletions(key, base_url, max_retries=max_retries)
        return OpenAIChat(client=client, model_name=model, temperature=temperature)
    from langchain.chat_models import init_chat_model

    given: dict[str, Any] = {"max_retries": max_retries}
    if temperature is not None:
        given["temperature"] = temperature
    try:
        return cast("BaseChatModel", init_chat_model(name, **given))
    except ImportError as error:
        raise InterviewerError(_not_installed(name, error)) from error
    except Exception as error:  # each provider's client complains in its own type
        reason = str(error).strip().split("\n", 1)[0][:300]
        raise InterviewerError(f"The language model {name} cannot be set up: {reason}") from error


def _provider(name: str) -> tuple[str, str]:
    """The provider a name states, and the model's name there; a bare gpt- name is OpenAI's, as
    init_chat_model has it."""
    provider, colon, model = name.partition(":")
    if colon:
        return provider.replace("-", "_").lower(), model
    return "openai" if re.match(r"gpt-|o\d|chatgpt", name) else "", name


def _openai_key(name: str, api_key: str | None, base_url: str | None) -> str:
    if api_key:
        return api_key
    if base_url:
        return "not-needed"  # a server of one's own
    if key := os.environ.get("OPENAI_API_KEY"):
        return key
    raise InterviewerError(
        f"The language model {name} needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a "
        "server of your own, or choose the scripted interviewer."
    )


def _not_installed(name: str, error: ImportError) -> str:
    found = re.search(r"langchain[-_][\w-]+", str(error))
    package = found[0].replace("_", "-") if found else f"langchain-{_provider(name)[0]}"
    return (
        f"The language model {name} needs the package {package}, which is not installed: add it "
        f"with `uv add {package}`."
    )


def provider_error(name: str, error: Exception) -> InterviewerError:
    """A provider's exception as one of ours. Providers share no types, but nearly all carry the
    HTTP status."""
    status = getattr(error, "status_code", None)
    who = f"The language model {name}"
    if isinstance(error, CompletionError) and status is None:
        return InterviewerError(f"{who} {error}.", retryable=True)
    if status in (401, 403):
        return InterviewerError(f"{who} is refused: the provider does not accept the key.")
    if status == 404:
        return InterviewerError(f"{who} is not known to the provider.")
    if status == 429:
        return InterviewerError(f"{who} is over its rate limit or quota.", retryable=True)
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409):
        return InterviewerError(f"{who} refused the request (HTTP {status}).")
    if isinstance(status, int):
        return InterviewerError(f"{who} failed (HTTP {status}).", retryable=True)
    kind = type(error).__name__
    if isinstance(error, OSError) or "Connection" in kind or "Timeout" in kind:
        return InterviewerError(f"{who} cannot be reached.", retryable=True)
    return InterviewerError(f"{who} failed: {kind}.", retryable=True)


# --- helpers ----------------------------------------------------------------------------------


class _Tokens:
    """Token counts, added up over the pieces of a reply."""

    def __init__(self) -> None:
        self.input = self.output = 0

    def add(self, chunk: AIMessageChunk) -> None:
        if chunk.usage_metadata is not None:
            self.input += chunk.usage_metadata["input_tokens"]
            self.output += chunk.usage_metadata["output_tokens"]


def _record(conversation: Conversation) -> list[Turn]:
    """The turns, with the words being answered as the last of them."""
    turns = list(conversation.turns)
    said = conversation.said.strip()
    last = turns[-1] if turns else None
    if said and not (last and last.speaker is Speaker.CANDIDATE and last.text.strip() == said):
        now_ms = last.ended_ms if last else 0
        turns.append(Turn(len(turns), Speaker.CANDIDATE, said, said, now_ms, now_ms))
    return turns
