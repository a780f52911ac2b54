"""Dialects and keywords: what is sent is in the form that servers take, what comes is any JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.live_transcription.dialects import (
    OPTIONAL,
    LineOptions,
    OpenAIDialect,
    VllmDialect,
    refused_field,
)
from audio.providers.live_transcription.keywords import (
    MAX_KEYWORD_CHARS,
    MAX_KEYWORDS,
    MAX_TOTAL_CHARS,
    clean_keywords,
)
from audio.providers.live_transcription.sayings import LiveProblem

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KINDS = [
    "session.updated",
    "error",
    "input_audio_buffer.committed",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
    "conversation.item.input_audio_transcription.failed",
    "transcription.delta",
    "transcription.done",
]
FIELDS = ["item_id", "previous_item_id", "delta", "transcript", "usage", "error", "text"]


@given(st.lists(st.text(max_size=80) | st.sampled_from(["<b>", "a\nb", "\u2028", "\ud800"])))
def test_keywords_are_single_plain_lines_within_bounds(terms: list[str]) -> None:
    keywords = clean_keywords(terms)
    assert len(keywords) <= MAX_KEYWORDS
    assert sum(map(len, keywords)) <= MAX_TOTAL_CHARS
    for keyword in keywords:
        assert keyword.splitlines() == [keyword]
        assert keyword == keyword.strip()
        assert not set(keyword) & set("<>")
        assert len(keyword) <= MAX_KEYWORD_CHARS
        keyword.encode()
    assert len({keyword.casefold() for keyword in keywords}) == len(keywords)
    assert clean_keywords(keywords) == keywords


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_an_event_with_anything_in_it_is_read_or_left(kind: str, fields: dict[str, Any]) -> None:
    for dialect in (OpenAIDialect(), VllmDialect()):
        dialect.read({"type": kind} | fields)
        dialect.read({**fields, "type": [kind]})


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (LiveProblem(None, param="session.audio.input.transcription.keywords[3]"), "keywords"),
        (LiveProblem(None, param="session.audio.input.transcription.languages"), "languages"),
        (LiveProblem(None, param="session.audio.input.noise_reduction"), "noise_reduction"),
        (LiveProblem(None, message="Unknown parameter: 'delay'."), "delay"),
        (LiveProblem(None), "keywords"),
        (LiveProblem(None, param="session.audio.input.transcription.model"), ""),
        (LiveProblem(None, param="session.audio.input.format.rate"), ""),
        (LiveProblem(None, param="session.type"), ""),
    ],
)
def test_a_refusal_names_what_is_left_out(problem: LiveProblem, name: str) -> None:
    setup = OpenAIDialect().setup(LineOptions("gpt-live-transcribe", ["Raft"], "en"))
    assert refused_field(problem, setup) == name


def test_refusals_without_a_name_come_to_an_end() -> None:
    refused: set[str] = set()
    while name := refused_field(
        LiveProblem(None),
        OpenAIDialect().setup(LineOptions("gpt-live-transcribe", ["Raft"], "en", refused)),
    ):
        refused.add(name)
    assert refused == set(OPTIONAL)
