"""Scripted chat model: follows the plan by the script, without a language model.

It takes what any chat model takes, messages, and writes what any chat model writes, text with a
header; the dialogue state that it decides from stands as data beside the system prompt.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from sessions.interviewer.dialogue_state import STATE_KEY, DialogueState
from sessions.interviewer.reply_parser import write_header
from sessions.interviewer.scripted.script import decide


class ScriptedChatModel(BaseChatModel):
    """Chat model that writes what `sessions.interviewer.scripted.script` decides.

    Raises ValueError if no message carries the dialogue state.
    """

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = _write(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(_write(messages)):
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(_write(messages)):
            if run_manager is not None:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def _write(messages: Sequence[BaseMessage]) -> str:
    for message in messages:
        if isinstance(message, SystemMessage) and STATE_KEY in message.additional_kwargs:
            state = DialogueState.model_validate(message.additional_kwargs[STATE_KEY])
            decision = decide(state)
            header = write_header(decision.kind, decision.question, decision.detail)
            return f"{header}\n{decision.text}"
    raise ValueError(
        "The scripted interviewer needs a system message that carries the dialogue state."
    )


def _chunks(text: str) -> Iterator[ChatGenerationChunk]:
    """Yield the text word by word, as a language model would."""
    words = text.split(" ")
    for number, word in enumerate(words):
        piece = word if number == len(words) - 1 else f"{word} "
        yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
