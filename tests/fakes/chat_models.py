"""A chat model that streams what a test hands it: text, silence, errors, token counts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field

Piece = str | Exception | asyncio.Event | tuple[int, int]
"""Text, an error to raise, an event to wait for, or (input tokens, output tokens)."""


class StreamingDouble(BaseChatModel):
    """`script` makes the pieces of a reply from the messages it gets; `asked` keeps those."""

    script: Callable[[Sequence[BaseMessage]], Sequence[Any]]
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    closed: list[bool] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "double"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise AssertionError("the interviewer streams")

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.asked.append(list(messages))
        try:
            for piece in self.script(messages):
                match piece:
                    case str():
                        yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
                    case Exception():
                        raise piece
                    case asyncio.Event():
                        await piece.wait()
                    case (int() as given, int() as made):
                        usage = {"input_tokens": given, "output_tokens": made}
                        usage["total_tokens"] = given + made
                        chunk = AIMessageChunk(content="", usage_metadata=usage)
                        yield ChatGenerationChunk(message=chunk)
        finally:
            self.closed.append(True)


def saying(*pieces: Piece) -> StreamingDouble:
    """A model whose every reply is made of these pieces."""
    return StreamingDouble(script=lambda _messages: pieces)
