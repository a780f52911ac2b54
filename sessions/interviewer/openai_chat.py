"""A LangChain chat model over our own lean client, for models that speak the OpenAI API.

LangChain's ChatOpenAI does far more than an interviewer needs, at three times the CPU, and its
connections cannot be closed. This one streams text and counts tokens, and can.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from sessions.completions import ChatCompletions, Piece

ROLES = {"system": "system", "human": "user", "ai": "assistant"}
"""LangChain's names of who says a message, and OpenAI's."""


class OpenAIChat(BaseChatModel):
    """`name` is the model's at the provider; `client` must be closed by `close` in the end.
    Options of a call go into the request's body. For use from an event loop. Raises
    CompletionError."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: ChatCompletions
    model_name: str
    temperature: float | None = None

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
        raise NotImplementedError("This model is asked from an event loop: call astream.")

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
        async with aclosing(self.client.stream(self._body(messages, stop, kwargs))) as pieces:
            async for piece in pieces:
                yield ChatGenerationChunk(message=_chunk(piece))

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


def _chunk(piece: Piece) -> AIMessageChunk:
    counted = piece.input_tokens + piece.output_tokens
    usage = (
        UsageMetadata(
            input_tokens=piece.input_tokens, output_tokens=piece.output_tokens, total_tokens=counted
        )
        if counted
        else None
    )
    return AIMessageChunk(content=piece.text, usage_metadata=usage)
