"""Chat models by name: which LangChain model a setting means, and what its errors mean.

Importing this module imports LangChain (about 1 s): do it late, and in a thread.
"""

import asyncio
import os
import re
from typing import Any

import orjson
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from audio.metering import Service
from audio.providers.known_models import known_model
from sessions.interviewer.language_model.completion_stream import CompletionError
from sessions.interviewer.language_model.openai_chat import ChatCompletions, OpenAIChat
from sessions.interviewer.language_model.provider_chat import (
    ProviderChat,
    status_of,
    thinking_options,
)
from sessions.interviewer.language_model.refusals import reason_in
from sessions.interviewer.protocol import InterviewerError


def chat_model(
    name: str,
    *,
    temperature: float | None = None,
    effort: str = "",
    api_key: str | None = None,
    base_url: str | None = None,
    max_retries: int = 2,
) -> BaseChatModel:
    """Build the model that `name` means, as init_chat_model names one ("openai:gpt-6-luna").

    `effort` is the reasoning effort; "" for the one that the table of known models has for live
    talk. OpenAI's models are an `OpenAIChat`; `api_key` and `base_url` are for them alone. Other
    providers read their own environment variables, and their packages take seconds to import: call
    this in a thread. Raises InterviewerError if the package or the key is missing, or the name
    means nothing.
    """
    provider, model = _provider(name)
    if provider == "openai":
        key = _openai_key(name, api_key, base_url)
        client = ChatCompletions(key, base_url, max_retries=max_retries)
        effort = effort or live_effort(name)
        return OpenAIChat(
            client=client,
            model_name=model,
            temperature=temperature if effort in ("", "none") else None,
            effort=effort,
        )
    thinking = thinking_options(provider, effort)
    given: dict[str, Any] = {"max_retries": max_retries, **thinking}
    if provider == "ollama":
        del given["max_retries"]  # its package makes no second attempt
    if temperature is not None:
        given["temperature"] = temperature
    try:
        return ProviderChat(
            name_there=name, options=given, optional=frozenset({"temperature", *thinking})
        )
    except ImportError as error:
        raise InterviewerError(_not_installed(name, error)) from error
    except Exception as error:  # each provider's client raises types of its own
        reason = str(error).strip().split("\n", 1)[0][:300]
        raise InterviewerError(f"The language model {name} cannot be set up: {reason}") from error


def live_effort(name: str) -> str:
    """Return the reasoning effort to send to a model in live talk, "" to send none.

    Without one a model thinks as long as it does by itself, and its first word is late.
    """
    model = known_model(name)
    return model.effort if model is not None and model.kind is Service.LANGUAGE else ""


async def try_out(
    name: str,
    *,
    temperature: float | None,
    api_key: str | None,
    base_url: str | None,
    timeout_s: float,
) -> None:
    """Have a model say one word, with the parameters of an interview. Raises InterviewerError."""
    model = chat_model(
        name, temperature=temperature, api_key=api_key, base_url=base_url, max_retries=0
    )
    try:
        async with asyncio.timeout(timeout_s):
            await model.ainvoke([SystemMessage("Reply with one word."), HumanMessage("Say hello.")])
    except TimeoutError:
        problem = f"The language model {name} does not reply within {timeout_s:.0f} s."
        raise InterviewerError(problem) from None
    except Exception as error:  # each provider's client raises types of its own
        raise provider_error(name, error) from error
    finally:
        if isinstance(model, OpenAIChat | ProviderChat):
            await model.close()


def _provider(name: str) -> tuple[str, str]:
    """Return the provider that a name states, and the model's name there.

    A bare gpt- name is OpenAI's, as with init_chat_model.
    """
    provider, colon, model = name.partition(":")
    if colon:
        return provider.replace("-", "_").lower(), model
    return "openai" if re.match(r"gpt-|o\d|chatgpt", name) else "", name


def _openai_key(name: str, api_key: str | None, base_url: str | None) -> str:
    if api_key:
        return api_key
    if base_url:
        return "not-needed"  # a server of the operator's own
    if key := os.environ.get("OPENAI_API_KEY"):
        return key
    raise InterviewerError(
        f"The language model {name} needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a "
        "server of your own, or choose the scripted interviewer."
    )


def _not_installed(name: str, error: ImportError) -> str:
    found = re.search(r"langchain[-_][\w-]+", str(error))
    provider = _provider(name)[0]
    package = found[0].replace("_", "-") if found else f"langchain-{provider}"
    how = (
        f"uv sync --inexact --extra {EXTRAS[provider]}"
        if provider in EXTRAS
        else f"uv add {package}"
    )
    return (
        f"The language model {name} needs the package {package}, which is not installed: add it "
        f"with `{how}`."
    )


EXTRAS = {"anthropic": "anthropic", "google_genai": "google", "ollama": "ollama"}
"""Extra of Viva that brings a provider's package."""


def provider_error(name: str, error: Exception) -> InterviewerError:
    """Return a provider's exception as one of ours.

    Providers share no types, but nearly all exceptions carry the HTTP status, and many the body of
    the answer, with the reason of a refusal.
    """
    reason = _reason_of(error)
    status = status_of(error)
    who = f"The language model {name}"
    if isinstance(error, CompletionError) and status is None:
        return InterviewerError(f"{who} {error}.", retryable=True)
    if status in (401, 403):
        return InterviewerError(f"{who} is refused: the provider does not accept the key.")
    if status == 404:
        return InterviewerError(f"{who} is not known to the provider{reason or '.'}")
    if status == 429:
        return InterviewerError(
            f"{who} is over its rate limit or quota{reason or '.'}", retryable=True
        )
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409):
        return InterviewerError(f"{who} refused the request (HTTP {status}){reason or '.'}")
    if isinstance(status, int):
        return InterviewerError(f"{who} failed (HTTP {status}).", retryable=True)
    kind = type(error).__name__
    if isinstance(error, OSError) or "Connection" in kind or "Timeout" in kind:
        return InterviewerError(f"{who} cannot be reached.", retryable=True)
    return InterviewerError(f"{who} failed: {kind}.", retryable=True)


def _reason_of(error: Exception) -> str:
    """Return the provider's sentence in an exception, behind a colon; "" if there is none."""
    if isinstance(error, CompletionError):
        reason = error.reason
    else:
        body = getattr(error, "body", None)
        reason = reason_in(orjson.dumps(body)) if isinstance(body, dict | list) else ""
    return f": {reason}" if reason else ""
