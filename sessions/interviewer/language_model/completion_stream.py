"""Completion stream: from the bytes of a reply of /chat/completions to its text and its tokens.

Read are server-sent events (WHATWG HTML, 9.2.6), however the bytes are cut, and the whole reply in
one JSON document, of a server that ignores `stream`. Text is what is to be spoken: parts of other
kinds in a list of content, and fields beside the content, hold what the model thinks.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

MAX_EVENT_BYTES = 1_000_000
"""Length of one event of the stream at most; it holds a few words."""

SPOKEN_PARTS = frozenset({"text", "output_text"})
"""Types of the parts in a list of content that are the reply; others are thoughts, tools, sound."""


class CompletionError(Exception):
    """Failure of the provider to complete a reply.

    The text continues a sentence that begins with the model's name ("cannot be reached");
    `status_code` is the HTTP status of a refusal, None where there was none; `reason` the
    provider's own words, "" where there are none or they quote the request.
    """

    def __init__(self, fault: str, status_code: int | None = None, reason: str = "") -> None:
        super().__init__(fault)
        self.status_code = status_code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CompletionChunk:
    """Chunk of a completion: what has come at once."""

    text: str = ""
    """Text of the reply; "" for none."""

    input_tokens: int = 0
    """Tokens of the prompt, in the chunk that reports them."""

    output_tokens: int = 0
    """Tokens of the reply, in the chunk that reports them."""

    cached_tokens: int = 0
    """Tokens of the prompt that the provider had kept from an earlier call."""


class CompletionStream:
    """Reader of one reply: takes bytes, returns text."""

    def __init__(self) -> None:
        self.finished = False
        """Whether the reply has come to its end."""

        self.usage: CompletionChunk | None = None
        """Tokens as the provider counted them last: some count with every event, and sum up."""

        self._rest = b""
        self._whole: bool | None = None

    def feed(self, data: bytes) -> str:
        """Take more bytes; return the text that is complete now. Raises CompletionError."""
        self._rest += data
        if self._whole is None and (begun := self._rest.lstrip()):
            self._whole = begun.startswith(b"{")
        if self._whole:
            self._check_length()
            return ""
        *lines, self._rest = self._rest.split(b"\n")
        self._check_length()
        return "".join(text for line in lines for text in self._line(line))

    def flush(self) -> str:
        """End the reply; return the text that was held back. Raises CompletionError."""
        if not self._whole:
            return ""
        event = _lenient(self._rest)
        if event is None:  # it broke off
            return ""
        text = "".join(self._event(event))
        self.finished = self.finished or bool(event.get("choices"))
        return text

    def _line(self, line: bytes) -> Iterator[str]:
        if line.startswith(b"data:"):
            data = line[5:].strip()
            if data == b"[DONE]":
                self.finished = True
            elif data:
                yield from self._event(_parsed(data))
        elif line.startswith(b"<"):  # a page of a proxy in between
            raise _unreadable()

    def _event(self, event: Any) -> Iterator[str]:
        if not isinstance(event, dict):
            raise _unreadable()
        if event.get("error"):
            raise CompletionError("reported a fault in the middle of a reply")
        try:
            for choice in event.get("choices") or ():
                delta = choice["delta"] if "delta" in choice else choice.get("message")
                yield from _spoken((delta or {}).get("content"))
                if choice.get("finish_reason"):
                    self.finished = True
                    break
        except (AttributeError, KeyError, TypeError):
            raise _unreadable() from None
        if usage := event.get("usage"):
            self.usage = _tokens_in(usage) or self.usage

    def _check_length(self) -> None:
        if len(self._rest) > MAX_EVENT_BYTES:
            raise _unreadable()


# --- helpers ----------------------------------------------------------------------------------


def _unreadable() -> CompletionError:
    return CompletionError("sent a reply that cannot be read")


def _spoken(content: Any) -> Iterator[str]:
    """Yield the text of a message's content: a string, or a list of parts."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, str):
                yield part
            elif isinstance(part, dict) and part.get("type", "text") in SPOKEN_PARTS:
                text = part.get("text")
                yield text if isinstance(text, str) else ""


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # perhaps of an emoji that is cut between two events
        return _lenient(data)


def _lenient(data: bytes) -> Any:
    """Parse JSON that may hold halves of surrogate pairs; None if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _tokens_in(usage: Any) -> CompletionChunk | None:
    try:
        asked, written = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (KeyError, TypeError, ValueError):
        return None
    return CompletionChunk("", max(0, asked), max(0, written), min(max(0, asked), _cached(usage)))


def _cached(usage: Any) -> int:
    details = usage.get("prompt_tokens_details")
    for found in (
        details.get("cached_tokens") if isinstance(details, dict) else None,
        usage.get("prompt_cache_hit_tokens"),
    ):
        if isinstance(found, int) and found > 0:
            return found
    return 0
