"""Interviewer over any LangChain chat model, the scripted one included.

One streaming call a turn. The reply's header becomes the Move, the rest is cleaned for speech; a
model that is late, cut off or silent raises InterviewerError and holds no turn up. LangChain takes
a second to import: that is done in a thread when a model is built, so that a server can listen
before.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from audio.well_formed import WellFormedStream
from sessions.interviewer.language_model.fallback import FallbackInterviewer
from sessions.interviewer.progress import Progress, progress_in
from sessions.interviewer.protocol import Conversation, InterviewerError, ReplyPart, Usage
from sessions.interviewer.reply_reader import ReplyReader
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

MAX_REPLY_S = 30.0
"""Time within which a reply must be written, however steadily it comes."""

SCRIPTED = "scripted"
"""Name of the model that stands for the scripted interviewer."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a model, as the provider's price list states them."""

    input_usd: float
    """US dollars for a million tokens of prompts."""

    output_usd: float
    """US dollars for a million tokens of replies."""

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return the price of one call in US dollars."""
        return (input_tokens * self.input_usd + output_tokens * self.output_usd) / 1_000_000


class LangChainInterviewer:
    """Interviewer over a chat model.

    `build` returns the model; it may import much, so it is called once, in a thread, when the model
    is first needed. Timeouts are in seconds: until the first text that is to be spoken (what it
    thinks is none), and from there on between two pieces. `memory_token_budget` bounds the turns in
    a prompt. `verbatim`: the model is the scripted one, whose words stand as they are.
    """

    def __init__(
        self,
        build: "Callable[[], BaseChatModel]",
        name: str,
        *,
        first_token_timeout_s: float = 4.0,
        between_tokens_timeout_s: float = 3.0,
        memory_token_budget: int = 3_000,
        prices: Prices | None = None,
        verbatim: bool = False,
    ) -> None:
        self._build = build
        self._name = name
        self._first_s = first_token_timeout_s
        self._between_s = between_tokens_timeout_s
        self._budget = memory_token_budget
        self._prices = prices
        self._verbatim = verbatim
        self._building = asyncio.Lock()
        self._built: BaseChatModel | None = None

    @property
    def model(self) -> str:
        """Name of the model, as it is stored with each turn."""
        return self._name

    async def warm_up(self) -> None:
        """Import and build what a reply needs, in a thread.

        Raises InterviewerError if the model is not installed or set up wrongly.
        """
        await self._chat_model()

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply: one Move, text, one Usage.

        Raises InterviewerError; if that is before the Move, nothing was spoken.
        """
        chat_model = await self._chat_model()
        progress = progress_in(conversation)
        usage = _TokenCount()
        started = asyncio.Event()
        prompt = self._messages(conversation, progress)
        tokens = self._tokens(chat_model, prompt, usage, started)
        reader = ReplyReader(conversation, progress, verbatim=self._verbatim)
        spoken = False
        async with aclosing(tokens):
            async for token in tokens:
                for part in reader.feed(token):
                    spoken = True
                    started.set()
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
        async with self._building:
            if self._built is None:
                return
            from sessions.interviewer.language_model.openai_chat import OpenAIChat
            from sessions.interviewer.language_model.provider_chat import ProviderChat

            if isinstance(self._built, OpenAIChat | ProviderChat):
                await self._built.close()

    # --- the call ---------------------------------------------------------------------------

    def _messages(self, conversation: Conversation, progress: Progress) -> "list[BaseMessage]":
        from sessions.interviewer.language_model.prompt import prompt_messages

        return prompt_messages(conversation, progress, self._budget)

    async def _tokens(
        self,
        chat_model: "BaseChatModel",
        prompt: "list[BaseMessage]",
        usage: "_TokenCount",
        started: asyncio.Event,
    ) -> AsyncGenerator[str, None]:
        """Yield the reply's text as it comes, within the deadlines. Empty pieces extend none.

        `started` says that something of it is spoken by now.
        """
        loop = asyncio.get_running_loop()
        last = loop.time() + MAX_REPLY_S
        deadline = loop.time() + self._first_s
        whole = WellFormedStream()
        chunks = cast("AsyncGenerator[AIMessageChunk, None]", chat_model.astream(prompt))
        async with aclosing(chunks) as stream:
            while True:
                try:
                    async with asyncio.timeout_at(min(deadline, last)):
                        chunk = await anext(stream, None)
                except TimeoutError:
                    raise self._late(started.is_set()) from None
                except Exception as error:
                    from sessions.interviewer.language_model.chat_models import provider_error

                    raise provider_error(self._name, error) from error
                if chunk is None:
                    return
                usage.add(chunk)
                text = whole.feed(chunk.text)
                if text:
                    yield text
                    if started.is_set():
                        deadline = loop.time() + self._between_s

    def _late(self, started: bool) -> InterviewerError:
        what = "stopped in the middle of a reply" if started else "did not begin to reply in time"
        return InterviewerError(f"The language model {self._name} {what}.", retryable=True)

    def _usage(self, tokens: "_TokenCount") -> Usage:
        cost = None if self._prices is None else self._prices.cost(tokens.input, tokens.output)
        return Usage(self._name, tokens.input, tokens.output, cost)

    async def _chat_model(self) -> "BaseChatModel":
        if self._built is None:
            async with self._building:
                if self._built is None:
                    self._built = await asyncio.to_thread(self._build_and_warm)
        return self._built

    def _build_and_warm(self) -> "BaseChatModel":
        """Build the model, and go once through everything but the call.

        LangChain imports much of itself only at the first use (about 2.5 s).
        """
        from sessions.interviewer.scripted.chat_model import ScriptedChatModel

        model = self._build()
        conversation = Conversation(demo_plan(), "", "en", (), Cause.OPENING)
        messages = self._messages(conversation, progress_in(conversation))
        for _ in ScriptedChatModel().stream(messages):
            pass
        return model


