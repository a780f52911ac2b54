"""Sentence splitter: the same sentences however the stream is cut."""

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.sentences import MAX_SENTENCE_CHARS, SentenceSplitter


def split(text: str, size: int = 1) -> list[str]:
    splitter = SentenceSplitter()
    pieces: list[str] = []
    for start in range(0, len(text), size):
        pieces += splitter.feed(text[start : start + size])
    return pieces + splitter.flush()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello Dr. Smith. How are you?", ["Hello Dr. Smith.", "How are you?"]),
        ("He joined the U.S. Army. Then?", ["He joined the U.S. Army.", "Then?"]),
        ("I live in the U.S. What about you?", ["I live in the U.S.", "What about you?"]),
        ("No. 5 is good. No. Tell me.", ["No. 5 is good.", "No.", "Tell me."]),
        ("It takes 3.5 years. Right?", ["It takes 3.5 years.", "Right?"]),
        ("Hmm... let me see... What next?", ["Hmm... let me see...", "What next?"]),
        ("Well… Why?", ["Well…", "Why?"]),
        ("Really?! Yes! Good.", ["Really?!", "Yes!", "Good."]),
        ('She said "Stop." Then it was over.', ['She said "Stop."', "Then it was over."]),
        ('"Why?" he asked. (It was late.) So?', ['"Why?" he asked.', "(It was late.)", "So?"]),
        ("Use caches, e.g. Redis. And then?", ["Use caches, e.g. Redis.", "And then?"]),
        ("Logs, metrics, etc. Could you?", ["Logs, metrics, etc.", "Could you?"]),
        ("Ask J. Smith at Node.js. Plan B. Why?", ["Ask J. Smith at Node.js.", "Plan B.", "Why?"]),
        ("It was me and I. What now?", ["It was me and I.", "What now?"]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("1. First thing. Yes.", ["1. First thing.", "Yes."]),
        ("你好。你是谁？好", ["你好。", "你是谁？", "好"]),
        ("  spaced   out.  ", ["spaced out."]),
        ("", []),
        ("... —", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences
    assert split(text, 5) == sentences
    assert split(text, 10_000) == sentences


def test_a_sentence_comes_out_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("Thank you.") == []
    assert splitter.feed(" ") == []
    assert splitter.feed(' "W') == ["Thank you."]


def test_after_an_abbreviation_it_takes_the_whole_next_word() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("She left at 5 p.m.") == []
    assert splitter.feed(" The") == []
    assert splitter.feed("n") == []
    assert splitter.feed(" ") == ["She left at 5 p.m."]


def test_a_long_first_sentence_starts_at_a_clause() -> None:
    text = (
        "Thank you for explaining how your team works, which was easy to follow, "
        "and now I would like to hear more, if I may."
    )
    splitter = SentenceSplitter()
    first = splitter.feed(text[:60])
    assert first == ["Thank you for explaining how your team works,"]
    assert splitter.feed(text[60:]) == [], "only the first piece ends early"


def test_a_sentence_without_end_is_split_between_words() -> None:
    pieces = split("word " * 200)
    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in pieces)
    assert all(set(piece.split()) == {"word"} for piece in pieces)
    assert [len(piece) for piece in split("x" * 600)] == [
        MAX_SENTENCE_CHARS,
        MAX_SENTENCE_CHARS,
        120,
    ]


@pytest.mark.parametrize(
    "unit", [". ", "a. ", "x", "? ", "a.b", "\n", "Dr. ", "…", "a, ", "-- ", "' "]
)
def test_the_work_is_linear_whatever_the_text(unit: str) -> None:
    """Counted in steps of the interpreter, so that no clock decides."""

    def steps(text: str) -> int:
        count = 0

        def step(*_: object) -> Any:
            nonlocal count
            count += 1
            return step

        before = sys.gettrace()
        sys.settrace(step)
        try:
            pieces = split(text, 50)
        finally:
            sys.settrace(before)
        assert all(any(map(str.isalnum, piece)) for piece in pieces)
        return count

    assert steps(unit * 2_000) < 3 * steps(unit * 1_000) + 1_000


def test_a_splitter_can_be_used_again_after_a_flush() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("One. Tw") == ["One."]
    assert splitter.flush() == ["Tw"]
    assert splitter.feed("Three. Four ") == ["Three."]


SPEECH = st.lists(
    st.sampled_from(
        'Hello, there. U.S. Dr. No. 5 e.g. etc. 3.5 Why? Yes! Well... and — so; but: "Stop." (x) '
        "J. a.m. \n What is. 。 … I. extraordinarily long-winded considerations, ' \t".split(" ")
    ),
    max_size=60,
).map(" ".join)


@settings(deadline=None)
@given(SPEECH | st.text(max_size=400), st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_the_cuts_of_the_stream_change_nothing(text: str, cuts: list[int]) -> None:
    splitter = SentenceSplitter()
    pieces: list[str] = []
    position = number = 0
    while position < len(text):
        size = cuts[number % len(cuts)]
        pieces += splitter.feed(text[position : position + size])
        position += size
        number += 1
    assert pieces + splitter.flush() == split(text, max(1, len(text)))


@settings(deadline=None)
@given(SPEECH | st.text(max_size=400))
def test_no_letter_is_lost_and_every_piece_can_be_spoken(text: str) -> None:
    pieces = split(text, 7)

    def letters(of: str) -> str:
        return "".join(character for character in of if character.isalnum())

    assert letters("".join(pieces)) == letters(text)
    assert all(letters(piece) and piece == piece.strip() for piece in pieces)
    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in pieces)
