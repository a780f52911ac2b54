"""Refusals of a provider: the reason that it gives, and the parameters that it does not take.

Servers that speak OpenAI's API word a refusal in many ways; what is read here is any of them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from sessions.interviewer.language_model.learnt_refusals import SYSTEM_ROLE

MAX_REASON_CHARS = 200
"""Length of a reason at most, as it is shown: a sentence or two."""

ECHO_WORDS = 4
"""Words in a row, as they stand in a prompt, from which on a reason quotes it."""

MANDATORY = frozenset({"model", "messages", "stream"})
"""Parameters without which there is no reply."""

REFUSED_STATUSES = frozenset({400, 404, 405, 406, 415, 422, 501})
"""HTTP statuses that a parameter may be the reason of."""


def reason_in(body: bytes) -> str:
    """Return the provider's own sentence in the body of an error; "" if there is none."""
    return _short(" ".join(_sentences(_parsed(body))))


def without_words_of(request: Mapping[str, Any], reason: str) -> str:
    """Return a reason, or "" if it quotes what the request said: a candidate's words are no log's.

    Quotations of some length go in any case.
    """
    reason = re.sub(r"(['\"`])(?=[^'\"`]{30})[^'\"`]*\1?", "…", reason)
    said = [str(message.get("content", "")) for message in request.get("messages", ())]
    known = {run for text in said for run in _runs(text)}
    return "" if any(run in known for run in _runs(reason)) else reason


def refused_options(request: Mapping[str, Any], body: bytes) -> frozenset[str]:
    """Return the parameters of a request that a refusal is about, and that it can do without."""
    options = [name for name in request if name not in MANDATORY]
    parsed = _parsed(body)
    if _NO_SYSTEM.search(body.decode("utf-8", "replace")) and any(
        message.get("role") == "system" for message in request.get("messages", ())
    ):
        return frozenset({SYSTEM_ROLE})
    for text in (
        " ".join(_places(parsed)),
        " ".join(_sentences(parsed)),
        body.decode("utf-8", "replace"),
    ):
        bare = re.sub(r"[\W_]+", "", text.lower())
        named = {name for name in options if any(word in bare for word in _words_of(name))}
        if named:
            return frozenset(named)
    vague = _VAGUE.search(body.decode("utf-8", "replace"))
    return frozenset({"stream_options"} & set(options)) if vague else frozenset()


# --- helpers ----------------------------------------------------------------------------------

_VAGUE = re.compile(
    r"unknown|unsupported|not supported|unexpected|unrecogni[sz]ed|extra|not permitted|not allowed|"
    r"invalid (?:param|field|arg|prop)|additional ?propert",
    re.IGNORECASE,
)
"""Words of a refusal that names no parameter."""


_NO_SYSTEM = re.compile(
    r"system['\"` ]*(?:role|message|prompt|instruction)s?\b[^.]{0,40}(?:not|un)[- ]?"
    r"(?:be )?(?:supported|allowed|accepted|enabled)"
    r"|only user,? (?:and )?assistant|roles? must alternate|must start with a user",
    re.IGNORECASE,
)
"""Words of a chat template, or of a server, that knows no message of the system."""

_ALIASES = {
    "stream_options": ("includeusage",),
    "thinking_budget": ("budget0", "thinkingconfig", "thinkingmode", "thinkinglevel"),
    "reasoning": ("supportthinking", "thinkvalue", "think"),
}
"""Other words by which a refusal may name a parameter."""


def _words_of(name: str) -> tuple[str, ...]:
    return (name.replace("_", ""), *_ALIASES.get(name, ()))


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        return "" if "<html" in text.lower() or "<!doctype" in text.lower() else text


def _sentences(value: object, depth: int = 0) -> Iterator[str]:
    """Yield what is worded in an error: in `message`, `detail`, `error`, `msg` of any nesting."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < 4:
        for item in value[:5]:
            yield from _sentences(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        for key in (
            "error",
            "errors",
            "message",
            "msg",
            "detail",
            "details",
            "description",
            "title",
        ):
            if value.get(key):
                if key == "msg" and isinstance(value.get("loc"), list):
                    yield f"{'.'.join(map(str, value['loc']))}:"
                yield from _sentences(value[key], depth + 1)
                break


def _places(value: object, depth: int = 0) -> Iterator[str]:
    """Yield what an error names as its place: `param`, `loc`, `field` of any nesting."""
    if isinstance(value, list) and depth < 5:
        for item in value:
            yield from _places(item, depth + 1)
    elif isinstance(value, dict) and depth < 5:
        for key, inner in value.items():
            if key in ("param", "parameter", "loc", "field", "property", "path", "pointer"):
                yield str(inner)
            elif key not in ("input", "ctx"):
                yield from _places(inner, depth + 1)


def _short(text: str) -> str:
    text = re.sub(r"\b(?:sk|pk|key|Bearer)[-_ ][\w*.-]{6,}", "…", " ".join(text.split()))
    if len(text) <= MAX_REASON_CHARS:
        return text
    return text[: text.rfind(" ", 0, MAX_REASON_CHARS)] + " …"


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    for at in range(len(words) - ECHO_WORDS + 1):
        yield tuple(words[at : at + ECHO_WORDS])