# --- building ---------------------------------------------------------------------------------


def scripted_interviewer(memory_token_budget: int = 3_000) -> LangChainInterviewer:
    """Return the interviewer that needs no language model."""

    def build() -> "BaseChatModel":
        from sessions.interviewer.scripted.chat_model import ScriptedChatModel

        return ScriptedChatModel()

    return LangChainInterviewer(
        build,
        SCRIPTED,
        memory_token_budget=memory_token_budget,
        prices=Prices(0.0, 0.0),
        verbatim=True,
    )


def language_model(
    name: str,
    *,
    label: str | None = None,
    temperature: float | None = None,
    effort: str = "",
    api_key: str | None = None,
    base_url: str | None = None,
    first_token_timeout_s: float = 4.0,
    between_tokens_timeout_s: float = 3.0,
    max_retries: int = 2,
    memory_token_budget: int = 3_000,
    prices: Prices | None = None,
) -> LangChainInterviewer:
    """Return the interviewer over the language model `name`, which is called `label` on record.

    `chat_models` beside this file says what names there are. Nothing heavy happens before
    `warm_up`.
    """

    def build() -> "BaseChatModel":
        from sessions.interviewer.language_model.chat_models import chat_model

        return chat_model(
            name,
            temperature=temperature,
            effort=effort,
            api_key=api_key,
            base_url=base_url,
            max_retries=max_retries,
        )

    return LangChainInterviewer(
        build,
        label or name,
        first_token_timeout_s=first_token_timeout_s,
        between_tokens_timeout_s=between_tokens_timeout_s,
        memory_token_budget=memory_token_budget,
        prices=prices,
    )


def model_interviewer(
    name: str, *, memory_token_budget: int = 3_000, **how: Any
) -> FallbackInterviewer:
    """Return the interviewer over one language model, with the scripted one as its backup.

    `how` goes to `language_model`.
    """
    model = language_model(name, memory_token_budget=memory_token_budget, **how)
    return FallbackInterviewer(model, scripted_interviewer(memory_token_budget))


# --- helpers ----------------------------------------------------------------------------------


class _TokenCount:
    """Sum of the tokens over the pieces of a reply."""

    def __init__(self) -> None:
        self.input = self.output = 0

    def add(self, chunk: "AIMessageChunk") -> None:
        if chunk.usage_metadata is not None:
            self.input += chunk.usage_metadata["input_tokens"]
            self.output += chunk.usage_metadata["output_tokens"]
