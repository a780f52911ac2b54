"""Replies of servers that speak the OpenAI API, read whatever they hold."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.openai_replies import MIN_PIECE_BYTES, transcription_of, whole_samples
from audio.speech import SpeechUnavailable


def pieces_of(reply: Any) -> list[tuple[str, float | None, float | None, int]]:
    return [
        (p.text, p.no_speech_prob, p.avg_logprob, p.tokens)
        for p in transcription_of(json.dumps(reply).encode(), "host")
    ]


def test_json_verbose_json_and_logprobs_are_read() -> None:
    assert pieces_of({"text": " Hello. "}) == [("Hello.", None, None, 1)]
    segment = {"text": " a b", "no_speech_prob": 0.2, "avg_logprob": -0.5, "tokens": [1, 2]}
    assert pieces_of({"text": "a b", "segments": [segment, {"text": "c"}]}) == [
        ("a b", 0.2, -0.5, 2),
        ("c", None, None, 1),
    ]
    assert pieces_of({"text": "a", "segments": [], "logprobs": None}) == [("a", None, None, 1)]
    logprobs = [{"token": "a", "logprob": -1}, {"token": "b", "logprob": -3}]
    assert pieces_of({"text": "a b", "logprobs": logprobs}) == [("a b", None, -2.0, 2)]
    assert pieces_of({"text": "", "segments": [{"text": "", "avg_logprob": float("nan")}]}) == [
        ("", None, None, 1)
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b'{"text": 5}',
        b'{"words": []}',
        b'{"text": "a", "segments": 5}',
        b'{"text": "a", "segments": ["b"]}',
        b'{"text": "a", "segments": [{}]}',
        b'{"text": "a", "logprobs": [{}]}',
        b'{"text": "a", "logprobs": [{"logprob": 1' + b"0" * 400 + b"}]}",
        b"[" * 100_000,
    ],
)
def test_anything_else_is_not_a_transcription(body: bytes) -> None:
    with pytest.raises(SpeechUnavailable, match="host answered with something"):
        transcription_of(body, "host")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["text", "segments", "logprobs", "logprob", "tokens"]), inner, max_size=4
    ),
    max_leaves=12,
)


@given(_JSON)
def test_no_json_breaks_the_reader(reply: Any) -> None:
    with suppress(SpeechUnavailable):
        assert all(isinstance(text, str) for text, *_ in pieces_of(reply))


async def _stream(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@given(st.lists(st.binary(max_size=2 * MIN_PIECE_BYTES), max_size=8))
async def test_pieces_are_whole_samples_in_order(chunks: list[bytes]) -> None:
    pieces = [piece async for piece in whole_samples(_stream(chunks))]
    whole = b"".join(chunks)
    assert b"".join(pieces) == whole[: len(whole) // 2 * 2]
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert all(len(piece) >= MIN_PIECE_BYTES - 1 for piece in pieces[:-1])
