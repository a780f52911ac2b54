"""Text without halves of surrogate pairs and NUL, whole and in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.speech import Transcript
from audio.well_formed import WellFormedStream, well_formed

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\0\ud83d\ude00\udbff\udc00")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("naïve 😀 日本", "naïve 😀 日本"),
        ("a\ud83d b", "a b"),
        ("\ude00b", "b"),
        ("\ud83d\ude00", "😀"),
        ("\ude00\ud83d", ""),
        ("\ud83d\ud83d\ude00", "😀"),
        ("nul\0 é", "nul é"),
        ("\ud83d\0\ude00", "😀"),
        ("\ud83d", ""),
    ],
)
def test_halves_are_joined_or_taken_out(text: str, expected: str) -> None:
    assert well_formed(text) == expected
    assert Transcript(text, None, 0, 0.0, "m").text == expected


@given(ANY_TEXT)
def test_whatever_comes_can_be_written_and_characters_stay(text: str) -> None:
    cleaned = well_formed(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert well_formed(cleaned) == cleaned
    if text.isprintable():
        assert cleaned == text


@given(st.lists(ANY_TEXT))
def test_pieces_make_the_same_text_wherever_they_are_cut(pieces: list[str]) -> None:
    stream = WellFormedStream()
    fed = [stream.feed(piece) for piece in pieces]
    for text in fed:
        text.encode()
    whole = "".join(piece.replace("\0", "") for piece in pieces)
    assert "".join(fed) == well_formed(whole)
