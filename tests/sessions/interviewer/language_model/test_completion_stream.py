"""Replies in every form that servers give them: only what is to be said comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.interviewer.language_model.completion_stream import (
    CompletionChunk,
    CompletionError,
    CompletionStream,
)

SECRET = "The candidate was weak."
SAID = "[[hold]] Hello."


def events(*deltas: Any, end: bool = True, **extra: Any) -> bytes:
    rows: list[Any] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    if end:
        rows.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]} | extra)
    return "".join(f"data: {json.dumps(row)}\n\n" for row in rows).encode()


def whole(message: Any, **extra: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice]} | extra, indent=1).encode()


def read(data: bytes, size: int = 7) -> tuple[str, CompletionStream]:
    stream = CompletionStream()
    text = "".join(stream.feed(data[at : at + size]) for at in range(0, len(data), size))
    return text + stream.flush(), stream


REPLIES = {
    "strings": events({"content": "[[hold]] "}, {"content": "Hello."}),
    "empty deltas": events(
        {"role": "assistant", "content": ""}, {}, None, {"content": None}, {"content": SAID}
    ),
    "no choices": b'data: {"choices": []}\n\ndata: {"choices": null}\n\n'
    + events({"content": SAID}),
    "comments": b": keep-alive\n\nevent: message\nid: 4\nretry: 3\n" + events({"content": SAID}),
    "empty data": b"data:\n\ndata: \n\n" + events({"content": SAID}),
    "parts": events({"content": [{"type": "text", "text": SAID}]}),
    "parts without a type": events({"content": [{"text": "[[hold]] "}, "Hello."]}),
    "parts of thoughts": events(
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": SECRET}]}]},
        {"content": [{"type": "reasoning", "text": SECRET}, {"type": "output_text", "text": SAID}]},
    ),
    "parts of other kinds": events(
        {"content": [{"type": "refusal", "refusal": SECRET}, {"type": "text", "text": None}, 5]},
        {"content": SAID},
    ),
    "fields of thoughts": events(
        {"reasoning_content": SECRET, "content": None},
        {"reasoning": SECRET},
        {"reasoning_details": [{"type": "reasoning.text", "text": SECRET}]},
        {"thinking": SECRET, "content": SAID},
    ),
    "a message in an event": b'data: {"choices":[{"message":{"content":"[[hold]] Hello."},'
    b'"finish_reason":"stop"}]}\n\n',
    "stream ignored": whole({"role": "assistant", "content": SAID}),
    "stream ignored, with thoughts": b"\n "
    + whole({"reasoning_content": SECRET, "content": [{"type": "text", "text": SAID}]}),
}


@pytest.mark.parametrize("size", [1, 9, 100_000])
@pytest.mark.parametrize("data", REPLIES.values(), ids=REPLIES.keys())
def test_the_reply_is_read_and_no_thought_with_it(data: bytes, size: int) -> None:
    text, stream = read(data, size)
    assert (text, stream.finished) == (SAID, True)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, (9, 2, 0)),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 4},
            },
            (9, 2, 4),
        ),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 5}, (9, 2, 5)),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 99},
            },
            (9, 2, 9),
        ),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}, (9, 2, 0)),
    ],
)
@pytest.mark.parametrize("form", ["events", "whole"])
def test_tokens_are_counted_the_cached_ones_apart(
    form: str, usage: Any, tokens: tuple[int, int, int]
) -> None:
    data = (
        events({"content": SAID}, usage=usage)
        if form == "events"
        else whole({"content": SAID}, usage=usage)
    )
    assert read(data)[1].usage == CompletionChunk("", *tokens)


def test_tokens_that_are_counted_with_every_event_are_not_added_up() -> None:
    rows = [
        {
            "choices": [{"delta": {"content": "Hi. "}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": n},
        }
        for n in (1, 2, 3)
    ]
    data = "".join(f"data: {json.dumps(row)}\n\n" for row in rows).encode()
    assert read(data)[1].usage == CompletionChunk("", 9, 3)


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": "many"}, {"prompt_tokens": 3}, [1], 7])
def test_a_count_that_is_none_costs_no_reply(usage: Any) -> None:
    text, stream = read(events({"content": SAID}, usage=usage))
    assert (text, stream.usage) == (SAID, None)


@pytest.mark.parametrize(
    "data",
    [
        b"data: [1]\n",
        b"data: nonsense\n",
        b'data: {"choices": [7]}\n',
        b"<html>\n",
        b'data: {"error": {"message": "x"}}\n',
        b"data: " + b"x" * 1_000_001,
        b"{" + b"x" * 1_000_001,
    ],
)
def test_what_is_no_reply_is_a_failure(data: bytes) -> None:
    with pytest.raises(CompletionError):
        read(data, 300_000)


@pytest.mark.parametrize(
    "data", [events({"content": SAID}, end=False), whole(SAID)[:-5], b"", b"{"]
)
def test_a_reply_that_breaks_off_is_not_finished(data: bytes) -> None:
    assert not read(data)[1].finished


@given(st.sampled_from(sorted(REPLIES)), st.lists(st.integers(1, 30), min_size=1))
def test_the_cuts_of_the_bytes_change_nothing(name: str, sizes: list[int]) -> None:
    data, stream, text, at, n = REPLIES[name], CompletionStream(), "", 0, 0
    while at < len(data):
        size = sizes[n % len(sizes)]
        text += stream.feed(data[at : at + size])
        at, n = at + size, n + 1
    assert text + stream.flush() == SAID
